from __future__ import annotations

import json

import pytest

from infra.local.vendor.control import control
from infra.local.vendor.disturbance import Disturbance
from infra.local.vendor.seeding import SeedError
from infra.local.vendor.wire import Request


def ask(desk, method, path, body=None):
    response = control(desk.app, Request(method, f"/_control{path}", {}, json.dumps(body or {}).encode()))
    is_json = "json" in response.headers["Content-Type"]
    return response.status, json.loads(response.body) if is_json else response.body.decode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"partners": [{"tenant": "t", "client_id": "c", "client_secret": "s", "cloud": "germany"}]}, "2021-10-29"),
        ({"partners": [{"tenant": "t", "client_id": "c", "client_secret": "s", "cloud": "moon"}]}, "us-government"),
        ({"partners": [{"tenant": "t"}]}, "client_id"),
        ({"customers": [{"id": "x", "subscriptions": [{"id": "s", "kind": "lease"}]}]}, "nce_license"),
        ({"customers": [{"id": "x", "subscriptions": [{"id": "s", "colour": "red"}]}]}, "colour"),
        ({"invoices": [{"id": "G1", "tenant": "t", "date": "2026-10-08T00:00:00", "currency": "EUR", "total": "1"}]},
         "offset"),
        ({"customers": [{"id": "x", "subscriptions": [{"id": "s", "kind": "add_on"}]}]}, "parent"),
        ({"clients": []}, "clients"),
    ],
)  # fmt: skip
def test_a_bad_seed_names_the_place(desk, data, message):
    with pytest.raises(SeedError, match=message):
        desk.seed(**data)
    assert ask(desk, "POST", "/seed", data)[0] == 400


def test_a_scenarios_subscription_can_be_seeded_as_written(desk):
    row = {"id": "sub-1", "product": "CFQ7TTC0LH18", "name": "Microsoft 365 E3", "kind": "nce_license", "quantity": 25,
           "term_ends": "2027-03-31", "auto_renew": True}  # fmt: skip
    status, state = ask(desk, "POST", "/seed", {"customers": [{"id": "contoso", "subscriptions": [row]}]})
    assert status == 200
    held = state["subscriptions"][0]
    assert {name: held[name] for name in ("id", "name", "kind", "quantity", "auto_renew", "status")} == {
        "id": "sub-1", "name": "Microsoft 365 E3", "kind": "nce_license", "quantity": 25, "auto_renew": True,
        "status": "active",
    }  # fmt: skip


def test_an_add_on_is_of_its_parents_kind(desk):
    desk.subscriptions({"id": "a", "kind": "add_on", "parent": "p"}, {"id": "p", "kind": "legacy_license"})
    assert desk.resource("a")["attributes"]["etag"]
    assert desk.resource("a")["parentSubscriptionId"] == "p"


def test_an_unknown_status_can_be_put_in_by_hand(seat):
    assert ask(seat, "PUT", "/customers/contoso/subscriptions/seat", {"status": "underReview"})[0] == 200
    assert seat.resource()["status"] == "underReview"
    assert ask(seat, "PUT", "/customers/contoso/subscriptions/none", {"status": "active"})[0] == 404
    assert ask(seat, "PUT", "/customers/contoso/subscriptions/seat", {"kind": "perpetual"})[0] == 400


@pytest.mark.parametrize(
    "body", [{"mode": "asleep"}, {"mode": "down", "until": "2026-10-02T00:00:00"}, {"mode": "down", "when": "now"}]
)
def test_a_fault_that_cannot_be_read_changes_nothing(seat, body):
    assert ask(seat, "PUT", "/fault", body)[0] == 400
    assert seat.get("/customers").status == 200


def test_a_fault_lasts_until_its_moment(seat):
    ask(seat, "PUT", "/fault", {"mode": "down", "until": "2026-10-01T08:30:00+00:00"})
    assert seat.get("/customers").status == 503
    assert ask(seat, "GET", "/state")[1]["fault"]["mode"] == "down"
    seat.at("2026-10-01T08:30:00Z")
    assert seat.get("/customers").status == 200
    assert ask(seat, "GET", "/state")[1]["fault"] is None


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (Disturbance("throttled", count=2, seconds=57), [429, 429, 200]),
        (Disturbance("down", subscription="other"), [200, 200, 200]),
        (Disturbance("down", subscription="seat"), [503, 503, 503]),
        (Disturbance("down", on="token"), [200, 200, 200]),
        (Disturbance("async"), [200, 200, 200]),
    ],
)
def test_a_fault_strikes_what_it_names(seat, fault, statuses):
    seat.disturb(fault)
    assert [seat.get("/customers/contoso/subscriptions/seat").status for _ in statuses] == statuses


@pytest.mark.parametrize(("mode", "delay", "lost"), [("slow", 0.25, False), ("lost", 0, True)])
def test_a_slow_or_lost_answer_still_did_its_work(seat, mode, delay, lost):
    body = json.dumps(seat.resource() | {"status": "suspended"}).encode()
    headers = {"authorization": f"Bearer {seat.token}", "content-type": "application/json"}
    seat.disturb(Disturbance(mode, seconds=0.25, count=1))
    response = seat.app.handle(Request("PATCH", "/v1/customers/contoso/subscriptions/seat", headers, body))
    assert (response.delay, response.lost) == (delay, lost)
    assert seat.resource()["status"] == "suspended"


def test_the_limit_is_counted_by_the_minute_of_the_virtual_clock(seat):
    seat.app.state.limits.requests_per_minute = 3
    seat.at("2026-10-01T08:00:20Z")
    replies = [seat.get("/customers") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert (replies[3].headers["Retry-After"], replies[3].body["statusCode"]) == ("40", 429)
    seat.at("2026-10-01T08:01:00Z")
    assert seat.get("/customers").status == 200


def test_the_journal_tells_what_was_wanted_and_no_secret(seat):
    seat.patch(status="suspended")
    _, answer = ask(seat, "GET", "/requests?after=1&method=PATCH")
    (entry,) = answer["requests"]
    assert entry["wanted"] == {"status": "suspended", "autoRenewEnabled": True, "quantity": 25}
    assert (entry["at"], entry["tenant"], entry["status"]) == ("2026-10-01T08:00:00Z", "acme-t", 200)
    shown = json.dumps([ask(seat, "GET", "/requests")[1], ask(seat, "GET", "/state")[1]])
    assert "hush" not in shown
    assert seat.token not in shown


def test_the_page_shows_state_and_requests_and_escapes_names(desk):
    desk.subscriptions({"id": "seat", "name": "<script>x</script>", "quantity": 3, "term_ends": "2027-03-31"})
    desk.patch(status="suspended")
    status, page = ask(desk, "GET", "/")
    assert status == 200
    assert "<script>x" not in page
    assert "width=device-width" in page
    for text in ("suspended", "&lt;script&gt;", "Auto-renew", "PATCH /v1/customers/contoso/subscriptions/seat"):
        assert text in page


def test_the_clock_keeps_its_moment_while_the_file_is_replaced(desk, tmp_path):
    before = desk.app.clock.now()
    (tmp_path / "clock").write_text("")
    assert desk.app.clock.now() == before
    (tmp_path / "clock").unlink()
    assert desk.app.clock.now() == before
