"""From a settled invoice to the JSON form of its receipt."""

from __future__ import annotations

from typing import Any

from quittance.adapters.invoice_document import buyer, seller
from quittance.usecases.render_receipt import ReceiptFacts


def receipt_mapping(facts: ReceiptFacts) -> dict[str, Any]:
    """Return the receipt's JSON form: what was owed, since when it is settled, and by what."""
    found, invoice = facts.settlement, facts.document.invoice
    rows = [
        {
            "day": share.day.isoformat(),
            "kind": share.kind,
            "provider": share.provider or "",
            "reference": share.reference,
            "amount": str(share.amount),
        }
        for share in found.shares
    ]
    return {
        "locale": str(invoice.body.get("locale") or "en"),
        "number": found.number,
        "issued": found.issued.isoformat(),
        "settled": facts.settled_on.isoformat(),
        "times": str(found.times),
        "currency": invoice.currency,
        "gross": str(found.gross),
        "seller": seller(invoice.body["seller"], facts.document.partner),
        "buyer": buyer(invoice, facts.document.account),
        "rows": rows,
    }
