"""Which support vehicle a ticket is handed over with: a rule, not a choice made in haste.

A commercial matter goes by commercial issue support, which every partner has. A technical one goes by the first usable
entitlement in the partner's own order: in force, covering the service, with incidents left. Where none is usable the
answer says why each was passed over and what could be done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quittance.domain.partner import COVERED, Entitlement
from quittance.domain.triage import COMMERCIAL, MARKETPLACE

COMMERCIAL_VEHICLE = "commercial-issue-support"
CHINA_VEHICLE = "21vianet"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The vehicle, and the entitlement whose incident it takes where it takes one."""

    vehicle: str
    entitlement: Entitlement | None = None


@dataclass(frozen=True, slots=True)
class NoVehicle:
    """There is no way to the vendor now: why each entitlement was passed over, and the options."""

    reason: str
    options: tuple[str, ...]


def choose(
    *,
    service: str,
    kind: str,
    cloud: str,
    entitlements: Sequence[Entitlement],
    used: Mapping[str, int],
    today: date,
) -> Chosen | NoVehicle:
    """Choose the vehicle; `used` counts the incidents taken of each entitlement's id, `today` is the partner's date.

    China's cloud is operated by 21Vianet, which takes everything about it.
    """
    if cloud == "china":
        return Chosen(CHINA_VEHICLE)
    if kind == COMMERCIAL:
        return Chosen(COMMERCIAL_VEHICLE)
    passed_over = []
    for entitlement in entitlements:
        obstacle = _obstacle(entitlement, service, used.get(entitlement.id, 0), today)
        if obstacle is None:
            return Chosen(entitlement.vehicle, entitlement)
        passed_over.append(f"{entitlement.vehicle}: {obstacle}")
    return NoVehicle(
        reason="; ".join(passed_over) or "the partner has no technical support entitlement", options=_options(service)
    )


def _obstacle(entitlement: Entitlement, service: str, used: int, today: date) -> str | None:
    if entitlement.until is not None and entitlement.until < today:
        return f"ended on {entitlement.until.isoformat()}"
    if service not in entitlement.services:
        return f"does not cover {service}"
    if entitlement.incidents is not None and used >= entitlement.incidents:
        return f"all {entitlement.incidents} incidents are used"
    return None


def _options(service: str) -> tuple[str, ...]:
    able = ", ".join(name for name, services in COVERED.items() if service in services)
    return (
        f"buy or renew a vehicle that covers {service} ({able}), put it among the entitlements and escalate again",
        "ask the offer's publisher; its support contact is on the offer's page"
        if service == MARKETPLACE
        else "if it is an outage, follow the vendor's service health: an incident there needs no request",
        "solve it at the partner with the vendor's public documentation and community",
    )
