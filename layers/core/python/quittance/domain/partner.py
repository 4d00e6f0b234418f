"""The partner: a reseller with its legal entity, its cloud, and the vendor support it is entitled to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.errors import Rejected
from quittance.domain.money import exponent
from quittance.domain.pay_url import problem_of
from quittance.domain.places import country, vat_id
from quittance.domain.reading import Fields
from quittance.domain.triage import CLOUD_SERVICES, SERVICES, normal_service

CLOUDS = ("global", "us-government", "china")
# The languages that mails are written in, and how they may address their reader.
LANGUAGES = ("de", "en", "fr")
TONES = ("formal", "friendly")
_MOST_LOGO = 80_000  # base64 of a small PNG; the item may hold 400 KB
_PREFIX = re.compile(r"[A-Z0-9]{1,12}")
_CLOSED = {"germany": "the vendor closed this cloud on 2021-10-29; use global"}
# The vendor's technical support vehicles and the services each covers where an entitlement names none. Others may be
# named too (a distributor's, say). Commercial issue support is everybody's and needs no entitlement.
COVERED: Mapping[str, tuple[str, ...]] = {
    "premier-support-for-partners": SERVICES,
    "advanced-support-for-partners": CLOUD_SERVICES,
    "partner-cloud-support": CLOUD_SERVICES,
    "signature-cloud-support": CLOUD_SERVICES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """A technical support benefit: services covered, incidents bought (None: no limit), last day in force."""

    vehicle: str
    services: tuple[str, ...]
    incidents: int | None = None
    until: date | None = None

    @property
    def id(self) -> str:
        """Name of this term of the benefit: a renewed one counts its incidents afresh."""
        return f"{self.vehicle}.{self.until.isoformat() if self.until else 'open'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Who the partner is. `definition` is what was put, as `parse_partner` reads it."""

    id: str
    name: str
    country: str
    timezone: str
    currency: str
    locale: str
    cloud: str
    vat_id: str | None
    entitlements: tuple[Entitlement, ...]
    definition: Mapping[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the partner's own dates."""
        return ZoneInfo(self.timezone)


def parse_partner(partner: str, definition: object) -> Partner:
    """Read a partner's definition; Rejected names the field. `id`, where given, must be the token's partner."""
    fields = Fields(definition)
    if fields.text("id", partner) != partner:
        raise fields.refuse("id", f"this token speaks for the partner {partner!r}")
    found = Partner(
        id=partner,
        name=fields.text("name", most=200),
        country=country(fields.raw("country"), "country"),
        timezone=fields.zone("timezone"),
        currency=currency(fields, "currency"),
        locale=fields.text("locale", "en", most=35),
        cloud=_cloud(fields),
        vat_id=vat_id(fields.raw("vat_id"), "vat_id") if fields.has("vat_id") else None,
        entitlements=_entitlements(fields),
        definition=_stored(partner, definition),
    )
    _letterhead(fields)
    if fields.has("automatic_billing"):
        billing = fields.under("automatic_billing")
        billing.whole("day", least=1, most=28)
        billing.done()
    fields.done()
    return found


def _stored(partner: str, definition: object) -> dict[str, Any]:
    return {**definition, "id": partner} if isinstance(definition, Mapping) else {}


def currency(fields: Fields, name: str, default: str | None = None) -> str:
    """Read an ISO 4217 code."""
    code: str = fields.text(name, default) if default else fields.text(name)
    try:
        exponent(code)
    except Rejected as problem:
        raise Rejected(f"{fields.path(name)}: {problem.message}", field=fields.path(name)) from None
    return code


def _cloud(fields: Fields) -> str:
    cloud = fields.text("cloud", "global")
    if cloud in _CLOSED:
        raise fields.refuse("cloud", _CLOSED[cloud])
    return str(fields.choice("cloud", CLOUDS, "global"))


def _entitlements(fields: Fields) -> tuple[Entitlement, ...]:
    found = fields.each("support_entitlements", _entitlement, most=50)
    if len({entitlement.id for entitlement in found}) != len(found):
        raise fields.refuse("support_entitlements", "two have the same vehicle and end; join them")
    return found


def _entitlement(fields: Fields) -> Entitlement:
    vehicle = fields.name("vehicle")
    named = fields.items("services", (), most=len(SERVICES))
    services = tuple(normal_service(name, fields.path(f"services[{i}]")) for i, name in enumerate(named))
    found = Entitlement(
        vehicle=vehicle,
        services=services or COVERED.get(vehicle, SERVICES),
        incidents=fields.whole("incidents", None, most=100_000),
        until=fields.day("until", None),
    )
    fields.done()
    return found


def _letterhead(fields: Fields) -> None:
    """Read what invoices print about the partner; nothing is decided on it."""
    for i, line in enumerate(fields.items("address", (), most=6)):
        if not isinstance(line, str):
            raise fields.refuse(f"address[{i}]", "write each line of the address as a text")
    for name in ("tax_number", "phone", "website", "register", "support_contact"):
        fields.text(name, None, most=200)
    fields.email("email", None)
    fields.text("logo", None, most=_MOST_LOGO)
    if (prefix := fields.text("invoice_prefix", None)) and not _PREFIX.fullmatch(prefix):
        raise fields.refuse("invoice_prefix", "use 1 to 12 capital letters and digits")
    if (template := fields.text("payment_url", None, most=500)) and (problem := problem_of(template)):
        raise fields.refuse("payment_url", problem)
    if fields.has("tone"):
        tone = fields.under("tone")
        for name in LANGUAGES:
            tone.choice(name, TONES, "formal")
        tone.done()
    if fields.has("bank"):
        bank = fields.under("bank")
        for name in ("iban", "bic", "holder"):
            bank.text(name, None, most=70)
        bank.done()
