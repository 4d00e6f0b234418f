"""The stand-in's state as a page that reads well on a phone."""

from __future__ import annotations

from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884;
  --ok: light-dark(#1a7f37, #4ac26b); --bad: light-dark(#b42318, #ff8182);
  --wait: light-dark(#9a6700, #d4a72c) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 56rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem }
article { border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1rem; margin: .6rem 0 }
article h3 { margin: 0; font-size: 1rem; display: flex; gap: .5rem; justify-content: space-between; flex-wrap: wrap }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0 0 }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
.active { color: var(--ok) } .suspended, .deleted, .expired, .disabled { color: var(--bad) }
.other { color: var(--wait) } .note { border-left: 4px solid var(--wait); padding-left: .7rem }
ol { padding-left: 0; list-style: none; font: .85rem/1.5 ui-monospace, monospace }
ol li { border-bottom: 1px solid var(--line); padding: .3rem 0; overflow-wrap: anywhere }
"""
_KNOWN = ("active", "suspended", "deleted", "expired", "disabled")


def render_page(state: dict[str, Any], requests: list[dict[str, Any]]) -> str:
    """Return the page: subscriptions first, then what was asked last, newest on top."""
    names = {customer["id"]: customer["name"] for customer in state["customers"]}
    subscriptions = "".join(_subscription(row, names) for row in state["subscriptions"]) or "<p>None yet.</p>"
    asked = "".join(_request(row) for row in reversed(requests)) or "<li>Nothing was asked yet.</li>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Stand-in Partner Center</title><style>{_STYLE}</style>"
        f"<h1>Stand-in Partner Center</h1><p>Virtual time <strong>{escape(state['now'])}</strong></p>{_fault(state)}"
        f"<h2>Subscriptions ({len(state['subscriptions'])})</h2>{subscriptions}"
        f"{_invoices(state)}<h2>Last requests</h2><ol>{asked}</ol></html>"
    )


def _fault(state: dict[str, Any]) -> str:
    fault = state["fault"]
    if not fault:
        return ""
    until = f" until {fault['until']}" if fault["until"] else ""
    return f'<p class="note">Fault on purpose: <strong>{escape(fault["mode"])}</strong>{escape(until)}</p>'


def _subscription(row: dict[str, Any], names: dict[str, str]) -> str:
    look = row["status"] if row["status"] in _KNOWN else "other"
    facts = {
        "Customer": names.get(row["customer"], row["customer"]),
        "Kind": f"{row['kind'].replace('_', ' ')}, quantity {row['quantity']}",
        "Since": row["since"],
        "Auto-renew": "on" if row["auto_renew"] else "off",
        "Term ends": row["term_ends"] or "open-ended",
        "Add-on to": row["parent"],
        "Change due": row["pending"],
        "Next term": "changes scheduled" if row["scheduled"] else None,
        "Entitlements": ", ".join(f"{name}: {status}" for name, status in row["entitlements"].items()),
    }
    rows = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in facts.items() if value)
    status = f'<span class="{look}">{escape(row["status"])}</span>'
    head = f"<h3>{escape(row['name'])} {status}</h3>"
    return f"<article>{head}<dl><dt>Id</dt><dd>{escape(row['id'])}</dd>{rows}</dl></article>"


def _invoices(state: dict[str, Any]) -> str:
    if not state["invoices"]:
        return ""
    rows = "".join(
        f"<article><h3>{escape(i['id'])} <span>{escape(i['total'])} {escape(i['currency'])}</span></h3>"
        f"<dl><dt>Dated</dt><dd>{escape(i['date'])}</dd><dt>Lines</dt><dd>{i['lines']}</dd></dl></article>"
        for i in state["invoices"]
    )
    return f"<h2>Invoices ({len(state['invoices'])})</h2>{rows}"


def _request(row: dict[str, Any]) -> str:
    wanted = " ".join(f"{key}={value}" for key, value in row["wanted"].items())
    outcome = "no answer" if not row["status"] else str(row["status"])
    if row["code"]:
        outcome += f" code {row['code']}"
    if row["replayed"]:
        outcome += " (repeated)"
    asked = escape(f"{row['at']} {row['method']} {row['path']} {wanted}")
    return f"<li>{asked} &rarr; {escape(outcome)}</li>"
