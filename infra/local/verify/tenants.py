"""Invariant 9: an item's content says the same as its key, so nobody's item lies in another partner's partition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken, missing
from quittance.domain.errors import Rejected
from quittance.store import keys

_MEASURES = ("promise", "pause", "hold", "dispute")
_OF_ACCOUNTS = frozenset(
    [
        "account",
        "head",
        "invoice",
        "document",
        "payment",
        "notice",
        "decision",
        "subscription",
        "ticket",
        "task",
        *_MEASURES,
    ]
)
_WITHOUT_ACCOUNT = frozenset(
    "partner policy support_plan price_rules series billing_run vendor_file payable vendor_payment".split()
)


def check(table: Table) -> Iterator[Violation]:
    """Compute every item's key again from its content."""
    for record in table.records:
        yield from _key(record)
        yield from _due(record)
    for record in table.of("document"):
        yield from _location(record)
    for record in table.of("customer"):
        yield from _claimed(table, record)
    for record in table.of("account_entry"):
        yield from _listed(table, record)


def _key(record: Record) -> Iterator[Violation]:
    rule, expected = "the item is in its partner's partition", f"P#{record.partner}"
    if not record.partner:
        if not record.pk.startswith("PARKED"):
            yield broken(9, "a key names a partner", record, expected="P#…", found=record.pk)
    elif record.kind in _OF_ACCOUNTS and record.account is None:
        yield broken(9, "the item is in an account's partition", record, expected=f"{expected}#A#…", found=record.pk)
    elif record.kind in _WITHOUT_ACCOUNT and record.pk != expected:
        yield broken(9, rule, record, expected=expected, found=record.pk)
    else:
        yield from _told(record)


def _told(record: Record) -> Iterator[Violation]:
    rule = _KEYS.get(record.kind)
    if rule is None:
        return
    try:
        expected = rule(record)
    except (Rejected, TypeError, ValueError) as problem:
        yield broken(9, "the key follows from the content", record, expected="a readable content", found=problem)
        return
    if (expected.pk, expected.sk) != (record.pk, record.sk):
        told, found = f"{expected.pk} {expected.sk}", f"{record.pk} {record.sk}"
        yield broken(9, "the key follows from the content", record, expected=told, found=found)


def _account(record: Record) -> str:
    return record.account or ""


def _measure(record: Record) -> keys.Key:
    place = keys.bygone_measure if record.sk.startswith("OLD#") else keys.measure
    return place(record.partner, _account(record), record.kind, str(record.body.get("id")))


def _billable(record: Record) -> keys.Key:
    account = record.get("account")
    if account is None:
        return keys.billable_file(record.partner, record.get("period"), record.sk.removeprefix("FILE#"))
    return keys.billable(record.partner, record.get("period"), account)


_KEYS: Mapping[str, Callable[[Record], keys.Key]] = {
    "partner": lambda one: keys.partner(str(one.body.get("id", one.partner))),
    "policy": lambda one: keys.policy(one.partner, one.get("name"), one.get("version")),
    "support_plan": lambda one: keys.support_plan(one.partner, one.get("name")),
    "account": lambda one: keys.account(one.partner, _account(one)),
    "head": lambda one: keys.head(one.partner, _account(one)),
    "document": lambda one: keys.document(one.partner, _account(one), one.get("invoice")),
    "payment": lambda one: keys.payment(one.partner, _account(one), one.get("provider"), one.get("payment_id")),
    "attempt": lambda one: keys.attempt(
        one.partner, _account(one), one.get("provider"), one.get("payment_id"), one.get("status")
    ),
    "aftermath": lambda one: keys.aftermath(one.partner, _account(one), one.get("invoice")),
    "notice": lambda one: keys.notice(one.partner, _account(one), one.get("notice")),
    **dict.fromkeys(_MEASURES, _measure),
    "subscription": lambda one: keys.subscription(one.partner, _account(one), one.get("subscription")),
    "ticket": lambda one: keys.ticket(one.partner, _account(one), one.get("ticket")),
    "billable": _billable,
}


def _due(record: Record) -> Iterator[Violation]:
    """A due item is listed in the shard of its key, where the sweep looks for it."""
    lane, at = record.get("due_lane"), record.get("due_at")
    if (lane is None) != (at is None):
        yield broken(9, "due lane and due moment come together", record, expected="both or none", found=f"{lane}, {at}")
    elif lane is not None:
        expected = _lane(record, lane.partition("#")[0])
        if lane != expected:
            yield broken(9, "the due lane follows from the key", record, expected=expected, found=lane)


def _lane(record: Record, lane: str) -> str:
    if record.kind == "parked":
        return keys.task_lane(record.partner)
    return keys.due_lane(lane, keys.Key(record.pk, record.sk))


def _location(record: Record) -> Iterator[Violation]:
    expected = f"{record.partner}/{record.account}/{record.get('invoice')}/{record.get('sha256')}.pdf"
    if record.get("location") != expected:
        yield broken(9, "a document lies under its partner", record, expected=expected, found=record.get("location"))


def _claimed(table: Table, record: Record) -> Iterator[Violation]:
    key = keys.account(record.partner, str(record.get("account")))
    if table.get(key) is None:
        yield broken(
            9, "a customer is an account of the same partner", record, expected=f"{key.pk}", found="no account"
        )


def _listed(table: Table, record: Record) -> Iterator[Violation]:
    for key in (keys.account(record.partner, record.sk), keys.head(record.partner, record.sk)):
        if table.get(key) is None:
            yield missing(9, "a listed account has profile and head", key.pk, key.sk, expected="an item")
