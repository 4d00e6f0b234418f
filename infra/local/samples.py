"""Makes a vendor's reconciliation file that looks like a real one: `python -m infra.local.samples`.

Deterministic: the same bytes every time. The companies are invented. What real files do is in it: seat changes as a
refund and a charge, prorated purchases, a cancellation, credits, metered usage with many decimals, two right lines of
one product, a customer nobody registered, commas inside quotes, a byte order mark, the "no date" sentinel.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from quittance.domain.reconciliation import COLUMNS

VENDOR_INVOICE = "G012345678"
DATED = date(2026, 10, 8)
TARGET = Path(__file__).parents[2] / "events" / "scenarios" / "nce_2026-09.csv"
_MONTH_DAYS = 30  # September: the month in which the cycles start
_RATE = Decimal("0.862914")  # USD to EUR, as fixed two business days before the month's end
_NO_DATE = "0001-01-01T00:00:00"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Customer:
    """A vendor customer: the account a scenario may register for it, the name and country in the file."""

    account: str
    name: str
    country: str
    vat_id: str

    @property
    def id(self) -> str:
        """The vendor's id of the customer, the same in every file."""
        return str(uuid5(NAMESPACE_DNS, f"{self.account}.example"))

    @property
    def domain(self) -> str:
        """The customer's domain."""
        return f"{self.account}.example"


