"""From an issued invoice as it is stored to the JSON form of its document, in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from quittance.adapters.formats import language, short_date
from quittance.domain.money import Money
from quittance.domain.periods import first_and_last
from quittance.usecases.render_document import DocumentFacts, StoredInvoice

# What the vendor's charge types mean to a reader; the two sides of a seat change are told by the line's sign.
_CHANGES = {
    "new": {"en": "new", "de": "neu", "fr": "nouveau"},
    "renew": {"en": "renewed", "de": "verlängert", "fr": "renouvelé"},
    "addquantity": {"en": "seats added", "de": "Plätze hinzugefügt", "fr": "licences ajoutées"},
    "removequantity": {"en": "seats removed", "de": "Plätze entfernt", "fr": "licences retirées"},
    "movequantity": {"en": "seats moved", "de": "Plätze verschoben", "fr": "licences déplacées"},
    "cancelimmediate": {"en": "cancelled", "de": "gekündigt", "fr": "résilié"},
    "convert": {"en": "converted", "de": "umgewandelt", "fr": "converti"},
    "changebillingplan": {
        "en": "billing plan changed",
        "de": "Zahlweise geändert",
        "fr": "facturation modifiée",
    },
    "customercredit": {"en": "credit", "de": "Gutschrift", "fr": "avoir"},
    "extendterm": {"en": "term extended", "de": "Laufzeit verlängert", "fr": "durée prolongée"},
}
_REFUND = {
    "en": "refund of the former number",
    "de": "Erstattung der bisherigen Anzahl",
    "fr": "remboursement de l'ancien nombre",
}
_NEW_NUMBER = {"en": "new number", "de": "neue Anzahl", "fr": "nouveau nombre"}
_SEAT_CHANGES = frozenset({"addquantity", "removequantity", "movequantity"})
_PROFILE = ("email", "phone", "website", "logo")


def document_mapping(facts: DocumentFacts, *, policy_url: str, pay_url: str = "") -> dict[str, Any]:
    """Return the document's JSON form; names and ids as issued, bank details and logo as the partner has them now.

    `pay_url` is the invoice's payment page, empty where there is none; a credit note has nothing to be paid.
    A credit note's figures are positive on paper: its title says which way the money goes.
    """
    invoice, partner, account = facts.invoice, facts.partner, facts.account
    sign = -1 if invoice.body["kind"] == "credit_note" else 1
    locale = str(invoice.body.get("locale") or "en")
    lines = [_line(place, line, invoice.currency, sign, language(locale)) for place, line in _numbered(invoice)]
    document = {
        "kind": invoice.body["kind"],
        "locale": locale,
        "number": invoice.number,
        "issued": invoice.issued,
        "due": invoice.due,
        **_period(invoice.period),
        "currency": invoice.currency,
        "seller": seller(invoice.body["seller"], partner),
        "buyer": buyer(invoice, account),
        "lines": lines,
        "vat": [_vat(row, invoice.currency, sign) for row in invoice.body.get("vat", ())],
        "net": _amount(sign * invoice.net, invoice.currency),
        "vat_total": _amount(sign * invoice.vat, invoice.currency),
        "gross": _amount(sign * invoice.gross, invoice.currency),
        "payment_reference": invoice.number,
        "corrects": invoice.body.get("corrects"),
        "policy_name": invoice.policy,
        "policy_url": policy_url,
        "pay_url": pay_url if sign > 0 else "",
    }
    return {name: value for name, value in document.items() if value is not None}


def _numbered(invoice: StoredInvoice) -> list[tuple[int, Mapping[str, Any]]]:
    return list(enumerate(invoice.body.get("lines", ()), start=1))


def _amount(minor: int, currency: str) -> str:
    return str(Money(int(minor), currency))


def _period(period: str | None) -> dict[str, str]:
    if not period:
        return {}
    first, last = first_and_last(period)
    return {"period_start": first.isoformat(), "period_end": last.isoformat()}


def _line(place: int, line: Mapping[str, Any], currency: str, sign: int, lang: str) -> dict[str, str]:
    return {
        "position": str(place),
        "text": line["text"],
        "detail": _detail(line, lang),
        "quantity": format(sign * Decimal(line["quantity"]), "f"),
        "unit_price": line["unit_price"],
        "net": _amount(sign * line["net"], currency),
        "vat_percent": line["vat_percent"],
    }


def _detail(line: Mapping[str, Any], lang: str) -> str:
    """Tell the time charged for and, where something changed, what."""
    parts = []
    if line.get("start") and line.get("end"):
        start, end = (short_date(date.fromisoformat(line[name]), lang) for name in ("start", "end"))
        parts.append(f"{start} \u2013 {end}")
    if change := _change(line, lang):
        parts.append(change)
    return " \u00b7 ".join(parts)


def _change(line: Mapping[str, Any], lang: str) -> str:
    name = str(line.get("change", "")).lower()
    if not line.get("product") or name not in _CHANGES:
        return ""
    words = _CHANGES[name][lang]
    if name in _SEAT_CHANGES:
        words += f": {(_REFUND if line['net'] < 0 else _NEW_NUMBER)[lang]}"
    return words


def _vat(row: Mapping[str, Any], currency: str, sign: int) -> dict[str, str]:
    return {
        "category": row["category"],
        "percent": row["percent"],
        "net": _amount(sign * row["net"], currency),
        "vat": _amount(sign * row["vat"], currency),
        "reason": row.get("reason", ""),
    }


def seller(issued: Mapping[str, Any], partner: Mapping[str, Any]) -> dict[str, Any]:
    """Return who issues a document: names and numbers as issued, the rest as it is now."""
    bank = partner.get("bank") or {}
    shown: dict[str, Any] = {name: partner[name] for name in _PROFILE if partner.get(name)}
    shown.update({name: issued[name] for name in ("vat_id", "tax_number", "register") if issued.get(name)})
    account = {
        "iban": bank.get("iban") or partner.get("iban"),
        "bic": bank.get("bic") or partner.get("bic"),
        "account_holder": bank.get("holder"),
    }
    shown.update({name: value for name, value in account.items() if value})
    return {**shown, "name": issued["name"], "address": list(issued.get("address", ()))}


def buyer(invoice: StoredInvoice, account: Mapping[str, Any]) -> dict[str, Any]:
    """Return whom a document is for, as issued."""
    issued = invoice.body["buyer"]
    return {
        "name": issued["name"],
        "address": list(issued.get("address") or account.get("address") or ()),
        "vat_id": issued.get("vat_id", ""),
        "customer_number": invoice.account,
    }
