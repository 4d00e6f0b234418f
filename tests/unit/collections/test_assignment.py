"""Which policy an account has: the next one begins with its day where the account is."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from quittance.domain.assignment import assigned, reassigned
from tests.unit.collections.books import at

NEXT = {"policy": "strict", "from": "2026-11-01"}


@pytest.mark.parametrize(
    ("zone", "now", "policy"),
    [
        ("Europe/Berlin", at("2026-10-31T23:59:59"), "standard"),
        ("Europe/Berlin", at("2026-11-01T00:00"), "strict"),
        ("America/New_York", at("2026-11-01T00:00"), "standard"),
        ("America/New_York", at("2026-11-01T00:00", "America/New_York"), "strict"),
    ],
)
def test_the_next_policy_begins_with_its_day(zone: str, now: object, policy: str) -> None:
    assert assigned("standard", NEXT, now, ZoneInfo(zone)) == policy  # type: ignore[arg-type]


def test_assigning_again_starts_from_what_is_assigned_then() -> None:
    account = {"policy": "standard", "next_policy": NEXT, "timezone": "Europe/Berlin", "name": "Contoso"}
    late, later = at("2026-12-01T00:00"), date(2027, 1, 1)
    assert reassigned(account, "mild", None, late) == {"policy": "mild", "timezone": "Europe/Berlin", "name": "Contoso"}
    again = reassigned(account, "mild", later, late)
    assert (again["policy"], again["next_policy"]) == ("strict", {"policy": "mild", "from": "2027-01-01"})
