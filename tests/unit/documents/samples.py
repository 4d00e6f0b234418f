"""Invoice documents as partners issue them, and the corners of the layout."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from quittance_documents import Buyer, InvoiceDocument, Line, Seller, VatRow

SELLER = Seller(
    name="ACME Cloud GmbH",
    address=("Lindenstraße 14", "10969 Berlin", "Deutschland"),
    vat_id="DE123456788",
    tax_number="29/123/45678",
    email="rechnung@acme-cloud.example",
    phone="+49 30 5550 1200",
    website="acme-cloud.example",
    register="Amtsgericht Charlottenburg, HRB 204711 B",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    account_holder="ACME Cloud GmbH",
)
BUYER = Buyer(
    name="Contoso AG",
    address=("Buchhaltung", "Hafenallee 27", "20457 Hamburg", "Deutschland"),
    vat_id="DE987654321",
    customer_number="K-10027",
)


def line(position, text, quantity, price, net, vat="19", detail=""):
    return Line(
        position=str(position),
        text=text,
        detail=detail,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        net=Decimal(net),
        vat_percent=Decimal(vat),
    )


LINES = (
    line(
        1, "Microsoft 365 E3", "25", "36.20", "905.00", detail="Jahresbindung, monatliche Zahlung · 01.09. – 30.09.2026"
    ),
    line(
        2, "Microsoft 365 E3, 3 Plätze mehr", "3", "21.72", "65.16", detail="Anteilig ab 12.09.2026 (18 von 30 Tagen)"
    ),
    line(3, "Exchange Online (Plan 1)", "12", "3.70", "44.40"),
    line(4, "Microsoft Teams Phone Standard", "8", "9.40", "75.20"),
    line(5, "Azure: Virtual Machines, D4s v5", "743.5", "0.2104", "156.43", detail="Region Deutschland, Westen Mitte"),
    line(6, "Azure: Blob Storage, Hot LRS", "1284.3391045", "0.0176", "22.60", detail="GB je Monat"),
    line(7, "Azure: Bandwidth, Zone 1", "96.0177823311", "0.0734", "7.05"),
    line(8, "Defender for Business", "25", "2.80", "70.00"),
    line(9, "Gutschrift: 2 Plätze Visio Plan 2 gekündigt", "-2", "14.00", "-28.00"),
)

PAY_URL = "https://billing.acme-cloud.example/public/acme/pay/Y29udG9zbwoyMDI2LTA5.kq3dJ0cC1vXwZ7mYt5b2Qe8uRs4nHaFg"
GERMAN = InvoiceDocument(
    locale="de-DE",
    number="ACME-2026-000001",
    issued=date(2026, 10, 9),
    due=date(2026, 11, 8),
    period_start=date(2026, 9, 1),
    period_end=date(2026, 9, 30),
    currency="EUR",
    seller=SELLER,
    buyer=BUYER,
    lines=LINES,
    vat=(VatRow(category="S", percent=Decimal(19), net=Decimal("1317.84"), vat=Decimal("250.39")),),
    net=Decimal("1317.84"),
    vat_total=Decimal("250.39"),
    gross=Decimal("1568.23"),
    payment_reference="ACME-2026-000001",
    order_reference="PO 4500-118",
    policy_name="Standard",
    policy_url="https://billing.acme-cloud.example/public/acme/collections",
    pay_url=PAY_URL,
)
ENGLISH = replace(
    GERMAN,
    locale="en",
    number="ACME-2026-000002",
    payment_reference="RF18 5390 0754 7034",
    already_paid=Decimal("500.00"),
    buyer=Buyer(name="Fabrikam Ltd", address=("Accounts Payable", "12 Quay Street", "Dublin D02 XY45", "Ireland")),
)


def untaxed(base, category, **changes):
    lines = tuple(replace(item, vat_percent=Decimal(0)) for item in base.lines)
    vat = (VatRow(category=category, percent=Decimal(0), net=base.net, vat=Decimal(0)),)
    return replace(base, lines=lines, vat=vat, vat_total=Decimal(0), gross=base.net, **changes)


REVERSE_CHARGE = untaxed(
    GERMAN,
    "AE",
    number="ACME-2026-000003",
    buyer=replace(
        BUYER, name="Wiener Netz GmbH", address=("Ringstraße 3", "1010 Wien", "Österreich"), vat_id="ATU12345675"
    ),
)
EXPORT = untaxed(ENGLISH, "G", number="ACME-2026-000004", already_paid=Decimal(0))
ZERO_TAX = untaxed(ENGLISH, "Z", number="ACME-2026-000005", already_paid=Decimal(0))
CREDIT_NOTE = replace(
    GERMAN,
    kind="credit_note",
    number="ACME-G-2026-000001",
    corrects="ACME-2026-000001",
    lines=LINES[:1],
    vat=(VatRow(category="S", percent=Decimal(19), net=Decimal("905.00"), vat=Decimal("171.95")),),
    net=Decimal("905.00"),
    vat_total=Decimal("171.95"),
    gross=Decimal("1076.95"),
)
YEN = replace(
    ENGLISH,
    currency="JPY",
    number="ACME-2026-000006",
    lines=(
        line(1, "Microsoft 365 E3", "25", "5430", "135750", "10"),
        line(2, "Azure の利用料", "1", "12345.678", "12346", "10"),
    ),
    vat=(VatRow(category="S", percent=Decimal(10), net=Decimal(148096), vat=Decimal(14810)),),
    net=Decimal(148096),
    vat_total=Decimal(14810),
    gross=Decimal(162906),
    already_paid=Decimal(0),
    buyer=Buyer(name="株式会社サンプル商事", address=("東京都千代田区丸の内1-1-1", "〒100-0005", "日本")),
)
DINAR = replace(
    ENGLISH,
    currency="KWD",
    number="ACME-2026-000007",
    lines=(
        line(1, "Microsoft 365 E3", "25", "11.125", "278.125", "5"),
        line(2, "Azure", "10.5", "0.0375", "0.394", "5"),
    ),
    vat=(VatRow(category="S", percent=Decimal(5), net=Decimal("278.519"), vat=Decimal("13.926")),),
    net=Decimal("278.519"),
    vat_total=Decimal("13.926"),
    gross=Decimal("292.445"),
    already_paid=Decimal(0),
    buyer=Buyer(name="شركة المثال للتجارة", address=("شارع الخليج العربي 12", "مدينة الكويت", "Kuwait")),
)
LONG = replace(
    GERMAN,
    number="ACME-2026-000008",
    seller=replace(
        SELLER, name="Gesellschaft für angewandte Rechenzentrumsdienstleistungen und Cloud-Beratung mbH & Co. KG"
    ),
    buyer=Buyer(
        name="Landeshauptstadt Musterhausen an der Donau, "
        "Eigenbetrieb für Informationsverarbeitung und Telekommunikation",
        address=(
            "z. Hd. Frau Dr. Alexandra Freifrau von und zu Oberniederhausen-Unterwaldenstein",
            "Platz der Deutschen Einheit 123–127, Aufgang C, 4. Obergeschoss",
            "D-99999 Musterhausen an der Donau",
            "Deutschland",
        ),
        vat_id="DE987654321",
        customer_number="KUNDE-2026-0000000000187-MUSTERHAUSEN",
    ),
    lines=(
        line(1, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz-Schulung", "1", "905.00", "905.00"),
        line(
            2,
            "Azure",
            "1",
            "412.84",
            "412.84",
            detail="/subscriptions/6b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg-production"
            "-westeurope/providers/Microsoft.Compute/virtualMachines/vm01",
        ),
    ),
    order_reference="Rahmenvertrag 2026/IT-Dienste/Los 4/Abruf 0017",
)
MANY_LINES = replace(
    GERMAN,
    number="ACME-2026-000009",
    lines=tuple(replace(LINES[index % 9], position=str(index + 1)) for index in range(63)),
    vat=(
        VatRow(category="S", percent=Decimal(19), net=Decimal("9224.88"), vat=Decimal("1752.73")),
        VatRow(category="S", percent=Decimal(7), net=Decimal("100.00"), vat=Decimal("7.00")),
    ),
    net=Decimal("9324.88"),
    vat_total=Decimal("1759.73"),
    gross=Decimal("11084.61"),
)
SAMPLES = {
    "german": GERMAN,
    "english": ENGLISH,
    "reverse_charge": REVERSE_CHARGE,
    "export": EXPORT,
    "zero_tax": ZERO_TAX,
    "credit_note": CREDIT_NOTE,
    "yen": YEN,
    "dinar": DINAR,
    "long": LONG,
    "many_lines": MANY_LINES,
}
