"""The EPC QR code ("GiroCode") of a SEPA transfer: European Payments Council, EPC069-12."""

from __future__ import annotations

import io
from decimal import Decimal

import segno
from segno import helpers

from quittance_documents.model import InvoiceDocument

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
_NAME_LENGTH, _TEXT_LENGTH = 70, 140


def _digits(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text))


def valid_iban(iban: str) -> bool:
    """Tell whether the check digits of an IBAN hold (ISO 13616, modulus 97)."""
    bare = "".join(iban.split()).upper()
    shaped = bare.isascii() and bare.isalnum() and 15 <= len(bare) <= 34  # noqa: PLR2004 - the standard's lengths
    return shaped and _digits(bare[4:] + bare[:4]) % 97 == 1


def _payable(document: InvoiceDocument) -> bool:
    in_bounds = LEAST <= document.amount_due <= MOST
    return document.currency == "EUR" and in_bounds and valid_iban(document.seller.iban)


def payment_code(document: InvoiceDocument) -> segno.QRCode | None:
    """Return the code for what is due, or None where a banking app could not pay it (not EUR, no valid IBAN, nothing due)."""
    if not _payable(document):
        return None
    seller = document.seller
    try:
        return helpers.make_epc_qr(
            name=" ".join((seller.account_holder or seller.name).split())[:_NAME_LENGTH],
            iban="".join(seller.iban.split()).upper(),
            amount=document.amount_due,
            text=(document.payment_reference or document.number)[:_TEXT_LENGTH],
            bic=seller.bic or None,
        )
    except ValueError:  # a BIC or a name that the code cannot carry: the written details still stand
        return None


def payment_code_svg(document: InvoiceDocument) -> str | None:
    """Return the code as an SVG image with a small border; the layout's white field adds the rest of the quiet zone."""
    code = payment_code(document)
    if code is None:
        return None
    image = io.BytesIO()
    code.save(image, kind="svg", xmldecl=False, border=2, scale=4)
    return image.getvalue().decode()
