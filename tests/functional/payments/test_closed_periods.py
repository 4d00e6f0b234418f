"""Money whose day lies in a closed period: it stands in the open one, however long it was on its way."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from quittance.domain.journal import Closing, posted
from quittance.store.journal import entries
from tests.functional.payments.conftest import NOW
from tests.functional.payments.test_application import told
from tests.functional.payments.test_movements import FOLLOW, account, handle, moved  # noqa: F401  # a fixture

IN_NOVEMBER = "2026-11-30T22:00:00Z"
CLOSED = Closing(date(2026, 11, 30), datetime(2026, 12, 5, tzinfo=UTC))


def days(*closings: Closing) -> dict[str, date]:
    found = [one for one in entries("acme", "contoso", UTC) if one.kind != "invoice"]
    return {one.kind: posted(one, closings, UTC) for one in found}


@pytest.mark.parametrize("invoice", ["I1", None], ids=["its invoice named", "none named"])
def test_a_payment_that_waited_in_its_queue_until_its_month_was_closed(account, invoice):  # noqa: F811  # as above
    handle(told(invoice=invoice, occurred_at=IN_NOVEMBER, received_at=IN_NOVEMBER))
    assert days() == {"payment": date(2026, 11, 30)}
    assert days(CLOSED) == {"payment": NOW.date()}


def test_a_refund_that_waited_for_its_payment(account):  # noqa: F811  # as above
    handle(moved("refunded", 5000, received_at=IN_NOVEMBER))
    handle(told(occurred_at=IN_NOVEMBER), FOLLOW)
    assert days(CLOSED) == {"payment": NOW.date(), "refunded": NOW.date()}
