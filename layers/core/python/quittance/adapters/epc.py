"""The EPC QR code ("GiroCode") of a SEPA transfer: European Payments Council, EPC069-12."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal

import segno
from segno import helpers

LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
_NAME_LENGTH = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer to be made: to whom, how much (major units of `currency`), and with which reference."""

    holder: str
    iban: str
    bic: str = ""
    amount: Decimal
    currency: str
    reference: str


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


def transfer_code(transfer: Transfer) -> segno.QRCode | None:
    """Return the code; None where no banking app could pay it: not EUR, no valid IBAN, nothing due."""
    in_bounds = LEAST <= transfer.amount <= MOST
    if transfer.currency != "EUR" or not in_bounds or not valid_iban(transfer.iban):
        return None
    machine = structured(transfer.reference)
    try:
        return helpers.make_epc_qr(
            name=" ".join(transfer.holder.split())[:_NAME_LENGTH],
            iban=_bare(transfer.iban),
            amount=transfer.amount,
            text=None if machine else transfer.reference,
            reference=_bare(transfer.reference) if machine else None,
            bic=_bare(transfer.bic) or None,
        )
    except ValueError:  # a BIC or a reference that the code cannot carry whole: the written details still stand
        return None


def code_svg(code: segno.QRCode, *, scalable: bool = False) -> str:
    """Return a code as an SVG image with a small border; the white field around it adds the rest of the quiet zone.

    A scalable one has no size of its own: a page gives it one.
    """
    image = io.BytesIO()
    code.save(image, kind="svg", xmldecl=False, border=2, scale=4, omitsize=scalable)
    return image.getvalue().decode()
