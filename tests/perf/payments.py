"""What booking a payment asks of the table."""

from collections.abc import Iterator
from dataclasses import replace

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Figure, at_most, exactly
from infra.local.bench.ground import Ground
from infra.local.bench.registry import bench
from quittance.runtime.clock import iso
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.payment_message import ApplyPayment


@bench("payment", "booking a payment that names its invoice, and booking it again")
def payment(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "paying")
    ground.account("contoso")
    ground.issue(ground.ask("contoso", "I1", lines=100))
    # Assessed, so that it waits in the due index and the payment has to move it there: the dearer case.
    ground.assess("contoso")
    message = ApplyPayment(
        partner="paying",
        account="contoso",
        invoice="I1",
        provider="stripe",
        event_id="evt_1",
        payment_id="pi_1",
        amount=10_000,
        currency="EUR",
        received_at=iso(ground.now),
        kind="succeeded",
    )

    def apply(told):
        return apply_payment(told, book=PaymentBook(), now=ground.now, pause=lambda _: None)

    with ground.meter() as first:
        booked = apply(message)
    before = ground.items("contoso")
    with ground.meter() as second:
        again = apply(replace(message, event_id="evt_2"))
    if (booked, again) != (Outcome.BOOKED, Outcome.DUPLICATE):
        raise RuntimeError(f"the payment was {booked}, then {again}; booked, then duplicate was expected")
    changed = sum(old != new for old, new in zip(before, ground.items("contoso"), strict=True))
    reads = first.requests - first.by_operation["TransactWriteItems"].requests
    yield at_most("payment/write_requests", first.requests - reads, 1, "requests")
    yield at_most("payment/reads", reads, 0, "requests")
    yield at_most("payment/write_units", first.write_units, 7, "write units")
    yield at_most("payment/duplicate_requests", second.requests, 1, "requests")
    yield exactly("payment/duplicate_changes", changed, 0, "items")