# A scenario registers these under `account` with `vendor_customer: id`; `wideworld` stays unknown on purpose.
CUSTOMERS = {
    customer.account: customer
    for customer in (
        Customer("contoso", "Contoso AG", "DE", "DE811569869"),
        Customer("fabrikam", "Fabrikam Distribution, SAS", "FR", "FR40303265045"),
        Customer("northwind", "Northwind Handels GmbH", "AT", "ATU62895905"),
        Customer("adatum", "A. Datum Präzision AG", "CH", "CHE-116.281.710"),
        Customer("litware", "Litware GmbH & Co. KG", "DE", "DE136695976"),
        Customer("tailspin", "Tailspin Spielwaren GmbH", "DE", "DE129274202"),
        Customer("wideworld", "Wide World Importers, Ltd.", "IE", ""),
    )
}


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the vendor's price list; `price` is the partner's monthly price of a seat in EUR."""

    product: str
    sku: str
    name: str
    price: str


E3 = Product("CFQ7TTC0LH18", "0001", "Microsoft 365 E3", "10.08")
PREMIUM = Product("CFQ7TTC0LCHC", "0002", "Microsoft 365 Business Premium", "17.22")
STANDARD = Product("CFQ7TTC0LDPB", "0001", "Microsoft 365 Business Standard", "9.79")
E5 = Product("CFQ7TTC0LFLZ", "0002", "Microsoft 365 E5", "44.31")
EXCHANGE = Product("CFQ7TTC0LH16", "0001", "Exchange Online (Plan 1)", "3.13")
TEAMS_PHONE = Product("CFQ7TTC0LH0T", "0005", "Microsoft Teams Phone Standard", "7.83")
VISIO = Product("CFQ7TTC0HD32", "0002", "Visio Plan 2", "11.75")
PROJECT = Product("CFQ7TTC0HDB0", "0002", "Project Plan 3", "23.50")
POWER_BI = Product("CFQ7TTC0HL8W", "0001", "Power BI Pro", "10.96")
ENTRA = Product("CFQ7TTC0LFLS", "0002", "Microsoft Entra ID P1", "4.70")
COPILOT = Product("CFQ7TTC0MM8R", "0002", "Microsoft 365 Copilot", "22.05")

# Metered services: product, SKU, name, SKU name, meter, unit, list price in USD.
METERS = (
    ("DZH318Z0BQ4L", "00TZ", "Virtual Machines Dsv5 Series", "D4s v5", "D4s v5 - DE West Central", "1 Hour", "0.2300"),
    ("DZH318Z0BPZ9", "004D", "Premium SSD Managed Disks", "P10 LRS", "P10 LRS Disk - EU West", "1/Month", "21.6803"),
    ("DZH318Z0BNZ5", "006G", "Tables", "Tables - LRS", "Tables - LRS Data Stored (GB/Month)", "1 GB/Month", "0.045"),
    ("DZH318Z0BP6X", "0B2K", "Blob Storage", "Hot LRS", "Hot LRS Data Stored, tiered", "1 GB/Month", "0.0196"),
    ("DZH318Z0BNVX", "00DV", "Bandwidth", "Standard", "Standard Data Transfer Out, Zone 1", "1 GB", "0.0870"),
    ("DZH318Z0BPC1", "005S", "SQL Database", "S2 DTUs", "S2 DTUs, single database", "1/Day", "2.4197"),
    ("DZH318Z0BNTX", "0025", "Log Analytics", "Pay-as-you-go", "Analytics Logs Data Ingestion", "1 GB", "2.7600"),
)

Row = dict[str, str]


def _line(customer: Customer, charge_type: str, start: date, end: date, **given: str) -> Row:
    row = dict.fromkeys(COLUMNS, "")
    row.update(
        PartnerId="0e195b37-4574-4539-bc42-0e539b9684c0",
        CustomerId=customer.id,
        CustomerName=customer.name,
        CustomerDomainName=customer.domain,
        CustomerCountry=customer.country,
        InvoiceNumber=VENDOR_INVOICE,
        MPNID="6034453",
        ResellerMPNID="0",
        ChargeType=charge_type,
        TaxTotal="0",
        Currency="EUR",
        PublisherName="Microsoft",
        PublisherId="",
        ChargeStartDate=_day(start),
        ChargeEndDate=_day(end),
        ProductQualifiers="[]",
    )
    row.update(given)
    row["Total"] = row["Subtotal"]
    return row


def _day(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _seats(
    customer: Customer,
    product: Product,
    quantity: int,
    *,
    charge_type: str = "cycleCharge",
    start: date = date(2026, 9, 12),
    end: date = date(2026, 10, 11),
    reference: str = "",
    **given: str,
) -> Row:
    """Return a licence line, prorated by the days charged of the month in which its cycle starts."""
    days = (end - start).days + 1
    price = Decimal(product.price)
    effective = price if days == _MONTH_DAYS else price / _MONTH_DAYS * days
    subtotal = (effective * quantity).quantize(_CENT, ROUND_DOWN)
    name = f"{customer.account}/{product.product}/{reference}"
    return (
        _line(
            customer,
            charge_type,
            start,
            end,
            OrderId=f"{uuid5(NAMESPACE_DNS, 'order/' + name).hex[:12]}",
            OrderDate=_day(start),
            ProductId=product.product,
            SkuId=product.sku,
            AvailabilityId="CFQ7TTC0K5DM",
            SkuName=product.name,
            ProductName=product.name,
            UnitPrice=product.price,
            Quantity=str(quantity),
            Subtotal=format(subtotal, "f"),
            SubscriptionDescription=product.name,
            SubscriptionId=str(uuid5(NAMESPACE_DNS, "subscription/" + customer.account + product.product)),
            TermAndBillingCycle="One-Year commitment for monthly/yearly billing",
            EffectiveUnitPrice=format(effective.normalize(), "f")[:18],
            BillableQuantity=str(quantity),
            BillingFrequency="Monthly",
            PricingCurrency="EUR",
            PCToBCExchangeRate="1",
            PCToBCExchangeRateDate=_NO_DATE,
            SubscriptionStartDate=_day(date(2026, 4, 12)),
            SubscriptionEndDate=_day(date(2027, 4, 11)),
            ReferenceID=str(uuid5(NAMESPACE_DNS, "reference/" + name)) if reference else "",
        )
        | given
    )


def _change(customer: Customer, product: Product, before: int, after: int, on: date) -> list[Row]:
    """Return a seat change: the old seats refunded, the new ones charged, for the rest of the cycle."""
    kind = "addQuantity" if after > before else "removeQuantity"
    return [
        _seats(customer, product, seats, charge_type=kind, start=on, reference=f"change/{on}")
        for seats in (-before, after)
    ]


def _usage(customer: Customer, meter: int, quantity: str, *, discount: str = "0.85") -> Row:
    """Return a metered line; the effective price carries the partner's earned credit, quantities ten decimals."""
    product, sku, name, sku_name, description, unit, price = METERS[meter]
    effective = Decimal(price) * Decimal(discount)
    cost = (effective * Decimal(quantity)).quantize(_CENT, ROUND_DOWN)
    return _line(
        customer,
        "new",
        date(2026, 9, 1),
        date(2026, 9, 30),
        ProductId=product,
        SkuId=sku,
        AvailabilityId="DZH318Z08B80",
        SkuName=sku_name,
        ProductName=name,
        UnitPrice=price,
        Quantity="1",
        Subtotal=format((cost * _RATE).quantize(_CENT, ROUND_DOWN), "f"),
        PriceAdjustmentDescription='["15.0% Partner earned credit for services managed"]',
        SubscriptionDescription="Azure plan",
        SubscriptionId=str(uuid5(NAMESPACE_DNS, f"azure/{customer.account}")),
        TermAndBillingCycle=description,
        EffectiveUnitPrice=format(effective.normalize(), "f"),
        UnitType=unit,
        BillableQuantity=quantity,
        BillingFrequency="Monthly",
        PricingCurrency="USD",
        PCToBCExchangeRate=str(_RATE),
        PCToBCExchangeRateDate=_day(date(2026, 9, 30)),
        MeterDescription=description,
    )


