"""The steps of a scenario: their fields, and which of them this version plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from infra.local.providers.sent import VIA
from infra.local.scenario import checks
from infra.local.scenario.checks import Check
from quittance.domain.forbearance import HOLD_REASONS


@dataclass(frozen=True, slots=True)
class Shape:
    """Fields a step must have and those it may have."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)


LATER: tuple[str, ...] = ()
"""What the format knows and this version does not play."""

TICKET_ACTIONS = {
    "reply": "replies",
    "diagnose": "diagnosis",
    "pending": "pending",
    "resume": "resume",
    "escalate": "escalation",
    "vendor_case": "vendor-case",
    "close": "close",
    "reopen": "reopen",
}
"""The steps that do something to a ticket, each with its action in the API."""

_CLOUD_SERVICES = ("azure", "microsoft365", "dynamics365", "marketplace", "partner-center")


def shapes(zone: ZoneInfo) -> dict[str, Shape]:
    """Return the shape of every step that can be played; moments are read in the partner's zone."""
    moment = checks.moment(zone)
    ticket = Shape({"ticket": checks.name})
    return {
        "import": Shape({"file": checks.text, "vendor_invoice": checks.name, "dated": checks.day}),
        "bill": Shape({"period": checks.name}),
        "invoice": Shape(
            {"id": checks.name, "account": checks.name, "lines": checks.list_of(checks.mapping)},
            {"issued": checks.day, "due": checks.day},
        ),
        "pay": Shape(
            {"id": checks.name, "account": checks.name, "amount": checks.amount},
            {
                "invoice": checks.name,
                "lines": checks.list_of(checks.position),
                "via": checks.one_of(*VIA),
                "currency": checks.name,
            },
        ),
        "pay_failed": Shape({"id": checks.name}, {"account": checks.name, "via": checks.one_of(*VIA)}),
        "refund": Shape({"payment": checks.name}, {"amount": checks.amount}),
        "chargeback": Shape({"payment": checks.name}, {"amount": checks.amount}),
        "chargeback_reversed": Shape({"payment": checks.name}, {"amount": checks.amount}),
        "credit": Shape(
            {"invoice": checks.name, "reason": checks.text},
            {
                "id": checks.name,
                "account": checks.name,
                "amount": checks.amount,
                "lines": checks.list_of(checks.mapping),
            },
        ),
        "write_off": Shape({"invoice": checks.name}, {"account": checks.name}),
        "reinstate": Shape({"invoice": checks.name}, {"account": checks.name}),
        "bank_statement": Shape({"file": checks.text}),
        "publish": Shape({"policy": checks.name, "definition": checks.mapping}),
        "assign": Shape({"account": checks.name, "policy": checks.name}, {"from": checks.day}),
        "promise": Shape(
            {"account": checks.name, "amount": checks.amount, "until": checks.day_or_moment(zone)},
            {"id": checks.name, "instalments": checks.list_of(checks.mapping)},
        ),
        "pause": Shape({"account": checks.name, "reason": checks.text}, {"until": moment, "id": checks.name}),
        "unpause": Shape({"account": checks.name}),
        "hold": Shape({"account": checks.name, "reason": checks.one_of(*HOLD_REASONS)}, {"note": checks.text}),
        "release": Shape({"account": checks.name, "reason": checks.one_of(*HOLD_REASONS)}),
        "dispute": Shape(
            {"invoice": checks.name},
            {"account": checks.name, "lines": checks.list_of(checks.position), "reason": checks.text},
        ),
        "dispute_closed": Shape(
            {"invoice": checks.name, "outcome": checks.one_of("upheld", "rejected")}, {"account": checks.name}
        ),
        "ticket": Shape(
            {
                "id": checks.name,
                "account": checks.name,
                "service": checks.one_of(*_CLOUD_SERVICES),
                "kind": checks.one_of("commercial", "technical"),
                "severity": checks.one_of("A", "B", "C"),
                "subject": checks.text,
            },
            {"invoice": checks.name, "lines": checks.list_of(checks.position)},
        ),
        "reply": Shape(
            {"ticket": checks.name, "by": checks.one_of("partner", "customer", "vendor")}, {"public": checks.flag}
        ),
        "pending": Shape({"ticket": checks.name}, {"until": moment}),
        "resume": ticket,
        "diagnose": Shape({"ticket": checks.name, "finding": checks.text}),
        "escalate": ticket,
        "vendor_case": Shape({"ticket": checks.name, "number": checks.name}),
        "close": Shape({"ticket": checks.name}, {"outcome": checks.one_of("upheld", "rejected")}),
        "reopen": ticket,
        "change_at_vendor": Shape(
            {"account": checks.name, "subscription": checks.name},
            {"status": checks.name, "auto_renew": checks.flag, "quantity": checks.position},
        ),
        "run": Shape({"schedule": checks.name}),
        "fault": Shape(
            {
                "target": checks.one_of("vendor", "mail", "queue", "schedule"),
                "mode": checks.one_of("down", "throttled", "slow", "duplicate", "reorder"),
                "until": moment,
            }
        ),
        "expect": Shape({"account": checks.name}, dict.fromkeys(_OBSERVED, _anything)),
    }


_OBSERVED = "currency balance overdue credit oldest_due stage access drift holds notices invoices tickets".split()

PLAYED_FAULTS = {
    "vendor": ("down", "throttled", "slow"),
    "mail": ("down",),
    "queue": ("duplicate", "reorder", "slow"),
    "schedule": ("down", "duplicate", "reorder"),
}


def _anything(value: object) -> object:
    return value
