"""Takes payments from their FIFO queue and books each once; a failing account does not hold up the others."""

from __future__ import annotations

import os
from functools import cache
from random import SystemRandom
from time import monotonic, sleep
from typing import Any

from quittance.adapters.aws_json import SecretsManager
from quittance.adapters.provider_api import provider_api
from quittance.adapters.secrets import CachedSecrets
from quittance.runtime.batch import run_batch
from quittance.runtime.clock import clock_from_env
from quittance.runtime.log import metrics, note, one_line
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.messages import FollowPayment
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.ports import ProviderApi
from quittance.usecases.read_again import read_again

_METRIC = {
    Outcome.BOOKED: "PaymentsBooked",
    Outcome.DUPLICATE: "PaymentsDuplicate",
    Outcome.PARKED: "PaymentsParked",
    Outcome.WAITING: "PaymentsWaiting",
    Outcome.NOTED: "PaymentsNoted",
    Outcome.IGNORED: "PaymentsIgnored",
}


@one_line
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Book the batch in order; a message that fails comes again with the later ones of its account, and only those."""
    return run_batch(event, {ApplyPayment: _proven, FollowPayment: _follow})


def _proven(message: ApplyPayment) -> None:
    movements = read_again(message, api=_api)
    metrics.add_metric("PaymentMovements", "Count", len(movements))
    for movement in movements:
        _take_news(movement) if movement.kind == "mandate" else _book(movement)


def _take_news(message: ApplyPayment) -> None:
    from quittance.store import payment_methods  # noqa: PLC0415  # rare news, which no payment has to wait for
    from quittance.usecases.payment_methods import take_news  # noqa: PLC0415  # as above

    changed = take_news(message, shelf=payment_methods)
    note("payment method", partner=message.partner, state=message.reason, changed=changed)
    metrics.add_metric("PaymentMethodsChanged", "Count", changed)


def _api(provider: str, partner: str) -> ProviderApi:
    return provider_api(provider, partner, _secrets())


@cache
def _secrets() -> CachedSecrets:
    return CachedSecrets(SecretsManager(), prefix=os.environ.get("SECRET_PREFIX", "quittance"), ticks=monotonic)


def _book(message: ApplyPayment) -> None:
    now = clock_from_env().now()
    outcome = apply_payment(message, book=PaymentBook(now), now=now, pause=_jitter)
    told = {"outcome": outcome.value, "partner": message.partner, "payment": message.payment_id, "kind": message.kind}
    note("payment", **told)
    metrics.add_metric(_METRIC[outcome], "Count", 1)


def _follow(message: FollowPayment) -> None:
    book = PaymentBook(clock_from_env().now())
    booked = follow_payment(
        message.partner, message.account, message.provider, message.payment_id, book=book, pause=_jitter
    )
    note("payment followed", payment=message.payment_id, waited=booked)
    metrics.add_metric("MovementsThatWaited", "Count", booked)


def _jitter(attempt: int) -> None:
    sleep(SystemRandom().uniform(0, 0.02 * 2**attempt))
