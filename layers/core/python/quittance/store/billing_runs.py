"""Billing runs in the table, and what a run has to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.domain.errors import Conflict
from quittance.runtime.clock import iso
from quittance.store import keys, slots
from quittance.store.models import BillingRunItem, InvoiceItem, ParkedItem, PartnerItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.billing import DONE, PLANNED, RUNNING, Run

_BATCH = 100


def find(partner: str, run: str) -> Run | None:
    """Return a run, None when there is none of that name."""
    key = keys.billing_run(partner, run)
    try:
        with unavailable_is_transient():
            return _run(partner, BillingRunItem.get(key.pk, key.sk, consistent_read=True))
    except BillingRunItem.DoesNotExist:
        return None


def _run(partner: str, item: BillingRunItem) -> Run:
    return Run(
        partner=partner,
        id=item.sk.removeprefix("RUN#"),
        period=item.period,
        state=item.state,
        request=int(item.request),
        requested_at=item.requested_at,
    )


def request(partner: str, period: str, *, now: datetime, due: datetime) -> Run:
    """Plan the run of a period, again when it was done; one under way is returned as it is."""
    earlier = find(partner, period)
    if earlier is not None and earlier.state != DONE:
        return earlier
    key = keys.billing_run(partner, period)
    item = BillingRunItem(
        key.pk,
        key.sk,
        period=period,
        state=PLANNED,
        request=earlier.request + 1 if earlier else 1,
        requested_at=iso(now),
        due_lane=keys.due_lane("billing", key),
        due_at=iso(due),
    )
    transaction = Transaction()
    before = BillingRunItem.request == earlier.request if earlier else BillingRunItem.pk.does_not_exist()
    transaction.put(item, before)
    try:
        transaction.commit()
    except Conflict:
        return find(partner, period) or _run(partner, item)
    return _run(partner, item)


def go_on(run: Run, *, due: datetime) -> None:
    """Mark a run as under way and say when it is looked at again if its messages get lost."""
    actions = [BillingRunItem.state.set(RUNNING), BillingRunItem.due_at.set(iso(due))]
    _change(run, actions)


def close(run: Run, *, body: Any, now: datetime) -> None:
    """Mark a run as done, with what it found; it is no longer due."""
    actions = [
        BillingRunItem.state.set(DONE),
        BillingRunItem.body.set({**body, "done_at": iso(now)}),
        BillingRunItem.due_at.remove(),
        BillingRunItem.due_lane.remove(),
    ]
    _change(run, actions)


def raise_request(run: Run) -> int:
    """Count one more request of a run that is under way, so that its message differs from the ones before."""
    wanted = run.request + 1
    _change(run, [BillingRunItem.request.set(wanted)])
    return wanted


def _change(run: Run, actions: list[Any]) -> None:
    """Change a run that nobody else planned again meanwhile; Conflict otherwise."""
    key = keys.billing_run(run.partner, run.id)
    transaction = Transaction()
    transaction.update(BillingRunItem(key.pk, key.sk), actions, BillingRunItem.request == run.request)
    transaction.commit()


def slot_states(partner: str, slot: str) -> dict[tuple[str, str], str]:
    """Return the state of the accounts' invoices of a slot, by account and slot, in the accounts' order."""
    accounts = slots.billable(partner, slot)
    by_pk = {keys.account_pk(partner, account): account for account in accounts}
    states: dict[tuple[str, str], str] = {}
    for batch in _batches(list(by_pk)):
        wanted = [(pk, f"INV#{slot}") for pk in batch]
        with unavailable_is_transient():
            found = InvoiceItem.batch_get(wanted, consistent_read=True, attributes_to_get=["pk", "sk", "kind", "state"])
            states.update({(by_pk[item.pk], slot): item.state for item in found})
    return {(account, slot): states[account, slot] for account in accounts if (account, slot) in states}


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]


def refusals(partner: str, *, since: str) -> dict[tuple[str, str], str]:
    """Return why invoices could not be issued since a moment, by account and invoice."""
    prefix = ParkedItem.sk.startswith("PARKED#billing#")
    with unavailable_is_transient():
        found = list(ParkedItem.query(keys.partner_pk(partner), prefix, consistent_read=True))
    return {
        (item.body["account"], item.body["invoice"]): item.reason
        for item in found
        if item.parked_at >= since and item.body.get("state") == "open"
    }


def partner_body(partner: str) -> Mapping[str, Any]:
    """Return a partner's stored definition."""
    key = keys.partner(partner)
    with unavailable_is_transient():
        body: Mapping[str, Any] = PartnerItem.get(key.pk, key.sk, consistent_read=True).body
    return body


def next_automatic(partner: str, upcoming: datetime | None) -> None:
    """Say when the partner's billing day comes next; None takes it off the billing lane."""
    key = keys.partner(partner)
    if upcoming is None:
        actions: list[Any] = [PartnerItem.due_at.remove(), PartnerItem.due_lane.remove()]
    else:
        actions = [PartnerItem.due_at.set(iso(upcoming)), PartnerItem.due_lane.set(keys.due_lane("billing", key))]
    with unavailable_is_transient():
        PartnerItem(key.pk, key.sk).update(actions, condition=PartnerItem.pk.exists())
