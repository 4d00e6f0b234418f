"""How long a document takes once fonts and layout are loaded, beside an empty page of the same standard."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import typst

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_most
from infra.local.bench.registry import bench
from quittance_documents import render_invoice
from quittance_documents.reading import read_invoice

SAMPLE = "tests/data/perf/invoice.json"
MANY = 500
MADE = datetime(2026, 10, 9, tzinfo=UTC)


@bench("document", "an invoice's PDF in a warm process", by_the_clock=True)
def document(bed: Bed) -> Iterator[Figure]:
    invoice = read_invoice(json.loads((bed.root / SAMPLE).read_text(encoding="utf-8")))
    lines = tuple(
        replace(invoice.lines[i % len(invoice.lines)], position=str(i + 1), text=f"Seat {i + 1}") for i in range(MANY)
    )
    baseline = Baseline(figure=round(milliseconds(empty_page, 10), 2), unit="ms", of="an empty PDF/A-3a page")
    # Each copy differs, as invoices do: an identical one could come from the compiler's cache.
    copies = (replace(invoice, number=f"ACME-2026-{i:06d}") for i in range(1000))
    yield at_most("document/invoice", milliseconds(lambda: render_invoice(next(copies)), 20), 60, "ms", baseline)
    long = (replace(invoice, number=f"ACME-2026-{i:06d}", lines=lines) for i in range(1000))
    bed.say(f"{MANY} lines")
    yield at_most("document/500_lines", milliseconds(lambda: render_invoice(next(long)), 3) / 1000, 0.6, "s", baseline)


def empty_page() -> object:
    return typst.compile(b"#set document(title: [Empty])\n", format="pdf", pdf_standards=["a-3a"], timestamp=MADE)


def milliseconds(what: Callable[[], object], times: int) -> float:
    """Return the median time of something that has run once before, in milliseconds."""
    what()
    took = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)
