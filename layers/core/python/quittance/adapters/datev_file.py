"""The DATEV format of posting batches (EXTF, "Buchungsstapel"), as DATEV's developer pages document it.

A file has a header of 31 fields, the names of 125 columns and a line for each booking, separated by semicolons, ended
by CR LF, in the Windows code page 1252. Amounts are positive with a comma; the day of a booking is written DDMM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from quittance.domain.datev import Booking, DatevSettings
from quittance.domain.money import Money

DATEV_TYPE = "text/csv; charset=windows-1252"
_VERSION, _CATEGORY, _FORMAT_VERSION = "700", "21", "13"
_MOST_TEXT, _MOST_DOCUMENT, _MOST_TITLE = 60, 36, 30
# What "Belegfeld 1" takes; anything else is written as a dash.
_NOT_DOCUMENT = re.compile(r"[^A-Za-z0-9$%&*+\-/_.]")
_GERMAN_TIME = ZoneInfo("Europe/Berlin")


def _columns() -> Iterator[str]:
    yield from ("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz")
    yield from ("WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum")
    yield from ("Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre", "Diverse Adressnummer")
    yield from ("Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink")
    for place in range(1, 9):
        yield from (f"Beleginfo - Art {place}", f"Beleginfo - Inhalt {place}")
    yield from ("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)")
    yield from ("EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L")
    yield from ("BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung")
    for place in range(1, 21):
        yield from (f"Zusatzinformation - Art {place}", f"Zusatzinformation- Inhalt {place}")
    yield from ("Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit")
    yield from ("Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)")
    yield from ("EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)")
    yield from ("Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum", "SEPA-Mandatsreferenz")
    yield from ("Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer")
    yield from ("Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung")
    yield from ("Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)", "Steuersatz")
    yield from ("Land", "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)")
    yield from ("EU-Steuersatz (Ursprung)", "Abw. Skontokonto")


COLUMNS = tuple(_columns())
_PLACE = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a file is about: its days, its currency, whether its period is closed, and when it was made."""

    settings: DatevSettings
    first: date
    last: date
    currency: str
    final: bool
    made_at: datetime
    title: str


def posting_batch(batch: Batch, bookings: Iterable[Booking]) -> bytes:
    """Return a file; characters that the code page lacks become question marks."""
    lines = [_header(batch), COLUMNS, *(_line(booking, final=batch.final) for booking in bookings)]
    return "".join(";".join(line) + "\r\n" for line in lines).encode("cp1252", "replace")


def _header(batch: Batch) -> list[str]:
    settings = batch.settings
    made = batch.made_at.astimezone(_GERMAN_TIME)
    return [
        _text("EXTF"),
        _VERSION,
        _CATEGORY,
        _text("Buchungsstapel"),
        _FORMAT_VERSION,
        f"{made:%Y%m%d%H%M%S}{made.microsecond // 1000:03d}",
        "",
        _text("QT"),
        _text(""),
        _text(""),
        str(settings.adviser),
        str(settings.client),
        f"{settings.year_of(batch.first):%Y%m%d}",
        str(settings.account_length),
        f"{batch.first:%Y%m%d}",
        f"{batch.last:%Y%m%d}",
        _text(batch.title[:_MOST_TITLE]),
        _text(""),
        "1",
        "0",
        "1" if batch.final else "0",
        _text(batch.currency),
        "",
        _text(""),
        "",
        "",
        _text(settings.chart or ""),
        "",
        "",
        _text(""),
        _text("Quittance"),
    ]


def _line(booking: Booking, *, final: bool) -> list[str]:
    line = [""] * len(COLUMNS)
    filled = {
        "Umsatz (ohne Soll/Haben-Kz)": str(Money(booking.amount, booking.currency)).replace(".", ","),
        "Soll/Haben-Kennzeichen": _text("S"),
        "WKZ Umsatz": _text(booking.currency),
        "Konto": booking.debit,
        "Gegenkonto (ohne BU-Schlüssel)": booking.credit,
        "Belegdatum": f"{booking.posted:%d%m}",
        "Belegfeld 1": _text(_NOT_DOCUMENT.sub("-", booking.document)[:_MOST_DOCUMENT]),
        "Buchungstext": _text(booking.text[:_MOST_TEXT]),
        "Festschreibung": "1" if final else "0",
    }
    for name, value in filled.items():
        line[_PLACE[name]] = value
    return line


def _text(value: str) -> str:
    shown = " ".join(value.split()).replace('"', '""')
    return f'"{shown}"'
