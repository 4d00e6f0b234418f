from __future__ import annotations

import uuid
from typing import Any

import pytest

from infra.local.vendor.disturbance import Disturbance
from infra.local.vendor.wire import Request

NEXT_TERM = {"product": {"productId": "CFQ7TTC0LH18", "skuId": "0001", "termDuration": "P1Y"}, "quantity": 20}
LEGACY = {"id": "old", "kind": "legacy_license", "name": "Office 365 E3", "quantity": 5, "term_ends": "2027-03-31"}


def test_suspending_a_seat_ends_renewal_and_drops_what_was_scheduled(seat):
    assert seat.patch(scheduledNextTermInstructions=NEXT_TERM).body["scheduledNextTermInstructions"] == NEXT_TERM

    suspended = seat.patch(status="suspended")

    assert (suspended.status, suspended.body["status"], suspended.body["autoRenewEnabled"]) == (200, "suspended", False)
    assert "scheduledNextTermInstructions" not in suspended.body


def test_resuming_a_seat_leaves_renewal_off_until_it_is_asked_for_again(seat):
    seat.patch(status="suspended")

    resumed = seat.patch(status="active", autoRenewEnabled=True)
    assert (resumed.body["status"], resumed.body["autoRenewEnabled"]) == ("active", False)

    assert seat.patch(autoRenewEnabled=True).body["autoRenewEnabled"] is True


def test_leaving_out_auto_renew_resets_it(seat):
    assert seat.patch(drop=("autoRenewEnabled",)).body["autoRenewEnabled"] is False


def test_a_legacy_suspension_keeps_renewal_as_sent(desk):
    desk.subscriptions(LEGACY)
    body = desk.patch("old", status="suspended", autoRenewEnabled=True).body
    assert (body["status"], body["autoRenewEnabled"], body["suspensionReasons"]) == (
        "suspended", True, ["CustomerCancellation"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "drop", "http", "code"),
    [
        ({}, ("status",), 400, "3000"),
        ({}, ("quantity",), 400, "3000"),
        ({}, ("friendlyName",), 400, "3000"),
        ({}, ("productType",), 400, "3000"),
        ({}, ("attributes",), 400, "3000"),
        ({"quantity": "25"}, (), 400, "3000"),
        ({"quantity": True}, (), 400, "3000"),
        ({"status": 1}, (), 400, "3000"),
        ({"autoRenewEnabled": "true"}, (), 400, "3000"),
        ({"scheduledNextTermInstructions": []}, (), 400, "3000"),
        ({"id": "another"}, (), 400, "3000"),
        ({"offerId": "another"}, (), 400, "3000"),
        ({"commitmentEndDate": "2030-01-01T00:00:00Z"}, (), 400, "3000"),
        ({"billingCycle": "annual"}, (), 400, "2054"),
        ({"quantity": 0}, (), 400, "2002"),
        ({"status": "suspended", "quantity": 24}, (), 400, "2001"),
        ({"status": "expired"}, (), 400, "800040"),
        ({"status": "paused"}, (), 400, "800040"),
        ({"status": "deleted"}, (), 400, "900117"),
        ({"autoRenewEnabled": False, "scheduledNextTermInstructions": NEXT_TERM}, (), 400, "800093"),
    ],
)
def test_refused_changes_of_a_seat_change_nothing(seat, changes, drop, http, code):
    before = seat.resource()
    reply = seat.patch(drop=drop, **changes)
    assert (reply.status, reply.code) == (http, code)
    assert set(reply.body) == {"code", "description", "data", "source"}
    assert seat.resource() == before


@pytest.mark.parametrize(
    ("status", "changes", "code"),
    [
        ("deleted", {"status": "active"}, "2011"),
        ("expired", {"status": "active"}, "900279"),
        ("disabled", {"status": "active"}, "900279"),
        ("suspended", {"quantity": 30}, "2001"),
        ("suspended", {"friendlyName": "ours"}, "800091"),
        ("underReview", {"status": "suspended"}, "800040"),
        ("pending", {"status": "suspended"}, "800040"),
    ],
)
def test_what_a_status_no_longer_allows(desk, status, changes, code):
    desk.subscriptions({"id": "seat", "quantity": 25, "status": status, "auto_renew": False, "since": "2026-09-30",
                        "term_ends": "2027-03-31"})  # fmt: skip
    assert desk.patch(**changes).code == code


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("nce_license", (200, "suspended")),
        ("legacy_license", (200, "suspended")),
        ("legacy_azure", (200, "suspended")),
        ("azure_plan", (200, "suspended")),
        ("software", (400, "800096")),
        ("perpetual", (400, "800096")),
        ("marketplace", (400, "800096")),
    ],
)
def test_which_kinds_can_be_suspended(desk, kind, outcome):
    desk.subscriptions({"id": "seat", "kind": kind})
    reply = desk.patch(status="suspended")
    assert (reply.status, reply.code or reply.body["status"]) == outcome


