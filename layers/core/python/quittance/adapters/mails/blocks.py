"""The parts a mail is made of; each is drawn as text for a terminal and as HTML for mail programs and phones."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import fill

from quittance.adapters.formats import NBSP

WIDTH = 72  # a line of plain text that survives quoting in replies

_INK, _SOFT, _ACCENT, _HAIR = "#1d2327", "#5a646b", "#17506b", "#d5dce0"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    words: str
    strong: bool = False

    def text(self) -> str:
        """Return it wrapped."""
        return wrapped(self.words)

    def html(self) -> str:
        """Return it as a paragraph."""
        weight = "font-weight:600;" if self.strong else ""
        return f'<p style="margin:0 0 16px;{weight}">{escape(self.words)}</p>'


@dataclass(frozen=True, slots=True)
class Section:
    """A question a reader has, and its answer."""

    title: str
    words: str
    strong: bool = False

    def text(self) -> str:
        """Return the title in capitals over its answer."""
        return f"{wrapped(self.title.upper())}\n{wrapped(self.words)}"

    def html(self) -> str:
        """Return the title as a small heading over its answer."""
        head = f'<h2 class="q-accent" style="margin:0 0 4px;font-size:15px;color:{_ACCENT}">{escape(self.title)}</h2>'
        weight = ";font-weight:600" if self.strong else ""
        return f'{head}<p style="margin:0 0 16px{weight}">{escape(self.words)}</p>'


@dataclass(frozen=True, slots=True)
class Details:
    """Labels with their values, for copying: bank details."""

    pairs: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """Return one line each, values in a column."""
        width = max((len(label) for label, _ in self.pairs), default=0) + 2
        return "\n".join(f"  {label + ':':<{width}}{shown(value)}" for label, value in self.pairs)

    def html(self) -> str:
        """Return a tinted table of two columns."""
        rows = "".join(
            f'<tr><td class="q-soft" style="padding:3px 16px 3px 0;color:{_SOFT};vertical-align:top">'
            f"{escape(label)}</td>"
            f'<td style="padding:3px 0;font-weight:600;overflow-wrap:anywhere">{escape(value)}</td></tr>'
            for label, value in self.pairs
        )
        box = "margin:0 0 16px;background:#eff4f6;border-radius:6px;padding:12px 16px"
        return f'<div class="q-tint" style="{box}"><table style="border-collapse:collapse">{rows}</table></div>'


@dataclass(frozen=True, slots=True)
class Table:
    """Invoices: the first column left, the last right; the last row is the total when `totalled`.

    A narrow screen shows the first and the last two columns only.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totalled: bool

    def text(self) -> str:
        """Return aligned columns, with a rule above the total."""
        everything = [tuple(map(shown, row)) for row in (self.headings, *self.rows)]
        widths = [max(len(row[column]) for row in everything) for column in range(len(self.headings))]
        lines = [_aligned(row, widths) for row in everything]
        rule = "  " + "-" * (sum(widths) + 2 * (len(widths) - 1))
        body = [lines[0], rule, *lines[1:]]
        if self.totalled:
            body.insert(-1, rule)
        return "\n".join(body)

    def html(self) -> str:
        """Return a table as wide as the mail, with a header row for screen readers."""
        head = "".join(self._cell("th", text, column) for column, text in enumerate(self.headings))
        body = "".join(self._row(row, last=index == len(self.rows) - 1) for index, row in enumerate(self.rows))
        style = "width:100%;border-collapse:collapse;margin:0 0 16px;font-size:15px"
        return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def _row(self, row: tuple[str, ...], *, last: bool) -> str:
        weight = ' style="font-weight:600"' if last and self.totalled else ""
        return f"<tr{weight}>{''.join(self._cell('td', text, column) for column, text in enumerate(row))}</tr>"

    def _cell(self, tag: str, text: str, column: int) -> str:
        last = len(self.headings) - 1
        style = f"text-align:{'right' if column == last else 'left'};vertical-align:top"
        style += f";padding:6px {0 if column == last else 8}px 6px 0;border-bottom:1px solid {_HAIR}"
        style += f";color:{_SOFT};font-weight:600;font-size:13px" if tag == "th" else ""
        style += ";white-space:nowrap" if column else ";overflow-wrap:anywhere"
        classes = ["q-soft"] * (tag == "th") + ["q-wide"] * (0 < column < last - 1)
        scope = ' scope="col"' if tag == "th" else ""
        named = f' class="{" ".join(classes)}"' if classes else ""
        return f'<{tag}{scope}{named} style="{style}">{escape(text)}</{tag}>'


@dataclass(frozen=True, slots=True)
class Link:
    """A web address to open; only https and http addresses are offered."""

    label: str
    url: str
    button: bool = False

    def text(self) -> str:
        """Return the label with the address on its own line, so that terminals can open it."""
        return f"{wrapped(self.label + ':')}\n{self.url}"

    def html(self) -> str:
        """Return a link, or a link that looks like a button."""
        look = f"color:{_ACCENT}"
        if self.button:
            look = f"display:inline-block;padding:12px 20px;border-radius:6px;background:{_ACCENT};color:#ffffff"
            look += ";font-weight:600;text-decoration:none"
        kind = "" if self.button else ' class="q-accent"'
        return (
            f'<p style="margin:0 0 16px"><a{kind} href="{escape(self.url)}" style="{look}">{escape(self.label)}</a></p>'
        )


type Block = Paragraph | Section | Details | Table | Link


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    *left, last = row
    cells = [f"{text:<{width}}" for text, width in zip(left, widths, strict=False)]
    return "  " + "  ".join([*cells, f"{last:>{widths[-1]}}"]).rstrip()


def shown(text: str) -> str:
    """Return a text on one line without characters that a terminal would act on."""
    return "".join(char if char.isprintable() or char == NBSP else " " for char in text)


def wrapped(text: str) -> str:
    """Return a text in lines of a readable width; amounts and dates stay whole."""
    return fill(shown(text), WIDTH, break_long_words=False, break_on_hyphens=False)
