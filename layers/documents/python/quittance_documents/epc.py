"""The EPC QR code ("GiroCode") of a SEPA transfer: European Payments Council, EPC069-12."""

from __future__ import annotations

import io
from decimal import Decimal

import segno
from segno import helpers

from quittance_documents.model import InvoiceDocument

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
_NAME_LENGTH = 70


def _checked(text: str, shortest: int, longest: int) -> bool:
    """Tell whether the check digits at places 3 and 4 hold (ISO 7064, modulus 97)."""
    shaped = text.isascii() and text.isalnum() and shortest <= len(text) <= longest
    return shaped and int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def _bare(text: str) -> str:
    return "".join(text.split()).upper()


def valid_iban(iban: str) -> bool:
    """Tell whether an IBAN's length and check digits hold (ISO 13616)."""
    return _checked(_bare(iban), 15, 34)


def structured(reference: str) -> bool:
    """Tell whether a reference is a creditor reference that banks read by machine (ISO 11649)."""
    return _bare(reference).startswith("RF") and _checked(_bare(reference), 5, 25)


def _payable(document: InvoiceDocument) -> bool:
    in_bounds = LEAST <= document.amount_due <= MOST
    return document.currency == "EUR" and in_bounds and valid_iban(document.seller.iban)


def payment_code(document: InvoiceDocument) -> segno.QRCode | None:
    """Return the code for what is due; None where no banking app could pay it: not EUR, no valid IBAN, nothing due."""
    if not _payable(document):
        return None
    seller, reference = document.seller, document.payment_reference or document.number
    machine = structured(reference)
    try:
        return helpers.make_epc_qr(
            name=" ".join((seller.account_holder or seller.name).split())[:_NAME_LENGTH],
            iban=_bare(seller.iban),
            amount=document.amount_due,
            text=None if machine else reference,
            reference=_bare(reference) if machine else None,
            bic=_bare(seller.bic) or None,
        )
    except ValueError:  # a BIC or a reference that the code cannot carry whole: the written details still stand
        return None


def payment_code_svg(document: InvoiceDocument) -> str | None:
    """Return the code as an SVG image with a small border; the layout's white field adds the rest of the quiet zone."""
    code = payment_code(document)
    if code is None:
        return None
    image = io.BytesIO()
    code.save(image, kind="svg", xmldecl=False, border=2, scale=4)
    return image.getvalue().decode()
