"""Filling the stand-in: plain mappings in, state out; the keys of a subscription are those of a scenario file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from infra.local.vendor.lifecycle import add_months
from infra.local.vendor.model import (
    CLOUDS,
    KINDS,
    Customer,
    Entitlement,
    Invoice,
    Partner,
    ServiceRequest,
    State,
    Subscription,
)

_NO_TERM = ("azure_plan", "legacy_azure", "perpetual")
_TERMS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_ORDERS = uuid.UUID("5f0ad2a5-2d0c-4e0b-9a3c-0e1f6a3b7c11")


class SeedError(ValueError):
    """What was to be seeded is not valid; the message names the place and the remedy."""


def seed(state: State, data: Mapping[str, Any], now: datetime) -> None:
    """Add partners, customers with subscriptions, invoices and service requests; what exists is replaced.

    Raises SeedError and then changes nothing that comes after the faulty item.
    """
    _known(data, {"partners", "customers", "invoices", "service_requests", "limits"}, "seed")
    for item in data.get("partners", ()):
        partner = _partner(item)
        state.partners[partner.tenant] = partner
    for item in data.get("customers", ()):
        _seed_customer(state, item, now)
    for item in data.get("invoices", ()):
        invoice = _build(Invoice, item, "invoice", date=moment, tenant=lambda t: t)
        state.invoices[invoice.id] = invoice
    for item in data.get("service_requests", ()):
        request = _service_request(item, now)
        state.service_requests[request.id] = request
    for name, value in data.get("limits", {}).items():
        _known({name: value}, {field.name for field in fields(state.limits)}, "limits")
        setattr(state.limits, name, value)


def moment(value: Any) -> datetime:
    """Read a date (midnight UTC) or an instant with its offset."""
    if isinstance(value, datetime):
        read = value
    elif isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    else:
        read = datetime.fromisoformat(str(value))
        if len(str(value)) == len("2026-01-31"):
            read = read.replace(tzinfo=UTC)
    if read.tzinfo is None:
        raise SeedError(f"{value}: give the instant its offset")
    return read.astimezone(UTC)


def change_subscription(subscription: Subscription, changes: Mapping[str, Any]) -> None:
    """Set properties from outside the API, as the vendor's own staff could (unknown statuses included)."""
    _known(changes, {"status", "auto_renew", "quantity", "term_ends", "scheduled", "suspendable"}, "subscription")
    for name, value in changes.items():
        setattr(subscription, name, moment(value) if name == "term_ends" and value else value)
    subscription.version += 1


def _partner(item: Mapping[str, Any]) -> Partner:
    if (cloud := item.get("cloud", "global")) == "germany":
        raise SeedError("partner.cloud: germany closed on 2021-10-29; its history can be read in files only")
    if cloud not in CLOUDS:
        raise SeedError(f"partner.cloud: {cloud!r} is none of {', '.join(CLOUDS)}")
    return _build(Partner, item, "partner")


def _seed_customer(state: State, item: Mapping[str, Any], now: datetime) -> None:
    only = {name: value for name, value in item.items() if name != "subscriptions"}
    if "tenant" not in only:
        if len(state.partners) != 1:
            raise SeedError(f"customer {item.get('id')}: name its tenant, there is not exactly one partner")
        only["tenant"] = next(iter(state.partners))
    customer = _build(Customer, {"name": item.get("id"), **only}, "customer")
    state.customers[customer.id.lower()] = customer
    kinds = {row.get("id"): row.get("kind", "nce_license") for row in item.get("subscriptions", ())}
    for row in item.get("subscriptions", ()):
        of_parent = {"kind": _kind_of_add_on(row, kinds)} if row.get("kind") == "add_on" else {}
        subscription = _subscription({**row, **of_parent}, customer.id, now)
        state.subscriptions[customer.id.lower(), subscription.id.lower()] = subscription


def _kind_of_add_on(item: Mapping[str, Any], kinds: Mapping[str, str]) -> str:
    """Return the kind of an add-on's parent: the vendor has no kind of its own for add-ons."""
    if item.get("parent") not in kinds:
        raise SeedError(f"subscription {item.get('id')}.parent: name another subscription of this customer")
    return kinds[item["parent"]]


def _subscription(item: Mapping[str, Any], customer: str, now: datetime) -> Subscription:
    place = f"subscription {item.get('id')}"
    if (kind := item.get("kind", "nce_license")) not in KINDS:
        raise SeedError(f"{place}.kind: {kind!r} is none of {', '.join(KINDS)}")
    values = {name: value for name, value in item.items() if name not in ("product", "entitlements")}
    term, ends = values.get("term", "P1Y"), values.get("term_ends")
    ends = moment(ends) if ends else None
    starts = moment(values["starts"]) if "starts" in values else _term_start(ends, term, now)
    values |= {
        "kind": kind,
        "customer": customer,
        "name": values.get("name", item.get("product", kind)),
        "offer": values.get("offer", item.get("product", "CFQ7TTC0LH18")),
        "quantity": values.get("quantity", 1),
        "starts": starts,
        "since": moment(values.get("since", starts)),
        "term_ends": ends or (None if kind in _NO_TERM else add_months(starts, _TERMS[term])),
        "order": values.get("order") or uuid.uuid5(_ORDERS, f"{customer}/{item.get('id')}").hex[:12],
    }
    values.setdefault("auto_renew", kind not in _NO_TERM)
    values.setdefault("suspendable", kind != "marketplace")
    values["entitlements"] = {row.id: row for row in map(_entitlement, item.get("entitlements", ()))}
    return _build(Subscription, values, place)


def _term_start(ends: datetime | None, term: str, now: datetime) -> datetime:
    """Guess the start of a term from its end; a month ago where nothing is said."""
    if ends is None:
        return (now - timedelta(days=30)).replace(microsecond=0)
    return add_months(ends, -_TERMS[term])


def _entitlement(item: Mapping[str, Any] | str) -> Entitlement:
    return Entitlement(item) if isinstance(item, str) else _build(Entitlement, item, "entitlement")


def _service_request(item: Mapping[str, Any], now: datetime) -> ServiceRequest:
    return _build(
        ServiceRequest, {"created": now, "modified": now, **item}, "service request", created=moment, modified=moment
    )


def _build[T](kind: type[T], item: Mapping[str, Any], place: str, **readers: Callable[[Any], Any]) -> T:
    _known(item, {field.name for field in fields(kind)}, place)  # type: ignore[arg-type]
    try:
        return kind(**{name: readers.get(name, _same)(value) for name, value in item.items()})
    except TypeError as problem:
        raise SeedError(f"{place}: {problem}") from problem


def _same(value: Any) -> Any:
    return value


def _known(item: Mapping[str, Any], names: set[str], place: str) -> None:
    if unknown := set(item) - names:
        raise SeedError(f"{place}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(names))}")
