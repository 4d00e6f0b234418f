"""The EPC QR code of what is due on an invoice."""

from __future__ import annotations

import segno

from quittance.adapters.epc import LEAST as LEAST  # noqa: PLC0414  # the code's bounds, told here too
from quittance.adapters.epc import MOST as MOST  # noqa: PLC0414  # as above
from quittance.adapters.epc import Transfer, code_svg, transfer_code
from quittance.adapters.epc import structured as structured  # noqa: PLC0414  # as above
from quittance.adapters.epc import valid_iban as valid_iban  # noqa: PLC0414  # as above
from quittance_documents.model import InvoiceDocument


def payment_code(document: InvoiceDocument) -> segno.QRCode | None:
    """Return the code for what is due; None where no banking app could pay it."""
    seller = document.seller
    return transfer_code(
        Transfer(
            holder=seller.account_holder or seller.name,
            iban=seller.iban,
            bic=seller.bic,
            amount=document.amount_due,
            currency=document.currency,
            reference=document.payment_reference or document.number,
        )
    )


def payment_code_svg(document: InvoiceDocument) -> str | None:
    """Return the code as an SVG image."""
    code = payment_code(document)
    return code_svg(code) if code else None
