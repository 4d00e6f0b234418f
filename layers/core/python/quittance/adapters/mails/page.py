"""The frame around a mail's blocks: letterhead, greeting line in the preview, signature, dark mode."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from quittance.adapters.formats import NBSP
from quittance.adapters.mails.blocks import Block, shown
from quittance.adapters.mails.content import Sender

_FONT = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_STYLE = (
    "@media (prefers-color-scheme:dark){body,.q-page{background:#14181b!important}"
    ".q-card{background:#1d2327!important;color:#e6eaec!important}.q-tint{background:#283138!important}"
    ".q-soft{color:#aab4ba!important}.q-accent{color:#8cc5de!important}}"
    "@media (max-width:480px){.q-card{padding:20px 16px!important}.q-wide{display:none!important}}"
)


def _signature(sender: Sender) -> list[str]:
    return [line for line in (sender.name, *sender.address, sender.phone, sender.email) if line]


def as_text(blocks: Sequence[Block], regards: str, sender: Sender) -> str:
    """Return the plain text body; ends with a newline, spaces do not break amounts."""
    parts = [block.text() for block in blocks]
    signature = "\n".join(shown(line) for line in _signature(sender))
    return "\n\n".join([*parts, regards, f"-- \n{signature}"]).replace(NBSP, " ") + "\n"


def as_html(blocks: Sequence[Block], regards: str, sender: Sender, *, lang: str, subject: str, preview: str) -> str:
    """Return one self-contained HTML page without pictures or anything to fetch."""
    body = "".join(block.html() for block in blocks)
    signature = "<br>".join(escape(line) for line in _signature(sender)[1:])
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_STYLE}</style></head>"
        '<body style="margin:0;background:#eef1f3">'
        f'<div style="display:none;max-height:0;overflow:hidden">{escape(preview)}</div>'
        '<table role="presentation" class="q-page" width="100%" style="border-collapse:collapse;background:#eef1f3">'
        '<tr><td style="padding:16px 8px"><table role="presentation" width="100%" '
        'style="max-width:600px;margin:0 auto;border-collapse:collapse"><tr>'
        f'<td class="q-card" style="background:#ffffff;border-radius:8px;padding:28px 32px;color:#1d2327;'
        f'font:16px/1.5 {_FONT}">'
        '<p class="q-accent" style="margin:0 0 20px;font-size:18px;font-weight:600;color:#17506b">'
        f"{escape(sender.name)}</p>{body}"
        f'<p style="margin:24px 0 0">{escape(regards)}<br>{escape(sender.name)}</p>'
        f'<p class="q-soft" style="margin:16px 0 0;font-size:13px;color:#5a646b">{signature}</p>'
        "</td></tr></table></td></tr></table></body></html>\n"
    )