def _credit(customer: Customer, product: Product, amount: str, reason: str) -> Row:
    """Return the vendor's credit for a service-level breach."""
    return _seats(customer, product, -1, charge_type="customerCredit") | {
        "UnitPrice": amount,
        "EffectiveUnitPrice": amount,
        "Subtotal": f"-{amount}",
        "Total": f"-{amount}",
        "CreditReasonCode": reason,
    }


def rows() -> Iterator[Row]:
    """Yield the lines in an order as accidental as the vendor's."""
    contoso, fabrikam, northwind = (CUSTOMERS[name] for name in ("contoso", "fabrikam", "northwind"))
    adatum, litware, tailspin, wideworld = (CUSTOMERS[name] for name in ("adatum", "litware", "tailspin", "wideworld"))
    for product, seats in ((E3, 25), (TEAMS_PHONE, 25), (VISIO, 4), (ENTRA, 40), (COPILOT, 6)):
        yield _seats(contoso, product, seats)
    yield from _change(contoso, E3, 25, 28, date(2026, 9, 20))
    yield from (_usage(contoso, meter, used) for meter, used in enumerate(_USED))
    for product, seats in ((PREMIUM, 62), (EXCHANGE, 15), (POWER_BI, 9), (PROJECT, 3)):
        yield _seats(fabrikam, product, seats)
    yield from reversed(_change(fabrikam, PREMIUM, 62, 55, date(2026, 9, 23)))
    yield _credit(fabrikam, PREMIUM, "31.40", "Service Level Agreement Credit")
    yield from (_usage(fabrikam, meter, used) for meter, used in enumerate(_USED[1:6], start=1))
    yield _seats(northwind, STANDARD, 18)
    yield _seats(northwind, STANDARD, 2, charge_type="new", start=date(2026, 9, 24), reference="first")
    yield _seats(northwind, VISIO, -1, charge_type="cancelImmediate", start=date(2026, 9, 15), reference="cancel")
    yield _seats(northwind, EXCHANGE, 30, charge_type="renew", PromotionID="39NFJQT1PJPS:0001:39NFJQT1Q5KQ")
    yield from (_usage(northwind, meter, used) for meter, used in ((3, "812.3391045122"), (4, "44.0177823311")))
    # E5 with and without telephony comes as two lines of one product: both are right.
    yield _seats(adatum, E5, 12)
    yield _seats(adatum, E5, 12, TermAndBillingCycle="One-Year commitment for monthly/yearly billing, telco")
    yield from _change(adatum, ENTRA, 12, 14, date(2026, 9, 28))
    yield from (_usage(adatum, meter, used) for meter, used in ((0, "720"), (1, "3.25"), (6, "18.9005512347")))
    for product, seats in ((STANDARD, 7), (POWER_BI, 2), (EXCHANGE, 5), (TEAMS_PHONE, 7)):
        yield _seats(litware, product, seats)
    yield _seats(litware, COPILOT, 2, charge_type="extendTerm", start=date(2026, 9, 18), reference="extend")
    yield _seats(litware, POWER_BI, 1, charge_type="NEW", start=date(2026, 9, 29), reference="added")
    yield from (_usage(litware, meter, used) for meter, used in ((2, "0.005001"), (5, "30"), (6, "2.0000000001")))
    for product, seats in ((PREMIUM, 11), (TEAMS_PHONE, 11), (PROJECT, 1)):
        yield _seats(tailspin, product, seats)
    yield from _change(tailspin, PREMIUM, 11, 13, date(2026, 9, 17))
    yield from _change(tailspin, PREMIUM, 13, 12, date(2026, 9, 25))
    yield _usage(tailspin, 0, "96.5") | {
        "CreditReasonCode": "Azure Credit Offer",
        "Subtotal": "-5.00",
        "Total": "-5.00",
    }
    yield from (_usage(tailspin, meter, used) for meter, used in ((0, "311.75"), (3, "120.4400000009")))
    yield _seats(wideworld, STANDARD, 4)
    yield _seats(wideworld, EXCHANGE, 9)
    yield _usage(wideworld, 4, "12.75")


_USED = ("743.5", "6", "14.9981230045", "1284.3391045", "96.0177823311", "30", "21.4400000001")


def content() -> bytes:
    """Return the file as the vendor would send it: UTF-8 with a byte order mark, CRLF, quotes where needed."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows())
    return out.getvalue().encode("utf-8-sig")


def main() -> None:
    """Write the sample beside the scenarios and name its customers."""
    TARGET.write_bytes(content())
    print(f"{TARGET.name}: {len(list(rows()))} lines, vendor invoice {VENDOR_INVOICE}, dated {DATED}")
    for customer in CUSTOMERS.values():
        print(f"  {customer.account:10} {customer.id}  {customer.country}  {customer.vat_id:16} {customer.name}")


if __name__ == "__main__":
    main()