def test_a_seat_can_be_cancelled_within_seven_days(desk):
    desk.subscriptions({"id": "seat", "starts": "2026-09-25", "term_ends": "2027-09-25"})
    assert desk.patch(status="deleted").body["status"] == "deleted"


@pytest.mark.parametrize(
    ("if_match", "body_etag", "code"),
    [
        ("current", None, None),
        (None, "current", None),
        (None, None, None),
        ("unquoted", None, "2055"),
        ("stale", None, "2055"),
        (None, "stale", "2055"),
        ("current", "stale", None),  # the header decides
    ],
)
def test_a_stale_etag_of_a_legacy_subscription_is_refused(desk, if_match, body_etag, code):
    desk.subscriptions(LEGACY)
    stale = desk.resource("old")["attributes"]["etag"]
    desk.patch("old", friendlyName="touched")
    current = desk.resource("old")["attributes"]["etag"]
    values = {"current": f'"{current}"', "unquoted": current, "stale": f'"{stale}"'}
    attributes: dict[str, Any] = {"objectType": "Subscription"}
    if body_etag:
        attributes["etag"] = {"current": current, "stale": stale}[body_etag]
    headers = {"if_match": values[if_match]} if if_match else {}

    assert desk.patch("old", headers=headers, attributes=attributes, status="suspended").code == code


def test_new_commerce_carries_no_etag(seat):
    reply = seat.get("/customers/contoso/subscriptions/seat")
    assert "ETag" not in reply.headers
    assert reply.body["attributes"] == {"objectType": "Subscription"}


def test_add_ons_go_with_their_parent_and_come_back_after_it(desk):
    desk.subscriptions(LEGACY, LEGACY | {"id": "addon", "parent": "old"}, LEGACY | {"id": "other"})

    desk.patch("old", status="suspended")
    assert desk.resource("addon")["status"] == "suspended"
    assert desk.resource("other")["status"] == "active"
    early = desk.patch("addon", status="active")
    assert (early.status, early.code) == (409, "27009")

    desk.patch("old", status="active")
    assert desk.resource("addon")["status"] == "suspended"
    assert desk.patch("addon", status="active").body["status"] == "active"


def test_an_azure_plan_waits_for_its_entitlements(desk):
    desk.subscriptions({"id": "plan", "kind": "azure_plan", "entitlements": ["az-1"]})
    base = "/customers/contoso/subscriptions/plan/azureEntitlements"
    refused = desk.patch("plan", status="suspended")
    assert (refused.status, refused.code) == (403, "900115")

    cancelled = desk.call("POST", f"{base}/az-1/cancel", {"cancellationReason": "compromise"})
    assert (cancelled.status, cancelled.body["status"]) == (200, "active")
    desk.at("2026-10-01T08:09:59Z")
    assert desk.get(base).body["items"][0]["status"] == "active"
    assert desk.patch("plan", status="suspended").code == "900115"
    desk.at("2026-10-01T08:10:00Z")
    assert desk.patch("plan", status="suspended").body["status"] == "suspended"

    assert desk.call("POST", f"{base}/az-1/reactivate").code == "800002"
    desk.patch("plan", status="active")
    assert desk.call("POST", f"{base}/az-1/reactivate").status == 202
    desk.at("2026-10-01T08:30:00Z")
    assert desk.get(base).body["items"][0]["status"] == "active"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [("az-9/cancel", {"cancellationReason": "compromise"}, "800111"), ("az-1/cancel", {}, "800002"),
     ("az-1/reactivate", None, "800040")],
)  # fmt: skip
def test_refused_entitlement_calls(desk, path, body, code):
    desk.subscriptions({"id": "plan", "kind": "azure_plan", "entitlements": ["az-1"]})
    assert desk.call("POST", f"/customers/contoso/subscriptions/plan/azureEntitlements/{path}", body).code == code


def test_a_repeated_request_id_has_one_effect(seat):
    path, request_id = "/customers/contoso/subscriptions/seat", str(uuid.uuid4())
    body = seat.resource() | {"status": "suspended"}
    first = seat.call("PATCH", path, body, ms_requestid=request_id)
    seat.patch(status="active")

    again = seat.call("PATCH", path, body, ms_requestid=request_id.upper())

    assert (again.status, again.body) == (first.status, first.body)
    assert seat.resource()["status"] == "active"
    other = seat.call("PATCH", path, body | {"friendlyName": "x"}, ms_requestid=request_id)
    assert other.code == "800002"


