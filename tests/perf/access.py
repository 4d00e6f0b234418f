"""What switching a subscription asks of the table; the vendor's calls are its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Figure, at_most, exactly
from infra.local.bench.ground import AT_ONCE, Ground
from infra.local.bench.registry import bench
from quittance.domain.access import VendorState
from quittance.runtime.clock import iso
from quittance.store.access import AccessStore
from quittance.store.payments import PaymentBook
from quittance.store.policies import PolicyStore
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.messages import ToggleAccess
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.toggle_access import Outcome, toggle_access

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
ISSUED = date(2026, 8, 1)


@bench("access", "suspending and restoring a subscription, and doing so again")
def access(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "switching", policy=AT_ONCE)
    ground.account("contoso")
    ground.issue(ground.ask("contoso", "I1", issued=ISSUED))
    ground.assess("contoso")
    vendor = Vendor()
    suspended = toggled(ground, vendor, Outcome.DONE)
    again = toggled(ground, vendor, Outcome.SETTLED)
    pay(ground)
    ground.assess("contoso")
    restored = toggled(ground, vendor, Outcome.DONE)
    yield at_most("access/suspend_requests", suspended.requests, 5, "requests")
    yield at_most("access/restore_requests", restored.requests, 4, "requests")
    yield at_most("access/suspend_units", suspended.write_units, 3, "write units")
    yield at_most("access/restore_units", restored.write_units, 3, "write units")
    # Every write of the table is an event in its stream; none written is none told.
    writes = sum(again.by_operation[name].requests for name in WRITES if name in again.by_operation)
    yield exactly("access/noop_events", writes, 0, "events")


def toggled(ground, vendor, expected):
    message = ToggleAccess(partner=ground.partner, account="contoso", subscription="contoso-1", generation=0)
    with ground.meter() as meter:
        outcome, _ = toggle_access(
            message, switches=AccessStore(), vendors=vendor, policies=PolicyStore(), now=ground.now
        )
    if outcome != expected:
        raise RuntimeError(f"the switch came to {outcome}, expected {expected}")
    return meter


def pay(ground):

    message = ApplyPayment(
        partner=ground.partner,
        account="contoso",
        invoice=None,
        provider="stripe",
        event_id="evt_1",
        payment_id="pi_1",
        amount=1_000_000,
        currency="EUR",
        received_at=iso(ground.now),
        kind="succeeded",
    )
    apply_payment(message, book=PaymentBook(), now=ground.now, pause=lambda _: None)


@dataclass
class Vendor:
    """A vendor that does at once what it is asked."""

    status: str = "active"

    def of(self, _partner):
        return self

    def read(self, _switch):
        return VendorState(status=self.status, auto_renew=True)

    def suspend(self, switch, _state):
        self.status = "suspended"
        return self.read(switch)

    def restore(self, switch, _state):
        self.status = "active"
        return self.read(switch)
