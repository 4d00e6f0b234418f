"""The parts of a public page; each draws itself as HTML and gives its sentences for the JSON form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from quittance.adapters.pages.words import PageWords


def counted(forms: tuple[str, str], count: int, **values: str) -> str:
    """Fill the singular or the plural form with {n}."""
    return forms[0 if count == 1 else 1].format(n=count, **values)


def joined(parts: Sequence[str], words: PageWords) -> str:
    """Join parts as a language lists them: "a, b and c"."""
    *first, last = parts or [""]
    return f"{', '.join(first)} {words.conjunction} {last}" if first else last


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    words: str

    def html(self) -> str:
        """Return it as HTML."""
        return f"<p>{escape(self.words)}</p>"

    def sentences(self) -> list[str]:
        """Return what it says."""
        return [self.words]


@dataclass(frozen=True, slots=True)
class Bullets:
    """Rules in no order."""

    rules: tuple[str, ...]

    def html(self) -> str:
        """Return them as an unordered list."""
        return f"<ul>{''.join(f'<li>{escape(rule)}</li>' for rule in self.rules)}</ul>"

    def sentences(self) -> list[str]:
        """Return what they say."""
        return list(self.rules)


@dataclass(frozen=True, slots=True)
class Steps:
    """Rules that follow each other; each a first sentence and what limits it."""

    steps: tuple[tuple[str, ...], ...]

    def html(self) -> str:
        """Return them as an ordered list."""
        return f"<ol>{''.join(f'<li>{self._step(step)}</li>' for step in self.steps)}</ol>"

    def sentences(self) -> list[str]:
        """Return what they say, one text per step."""
        return [" ".join(step) for step in self.steps]

    @staticmethod
    def _step(step: tuple[str, ...]) -> str:
        first, *limits = step
        return escape(first) + "".join(f'<span class="limit">{escape(limit)}</span>' for limit in limits)


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table; without headings its first column labels the rows. Rows become cards on a phone."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> str:
        """Return it as a table whose cells name their column, for narrow screens."""
        heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in self.headings)
        head = f"<thead><tr>{heads}</tr></thead>" if self.headings else ""
        kind = "targets" if self.headings else "pairs"
        return f'<table class="{kind}">{head}<tbody>{"".join(map(self._row, self.rows))}</tbody></table>'

    def sentences(self) -> list[str]:
        """Return one text per row."""
        return [": ".join((first, ", ".join(self._labelled(rest)))) for first, *rest in self.rows]

    def _labelled(self, cells: list[str]) -> list[str]:
        labels = self.headings[1:]
        return [f"{label} {cell}" for label, cell in zip(labels, cells, strict=True)] if labels else cells

    def _row(self, row: tuple[str, ...]) -> str:
        first, *cells = row
        labels = self.headings[1:] or ("",) * len(cells)
        shown = "".join(
            f"<td{f' data-label={chr(34)}{escape(label)}{chr(34)}' if label else ''}>{escape(cell)}</td>"
            for label, cell in zip(labels, cells, strict=True)
        )
        return f'<tr><th scope="row">{escape(first)}</th>{shown}</tr>'


type Part = Text | Bullets | Steps | Rows


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its parts; `key` names it in the JSON form and as an anchor."""

    key: str
    title: str
    parts: tuple[Part, ...]

    def html(self) -> str:
        """Return it as a section that its heading labels."""
        body = "".join(part.html() for part in self.parts)
        head = f'<h2 id="{self.key}">{escape(self.title)}</h2>'
        return f'<section aria-labelledby="{self.key}">{head}{body}</section>'

    def sentences(self) -> list[str]:
        """Return all it says."""
        return [sentence for part in self.parts for sentence in part.sentences()]