def test_a_subscription_seeded_anew_has_no_past(seat):
    path, request_id = "/customers/contoso/subscriptions/seat", str(uuid.uuid4())
    body = seat.resource() | {"status": "suspended"}
    seat.call("PATCH", path, body, ms_requestid=request_id)
    seat.subscriptions({"id": "seat", "name": "Microsoft 365 E3", "quantity": 25, "term_ends": "2027-03-31"})
    assert seat.resource()["status"] == "active"
    seat.call("PATCH", path, seat.resource() | {"status": "suspended"}, ms_requestid=request_id)
    assert seat.resource()["status"] == "suspended"


def test_a_refusal_is_not_remembered_under_its_request_id(desk):
    desk.subscriptions({"id": "plan", "kind": "azure_plan", "entitlements": [{"id": "az-1", "status": "active"}]})
    headers = {"ms_requestid": str(uuid.uuid4())}
    assert desk.patch("plan", headers=headers, status="suspended").code == "900115"
    base = "/customers/contoso/subscriptions/plan/azureEntitlements/az-1/cancel"
    desk.call("POST", base, {"cancellationReason": "compromise"})
    desk.at("2026-10-01T09:00:00Z")
    assert desk.patch("plan", headers=headers, status="suspended").status == 200


def test_a_request_id_that_is_no_guid_is_refused(seat):
    assert seat.patch(headers={"ms_requestid": "intent-7"}, status="suspended").code == "800002"


def test_a_change_accepted_for_later_shows_when_it_is_due(seat):
    seat.disturb(Disturbance("async", seconds=120))
    accepted = seat.patch(status="suspended")
    assert (accepted.status, accepted.body) == (202, None)
    assert accepted.headers["Location"] == "/customers/contoso/subscriptions/seat"

    assert seat.resource()["status"] == "active"
    busy = seat.patch(friendlyName="other")
    assert (busy.status, busy.code) == (409, "800082")
    seat.at("2026-10-01T08:02:00Z")
    assert seat.resource()["status"] == "suspended"


def test_a_parent_suspended_later_takes_its_add_ons_along(desk):
    desk.subscriptions(LEGACY, LEGACY | {"id": "addon", "parent": "old"})
    desk.disturb(Disturbance("async", seconds=60))
    desk.patch("old", status="suspended")
    desk.at("2026-10-01T08:05:00Z")
    assert desk.resource("addon")["status"] == "suspended"


def test_too_many_updates_are_refused(seat):
    seat.app.state.limits.updates_per_subscription = 2
    assert [seat.patch(friendlyName=f"n{i}").code for i in range(3)] == [None, None, "900311"]


@pytest.mark.parametrize(
    ("path", "http", "code"),
    [
        ("/customers/contoso/subscriptions/none", 404, "20003"),
        ("/customers/nobody/subscriptions/seat", 403, "20002"),
        ("/customers/nobody", 403, "20002"),
        ("/unheard-of", 404, "1000"),
        ("/customers/contoso/subscriptions/seat/upgrades", 404, "1000"),
    ],
)
def test_what_is_not_there(seat, path, http, code):
    reply = seat.get(path)
    assert (reply.status, reply.code) == (http, code)


def test_another_partners_customer_is_out_of_reach(seat):
    seat.seed(
        partners=[{"tenant": "other-t", "client_id": "app", "client_secret": "hush"}],
        customers=[{"id": "fabrikam", "tenant": "other-t", "name": "Fabrikam"}],
    )
    assert seat.get("/customers/fabrikam/subscriptions").code == "20002"
    assert [row["id"] for row in seat.get("/customers").body["items"]] == ["contoso"]


@pytest.mark.parametrize(
    ("content_type", "body", "http"),
    [("text/plain", b"{}", 415), ("application/json", b"{", 400), ("application/json", b"[]", 400)],
)
def test_a_body_that_is_no_json_object_is_refused(seat, content_type, body, http):
    headers = {"authorization": f"Bearer {seat.token}", "content-type": content_type}
    request = Request("PATCH", "/v1/customers/contoso/subscriptions/seat", headers, body)
    assert seat.app.handle(request).status == http


def test_property_names_may_start_with_a_capital(desk):
    desk.subscriptions(LEGACY)
    body = {name[:1].upper() + name[1:]: value for name, value in desk.resource("old").items()}
    reply = desk.call("PATCH", "/customers/contoso/subscriptions/old", body | {"Status": "suspended"})
    assert reply.body["status"] == "suspended"


def test_the_list_holds_what_single_reads_show(seat):
    page = seat.get("/customers/contoso/subscriptions").body
    assert (page["totalCount"], page["items"]) == (1, [seat.resource()])
