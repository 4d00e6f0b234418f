"""Reads the vendor's new-commerce invoice reconciliation file, line by line, and refuses a broken one with its place.

Source: Partner Center, "Use the new commerce invoice reconciliation file" (46 columns). Headers are matched by name,
whatever their letter case; older and newer spellings are taken. Figures are taken as given, never recomputed: the
published rounding formulas contradict the published tables. Nothing is de-duplicated: two lines of one product can
both be right, and a seat change is a refund and a charge that share their ReferenceId.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from quittance.domain.charges import Charge, kind_of
from quittance.domain.errors import Rejected
from quittance.domain.money import exponent

COLUMNS = tuple(
    "PartnerId CustomerId CustomerName CustomerDomainName CustomerCountry InvoiceNumber MPNID ResellerMPNID OrderId "
    "OrderDate ProductId SkuId AvailabilityId SkuName ProductName ChargeType UnitPrice Quantity Subtotal TaxTotal "
    "Total Currency PriceAdjustmentDescription PublisherName PublisherId SubscriptionDescription SubscriptionId "
    "ChargeStartDate ChargeEndDate TermAndBillingCycle EffectiveUnitPrice UnitType AlternateId BillableQuantity "
    "BillingFrequency PricingCurrency PCToBCExchangeRate PCToBCExchangeRateDate MeterDescription ReservationOrderId "
    "CreditReasonCode SubscriptionStartDate SubscriptionEndDate ReferenceID ProductQualifiers PromotionID".split()
)
REQUIRED = tuple(
    "CustomerId ProductId ChargeType Quantity Subtotal Total Currency ChargeStartDate ChargeEndDate".split()
)
MAX_ROWS = 250_000
MAX_FIELD = 4_000
LOCALE_REMEDY = "export the file again in the en-US locale and do not save it from a spreadsheet"

_ALIASES = {"totalforcustomer": "total", "tax": "taxtotal", "tier2mpnid": "resellermpnid", "unit": "unittype"}
_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,20})?([eE][-+]?\d{1,2})?")
_AMERICAN_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T].*)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OTHER_FORMATS = {
    "billingpretaxtotal": "a daily rated usage file",
    "pretaxcharges": "a legacy usage file",
    "totalotherdiscount": "a legacy licence file",
}


class BrokenFile(Rejected):
    """The file cannot be read whole; `row` as a spreadsheet counts (0: the file), `column` by the vendor's name."""

    def __init__(self, row: int, column: str, reason: str) -> None:
        place = f"row {row}" + (f", column {column}" if column else "")
        super().__init__(f"{place}: {reason}", code="broken_file", field=column or None)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of the file with its row; reading a field that is not as documented names row and column."""

    row: int
    places: Mapping[str, int]
    values: Sequence[str]

    def text(self, column: str) -> str:
        place = self.places.get(_normal(column))
        value = "" if place is None else self.values[place].strip()
        if len(value) > MAX_FIELD:
            raise self.broken(column, f"has {len(value)} characters; at most {MAX_FIELD} are read")
        if "\x00" in value:
            raise self.broken(column, "holds a NUL character; the file is damaged, download it again")
        return value

    def required(self, column: str) -> str:
        if not (value := self.text(column)):
            raise self.broken(column, "is empty; every line needs it")
        return value

    def name(self, column: str) -> str:
        if not _ID.fullmatch(value := self.required(column)):
            raise self.broken(column, f"{value[:80]!r} is not an identifier of the vendor")
        return value

    def number(self, column: str, default: Decimal | None = None) -> Decimal:
        text = self.required(column) if default is None else self.text(column)
        if not text:
            return default if default is not None else Decimal(0)
        if not _NUMBER.fullmatch(text):
            remedy = f"it was written in another locale: {LOCALE_REMEDY}" if "," in text else "download the file again"
            raise self.broken(column, f"{text[:80]!r} is not a number with a decimal point; {remedy}")
        return Decimal(text)

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        if match := _AMERICAN_DATE.fullmatch(text):
            month, day, year = (int(part) for part in match.groups())
        elif match := _ISO_DATE.fullmatch(text):
            year, month, day = (int(part) for part in match.groups())
        else:
            raise self.broken(column, f"{text[:40]!r} is not a date as M/D/YYYY; {LOCALE_REMEDY}")
        try:
            found = date(year, month, day)
        except ValueError:
            hint = "day and month are swapped: " if month > 12 >= day else ""  # noqa: PLR2004  # months of a year
            raise self.broken(column, f"{text[:40]!r} is not a date as M/D/YYYY; {hint}{LOCALE_REMEDY}") from None
        return None if found.year == 1 else found  # 0001-01-01T00:00:00 is the vendor's "no date"

    def broken(self, column: str, reason: str) -> BrokenFile:
        return BrokenFile(self.row, column, reason)


def read(stream: BinaryIO, *, vendor_invoice: str) -> Iterator[Charge]:
    """Yield the charges of a file in its order; BrokenFile at the first thing that is not as documented.

    Whoever must not keep half a file reads it to its end first.
    """
    currency: str | None = None
    found = False
    for record in _records(stream):
        found = True
        charge = _charge(record, vendor_invoice)
        if currency not in (None, charge.currency):
            raise record.broken("Currency", f"{charge.currency} after {currency}; a vendor's invoice has one currency")
        currency = charge.currency
        yield charge
    if not found:
        raise BrokenFile(2, "", "the file has no lines; download it again when the vendor's invoice is ready")


def _records(stream: BinaryIO) -> Iterator[_Record]:
    rows = _rows(stream)
    row, header = next(rows, (1, []))
    places = _places(header)
    for row, values in rows:
        if not any(value.strip() for value in values):
            continue
        if row > MAX_ROWS:
            raise BrokenFile(row, "", f"has more than {MAX_ROWS:,} rows; split the file by customer")
        if len(values) != len(header):
            last = header[min(len(values), len(header) - 1)].strip()
            raise BrokenFile(row, last, f"has {len(values)} fields where the header has {len(header)}; download again")
        yield _Record(row, places, values)


def _rows(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Number the records and turn every fault of encoding and quoting into a refusal with its row."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    row = 1
    try:
        for row, values in enumerate(csv.reader(text, strict=True), start=1):
            yield row, values
    except UnicodeDecodeError:
        raise BrokenFile(row, "", "is not UTF-8; download the file again and do not save it elsewhere") from None
    except csv.Error as problem:
        raise BrokenFile(row + 1, "", f"cannot be split into fields ({problem}); download the file again") from None
    finally:
        if not text.closed:  # the stream is the caller's: it stays open, unless it was closed before this ended
            text.detach()


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [_normal(name) for name in header]
    places = {name: place for place, name in enumerate(names) if name}
    if len(names) == 1 and re.search(r"[;\t|]", header[0]):
        raise BrokenFile(1, "", f"fields are not separated by commas; {LOCALE_REMEDY}")
    for place, name in enumerate(names):
        if name and places[name] != place:
            raise BrokenFile(1, header[place], "this column is there twice; download the file again")
    for column in REQUIRED:
        if _normal(column) not in places:
            what = next((other for name, other in _OTHER_FORMATS.items() if name in places), "")
            found = f"the column is missing{f', as in {what}' if what else ''}"
            raise BrokenFile(1, column, f"{found}; import the new-commerce invoice reconciliation file")
    return places


def _normal(column: str) -> str:
    name = re.sub(r"[\s_-]", "", column).lower()
    return _ALIASES.get(name, name)


def _charge(record: _Record, vendor_invoice: str) -> Charge:
    text, number = record.text, record.number
    _same_invoice(record, vendor_invoice)
    start, end = _span(record)
    quantity, unit_price = number("Quantity"), number("UnitPrice", Decimal(0))
    meter, reservation, frequency = text("MeterDescription"), text("ReservationOrderId"), text("BillingFrequency")
    return Charge(
        vendor_invoice=vendor_invoice,
        row=record.row,
        vendor_customer=record.name("CustomerId"),
        customer_name=text("CustomerName"),
        subscription=text("SubscriptionId"),
        product=record.name("ProductId"),
        sku=text("SkuId"),
        product_name=text("ProductName"),
        sku_name=text("SkuName"),
        kind=kind_of(meter=meter, plan=text("SubscriptionDescription"), reservation=reservation, frequency=frequency),
        charge_type=record.required("ChargeType"),
        quantity=quantity,
        billable_quantity=number("BillableQuantity", quantity),
        unit_price=unit_price,
        effective_unit_price=number("EffectiveUnitPrice", unit_price),
        subtotal=number("Subtotal"),
        tax=number("TaxTotal", Decimal(0)),
        total=number("Total"),
        currency=_currency(record),
        start=start,
        end=end,
        order=text("OrderId"),
        ordered=record.day("OrderDate"),
        reference_id=text("ReferenceID"),
        term=text("TermAndBillingCycle"),
        frequency=frequency,
        unit=text("UnitType"),
        meter=meter,
        reservation=reservation,
        credit_reason=text("CreditReasonCode"),
        promotion=text("PromotionID"),
    )


def _same_invoice(record: _Record, vendor_invoice: str) -> None:
    named = record.text("InvoiceNumber")
    if named and named != vendor_invoice:
        raise record.broken(
            "InvoiceNumber", f"{named[:80]!r} is another vendor invoice than {vendor_invoice}; import it under its own"
        )


def _span(record: _Record) -> tuple[date | None, date | None]:
    for column in ("SubscriptionStartDate", "SubscriptionEndDate", "PCToBCExchangeRateDate"):
        record.day(column)  # not kept, but a date of another locale anywhere puts every other date in doubt
    start, end = record.day("ChargeStartDate"), record.day("ChargeEndDate")
    if start and end and end < start:
        raise record.broken("ChargeEndDate", f"{end} is before ChargeStartDate {start}; {LOCALE_REMEDY}")
    return start, end


def _currency(record: _Record) -> str:
    code = record.required("Currency")
    try:
        exponent(code)
    except Rejected as problem:
        raise record.broken("Currency", problem.message) from None
    return code
