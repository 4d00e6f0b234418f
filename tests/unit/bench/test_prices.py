"""The cost model: what is added up, what is told apart, what a function is billed for."""

from __future__ import annotations

import pytest

from infra.local.bench.prices import CALL_SECONDS, PRICES, billed_seconds, cost


def test_cost_is_amount_times_price():
    used = {"write unit": 1_000_000, "invocation": 5_000_000}
    assert cost(used) == pytest.approx(0.625 + 1.0)


def test_mail_is_told_apart():
    assert cost({"mail": 1_000_000}) == 0


def test_every_price_names_its_source():
    assert all(price.source.startswith("aws.amazon.com/") and price.dollars > 0 for price in PRICES.values())


@pytest.mark.parametrize(
    ("cpu", "calls", "memory", "seconds"),
    [
        (0.010, 0, 1769, 0.010),
        (0.010, 0, 3538, 0.010),
        (0.010, 0, 884.5, 0.020),
        (0.0, 4, 512, 4 * CALL_SECONDS),
    ],
)
def test_less_memory_is_less_processor_and_waiting_is_billed(cpu, calls, memory, seconds):
    assert billed_seconds(cpu, calls, memory) == pytest.approx(seconds)
