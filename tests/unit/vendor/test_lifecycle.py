from __future__ import annotations

import pytest

SEAT = {"id": "seat", "quantity": 25, "starts": "2026-04-01", "term_ends": "2027-04-01"}
LEGACY = SEAT | {"kind": "legacy_license"}
SUSPENDED = {"status": "suspended", "since": "2026-10-01", "auto_renew": False}


@pytest.mark.parametrize(
    ("given", "at", "status", "term_ends"),
    [
        # renewal
        (SEAT, "2027-03-31T23:59:59Z", "active", "2027-04-01"),
        (SEAT, "2027-04-01T00:00:00Z", "active", "2028-04-01"),
        (SEAT, "2029-06-01T00:00:00Z", "active", "2030-04-01"),
        (SEAT | {"term": "P1M", "term_ends": "2026-10-31"}, "2026-12-01T00:00:00Z", "active", "2026-12-30"),
        # not renewed: the paid extended term, a month at a time, unless the seat ends with its term
        (SEAT | {"auto_renew": False}, "2027-05-15T00:00:00Z", "active", "2027-06-01"),
        (SEAT | {"auto_renew": False, "cancel_at_term_end": True}, "2027-04-01T00:00:00Z", "expired", "2027-04-01"),
        (SEAT | {"auto_renew": False, "starts": "2024-04-01"}, "2027-04-01T00:00:00Z", "expired", "2027-04-01"),
        (LEGACY | {"auto_renew": False}, "2027-04-01T00:00:00Z", "expired", "2027-04-01"),
        # still suspended at the end of the term
        (SEAT | SUSPENDED, "2027-03-31T23:59:59Z", "suspended", "2027-04-01"),
        (SEAT | SUSPENDED, "2027-04-01T00:00:00Z", "expired", "2027-04-01"),
        (SEAT | SUSPENDED, "2027-05-01T00:00:00Z", "disabled", "2027-04-01"),
        (SEAT | SUSPENDED, "2027-07-30T00:00:00Z", "deleted", "2027-04-01"),
        # legacy: gone after ninety days
        (LEGACY | SUSPENDED, "2026-12-29T23:59:59Z", "suspended", "2027-04-01"),
        (LEGACY | SUSPENDED, "2026-12-30T00:00:00Z", "deleted", "2027-04-01"),
        # no term at all
        ({"id": "seat", "kind": "azure_plan"}, "2036-01-01T00:00:00Z", "active", "9999-12-10"),
        ({"id": "seat", "kind": "perpetual"}, "2036-01-01T00:00:00Z", "active", "9999-12-10"),
    ],
)
def test_what_time_alone_does(desk, given, at, status, term_ends):
    desk.subscriptions(given)
    desk.at(at)
    desk.token = desk.sign_in()
    body = desk.resource()
    assert (body["status"], body["commitmentEndDate"][:10]) == (status, term_ends)


def test_a_renewal_brings_what_was_scheduled(desk):
    desk.subscriptions(SEAT)
    scheduled = {"product": {"productId": "CFQ7TTC0LH18", "skuId": "0001", "termDuration": "P1M"}, "quantity": 20}
    desk.patch(scheduledNextTermInstructions=scheduled)
    desk.at("2027-04-01T00:00:00Z")
    desk.token = desk.sign_in()
    body = desk.resource()
    assert (body["quantity"], body["termDuration"], body["commitmentEndDate"][:10]) == (20, "P1M", "2027-05-01")
    assert "scheduledNextTermInstructions" not in body


def test_a_change_within_the_term_drops_what_was_scheduled(desk):
    desk.subscriptions(SEAT)
    desk.patch(scheduledNextTermInstructions={"quantity": 20})
    assert "scheduledNextTermInstructions" not in desk.patch(quantity=26).body
