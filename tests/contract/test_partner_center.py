"""The client against the stand-in over real HTTP, and both against the documented examples where those are at hand."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import urllib3

from infra.local.vendor import StandInVendor
from infra.local.vendor.faults import CODES
from quittance.adapters.partner_center import (
    Credentials,
    Done,
    PartnerCenter,
    Pending,
    cloud_for,
)
from quittance.adapters.partner_center_errors import refusal
from quittance.adapters.partner_center_models import read_invoice, read_items, read_subscription
from quittance.domain.errors import Conflict, Forbidden, NotFound, Poison, Rejected, Transient
from quittance.runtime.clock import FileClock, FixedClock

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/data/partner_center"
EXAMPLES = ROOT.parent / "shared/data/partner_center_examples.json"
SEAT = {"id": "seat", "name": "Microsoft 365 E3", "quantity": 25, "term_ends": "2027-03-31", "auto_renew": True}
LEGACY = SEAT | {"id": "old", "kind": "legacy_license"}
NEXT_TERM = {"product": {"productId": "CFQ7TTC0LH18", "skuId": "0001", "termDuration": "P1Y"}, "quantity": 20}


class Line:
    """A stand-in, its clock and a client of it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.at("2026-10-01T08:00:00Z")
        self.vendor = StandInVendor(self._file)
        self.url = self.vendor.start()
        self.credentials = Credentials("acme-t", "app", "hush", "again")
        self.vendor.seed(
            partners=[{"tenant": "acme-t", "client_id": "app", "client_secret": "hush", "refresh_token": "again"}]
        )
        self.client = self.new_client()

    def at(self, moment: str) -> None:
        self._file.write_text(moment, encoding="ascii")

    def new_client(self, pool: urllib3.PoolManager | None = None) -> PartnerCenter:
        cloud = cloud_for("global", api_base=self.url, authority=self.url)
        return PartnerCenter(cloud=cloud, credentials=lambda: self.credentials, clock=FileClock(self._file), pool=pool)

    def subscriptions(self, *rows: dict[str, Any]) -> None:
        self.vendor.seed(customers=[{"id": "contoso", "name": "Contoso AG", "subscriptions": list(rows)}])

    def toggle(self, name: str, status: Any, request_id: str = "r1", **more: Any) -> Done | Pending:
        held = self.client.get_subscription("contoso", name)
        more.setdefault("auto_renew", held.auto_renew)
        return self.client.set_status("contoso", held, status, request_id=request_id, **more)

    def patches(self) -> list[dict[str, Any]]:
        return self.vendor.requests(method="PATCH")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    line.subscriptions(SEAT, LEGACY)
    yield line
    line.vendor.stop()


def done(outcome: Done | Pending) -> Any:
    assert isinstance(outcome, Done)
    return outcome.subscription


class TestToggling:
    def test_a_seat_is_suspended_and_comes_back_with_its_renewal_and_its_schedule(self, line):
        seat = line.client.get_subscription("contoso", "seat")
        line.client.set_renewal("contoso", seat, auto_renew=True, scheduled_next_term=NEXT_TERM, request_id="plan")
        before = line.client.get_subscription("contoso", "seat")
        assert (before.auto_renew, before.scheduled_next_term) == (True, NEXT_TERM)

        suspended = done(line.toggle("seat", "suspended"))
        assert (suspended.status, suspended.auto_renew, suspended.scheduled_next_term) == ("suspended", False, None)

        back = done(line.toggle("seat", "active", "r2", auto_renew=True, scheduled_next_term=NEXT_TERM))
        assert (back.status, back.auto_renew, back.scheduled_next_term) == ("active", True, NEXT_TERM)

    def test_a_legacy_licence_is_toggled_under_its_etag(self, line):
        old = line.client.get_subscription("contoso", "old")
        assert (old.kind, bool(old.etag)) == ("legacy_license", True)
        suspended = done(line.toggle("old", "suspended"))
        assert (suspended.status, suspended.auto_renew, suspended.etag != old.etag) == ("suspended", True, True)

    def test_a_stale_read_is_a_conflict(self, line):
        old = line.client.get_subscription("contoso", "old")
        line.toggle("old", "suspended")
        line.toggle("old", "active", "r2")
        with pytest.raises(Conflict) as caught:
            line.client.set_status("contoso", old, "suspended", auto_renew=True, request_id="r3")
        assert caught.value.code == "2055"

    def test_what_is_so_already_costs_no_change(self, line):
        assert done(line.toggle("seat", "active")).status == "active"
        assert line.patches() == []

    def test_a_retry_of_one_intent_has_one_effect(self, line):
        seat = line.client.get_subscription("contoso", "seat")
        for _ in range(2):
            line.client.set_status("contoso", seat, "suspended", auto_renew=True, request_id="intent")
        first, second = line.patches()
        assert first["request_id"] == second["request_id"]
        assert first["correlation_id"] != second["correlation_id"]
        assert (first["replayed"], second["replayed"]) == (False, True)
        assert line.vendor.subscription("contoso", "seat")["updates"] == 1

    def test_a_lost_answer_is_transient_and_the_retry_has_no_second_effect(self, line):
        seat = line.client.get_subscription("contoso", "seat")
        line.vendor.fault("lost", count=1, subscription="seat")
        with pytest.raises(Transient):
            line.client.set_status("contoso", seat, "suspended", auto_renew=True, request_id="intent")

        again = line.client.set_status("contoso", seat, "suspended", auto_renew=True, request_id="intent")

        assert done(again).status == "suspended"
        assert line.vendor.subscription("contoso", "seat")["updates"] == 1

    def test_a_resumption_broken_off_halfway_is_finished_by_its_retry(self, line):
        line.toggle("seat", "suspended")
        seat = line.client.get_subscription("contoso", "seat")
        line.client.set_status("contoso", seat, "active", auto_renew=False, request_id="back")  # and then it dies

        back = done(line.toggle("seat", "active", "back", auto_renew=True, scheduled_next_term=NEXT_TERM))

        assert (back.status, back.auto_renew, back.scheduled_next_term) == ("active", True, NEXT_TERM)

    def test_eight_at_once_with_one_intent_have_one_effect(self, line):
        seat = line.client.get_subscription("contoso", "seat")

        def suspend(_: int) -> str:
            outcome = line.new_client().set_status("contoso", seat, "suspended", auto_renew=True, request_id="intent")
            return str(done(outcome).status)

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(suspend, range(8))) == {"suspended"}
        assert line.vendor.subscription("contoso", "seat")["updates"] == 1

    def test_a_later_effect_is_polled(self, line):
        line.vendor.fault("async", seconds=90)
        outcome = line.toggle("seat", "suspended")
        assert isinstance(outcome, Pending)
        assert line.client.poll(outcome.location) == outcome
        with pytest.raises(Transient):  # busy: the vendor asks to try again later
            line.client.set_renewal(
                "contoso", line.client.get_subscription("contoso", "seat"), auto_renew=False, request_id="x"
            )
        line.at("2026-10-01T08:01:30Z")
        assert done(line.client.poll(outcome.location)).status == "suspended"

    def test_an_add_on_waits_for_its_parent(self, line):
        line.subscriptions(LEGACY, LEGACY | {"id": "addon", "parent": "old"})
        line.toggle("old", "suspended")
        assert line.client.get_subscription("contoso", "addon").parent == "old"
        with pytest.raises(Transient) as caught:
            line.toggle("addon", "active", "r2")
        assert (caught.value.code, caught.value.retry_after) == ("27009", 60)

    def test_an_azure_plan_after_its_entitlements(self, line):
        line.subscriptions({"id": "plan", "kind": "azure_plan", "entitlements": ["az-1"]})
        with pytest.raises(Transient) as caught:
            line.toggle("plan", "suspended")
        assert (caught.value.code, caught.value.retry_after) == ("900115", 600)
        assert line.client.cancel_entitlement("contoso", "plan", "az-1", request_id="c").status == "active"
        line.at("2026-10-01T08:10:00Z")
        assert [row.status for row in line.client.list_entitlements("contoso", "plan")] == ["inactive"]
        assert done(line.toggle("plan", "suspended")).status == "suspended"
        line.toggle("plan", "active", "r2")
        line.client.reactivate_entitlement("contoso", "plan", "az-1", request_id="c2")
        line.at("2026-10-01T08:20:00Z")
        assert line.client.list_entitlements("contoso", "plan")[0].status == "active"

    @pytest.mark.parametrize("kind", ["software", "perpetual", "marketplace"])
    def test_what_cannot_be_suspended_is_rejected(self, line, kind):
        line.subscriptions({"id": "x", "kind": kind})
        with pytest.raises(Rejected) as caught:
            line.toggle("x", "suspended")
        assert (caught.value.code, line.client.get_subscription("contoso", "x").kind) == ("800096", kind)

    def test_an_undocumented_status_is_read_as_it_is(self, line):
        line.subscriptions(SEAT | {"status": "underReview"})
        assert line.client.get_subscription("contoso", "seat").status == "underreview"


class TestTroubles:
    @pytest.mark.parametrize(
        ("customer", "name", "error", "code"),
        [("contoso", "none", NotFound, "20003"), ("nobody", "seat", Forbidden, "20002"),
         ("con/toso", "../seat", Forbidden, None)],
    )  # fmt: skip
    def test_what_is_not_ours_is_rejected(self, line, customer, name, error, code):
        with pytest.raises(Rejected) as caught:
            line.client.get_subscription(customer, name)
        if code:
            assert (type(caught.value), caught.value.code) == (error, code)

    def test_too_many_requests_say_when_to_come_back(self, line):
        line.vendor.fault("throttled", seconds=57)
        with pytest.raises(Transient) as caught:
            line.client.get_subscription("contoso", "seat")
        assert caught.value.retry_after == 57

    def test_a_fault_nobody_knows_is_told(self, line):
        with pytest.raises(ValueError, match="down, throttled, slow, async, lost"):
            line.vendor.fault("reorder")

    def test_a_vendor_that_is_down_is_transient(self, line):
        line.vendor.fault("down", until=datetime(2026, 10, 1, 9, tzinfo=UTC))
        with pytest.raises(Transient) as caught:
            line.client.get_subscription("contoso", "seat")
        assert caught.value.code == "503"
        line.at("2026-10-01T09:00:00Z")
        assert line.client.get_subscription("contoso", "seat").status == "active"

    def test_a_vendor_that_is_gone_is_transient(self, line):
        line.vendor.stop()
        with pytest.raises(Transient) as caught:
            line.client.get_subscription("contoso", "seat")
        assert caught.value.code == "unreachable"

    def test_a_sign_in_service_that_is_down_is_transient(self, line):
        line.vendor.fault("down", on="token")
        with pytest.raises(Transient):
            line.client.get_subscription("contoso", "seat")

    def test_a_wrong_secret_is_for_somebody_to_mend_and_is_not_told(self, line):
        line.credentials = Credentials("acme-t", "app", "wrong-secret")
        with pytest.raises(Poison) as caught:
            line.client.get_subscription("contoso", "seat")
        assert caught.value.code == "invalid_client"
        assert "wrong-secret" not in f"{caught.value}{line.credentials!r}"

    def test_one_token_serves_until_shortly_before_its_end(self, line):
        for moment in ("2026-10-01T08:00:00Z", "2026-10-01T08:54:59Z", "2026-10-01T08:55:00Z"):
            line.at(moment)
            line.client.get_subscription("contoso", "seat")
        assert len(line.vendor.requests(path="/oauth2/token")) == 2

    def test_a_token_the_vendor_no_longer_knows_is_fetched_anew_once(self, line):
        line.client.get_subscription("contoso", "seat")
        line.vendor.app.identity.forget_all()
        assert line.client.get_subscription("contoso", "seat").id == "seat"
        assert len(line.vendor.requests(path="/oauth2/token")) == 2

    def test_a_client_outlives_a_restart_of_the_vendor(self, line):
        line.client.get_subscription("contoso", "seat")
        port = int(line.url.rpartition(":")[2])
        line.vendor.stop()
        line.vendor.start(port)
        assert line.client.get_subscription("contoso", "seat").id == "seat"

    @pytest.mark.parametrize(
        ("location", "error"),
        [("https://evil.example/v1/customers/contoso/subscriptions/seat", Poison), ("/customers/contoso/x", NotFound)],
    )
    def test_a_location_leads_nowhere_else(self, line, location, error):
        with pytest.raises(error):
            line.client.poll(location)

    @pytest.mark.parametrize(
        ("status", "body", "headers", "error", "retry_after"),
        [
            (400, {"code": "2055"}, {}, Conflict, None),
            (412, None, {}, Conflict, None),
            (409, {"code": "800064"}, {}, Conflict, None),
            (409, {"code": "900278"}, {}, Transient, 86400),
            (409, {"code": "800082"}, {}, Transient, 60),
            (400, {"code": "800082"}, {}, Transient, 60),  # older pages list it as 400
            (400, {"code": "900311"}, {}, Rejected, None),
            (403, {"code": "900329"}, {}, Forbidden, None),
            (404, {"code": "20003"}, {}, NotFound, None),
            (401, {"code": "900420"}, {}, Poison, None),
            (429, {"statusCode": 429, "message": "later"}, {"Retry-After": "7"}, Transient, 7),
            (429, None, {}, Transient, None),
            (500, {"code": "800003"}, {}, Transient, None),
            (502, "<html>", {}, Transient, None),
            (418, None, {}, Rejected, None),
        ],
    )
    def test_which_error_a_refusal_is(self, status, body, headers, error, retry_after):
        found = refusal(status, body, headers, "PATCH /x")
        assert type(found) is error
        assert getattr(found, "retry_after", None) == retry_after


class TestClouds:
    @pytest.mark.parametrize(
        ("name", "api_host", "authority_host"),
        [
            ("global", "api.partnercenter.microsoft.com", "login.microsoftonline.com"),
            ("us-government", "api.partnercenter.microsoft.com", "login.microsoftonline.us"),
            ("china", "partner.partnercenterapi.microsoftonline.cn", "login.partner.microsoftonline.cn"),
        ],
    )
    def test_each_cloud_has_its_hosts(self, name, api_host, authority_host):
        cloud = cloud_for(name)
        assert (cloud.api_base, cloud.authority) == (f"https://{api_host}", f"https://{authority_host}")

    @pytest.mark.parametrize(
        ("name", "api_base"),
        [
            ("germany", None),
            ("moon", None),
            ("global", "https://api.partnercenter.microsoft.com.evil.example"),
            ("global", "http://api.partnercenter.microsoft.com"),
            ("global", "https://169.254.169.254/latest"),
            ("global", "http://user@127.0.0.1:80"),
        ],
    )
    def test_no_other_host_is_ever_called(self, name, api_base):
        with pytest.raises(Rejected):
            cloud_for(name, api_base=api_base)


class TestBilling:
    def test_invoices_and_all_their_lines(self, line):
        rows = [{"referenceId": str(n), "subtotal": "-0.07", "unitPrice": "11.7000000001"} for n in range(5)]
        line.vendor.seed(
            invoices=[
                {"id": "G1", "tenant": "acme-t", "date": "2026-10-08", "currency": "EUR", "total": "4711.20",
                 "lines": rows},
                {"id": "D1", "tenant": "acme-t", "date": "2026-09-08", "currency": "EUR", "total": "-8.10",
                 "type": "Recurring", "lines": rows},
            ]
        )  # fmt: skip
        invoices = list(line.client.list_invoices())
        assert [(row.id, row.total) for row in invoices] == [("G1", Decimal("4711.2")), ("D1", Decimal("-8.1"))]
        assert line.client.get_invoice("G1").date == datetime(2026, 10, 8, tzinfo=UTC)
        lines = list(line.client.invoice_lines("G1", size=2))
        assert [row["referenceId"] for row in lines] == ["0", "1", "2", "3", "4"]
        assert {Decimal(row["subtotal"]) for row in lines} == {Decimal("-0.07")}
        assert not any(isinstance(value, float) for row in lines for value in row.values())
        assert len(list(line.client.invoice_lines("D1", provider="office", size=2))) == 5


class TestCases:
    @pytest.fixture(autouse=True)
    def case(self, line):
        line.vendor.seed(service_requests=[{"id": "616122", "tenant": "acme-t", "title": "Mail is down"}])

    def test_a_case_is_read_as_a_user(self, line):
        line.client.get_subscription("contoso", "seat")
        assert line.client.get_service_request("616122")["status"] == "open"
        assert len(line.vendor.requests(path="/oauth2/token")) == 2

    def test_without_a_refresh_token_it_is_said_what_is_missing(self, line):
        line.credentials = Credentials("acme-t", "app", "hush")
        with pytest.raises(Poison, match="refresh_token"):
            line.client.get_service_request("616122")

    def test_china_has_none(self, line):
        cloud = cloud_for("china", api_base=line.url, authority=line.url)
        client = PartnerCenter(
            cloud=cloud, credentials=lambda: line.credentials, clock=FixedClock(datetime(2026, 10, 1, 8, tzinfo=UTC))
        )
        with pytest.raises(Rejected, match="21Vianet"):
            client.get_service_request("616122")


class TestSamples:
    def test_a_seat(self):
        seat = read_subscription(json.loads((SAMPLES / "subscription_seat.json").read_text(encoding="utf-8")))
        assert (seat.kind, seat.etag, seat.auto_renew, seat.quantity) == ("nce_license", None, True, 40)
        assert seat.term_ends == datetime(2027, 2, 10, 23, 59, 59, tzinfo=UTC)
        assert seat.scheduled_next_term
        assert seat.scheduled_next_term["quantity"] == 35

    def test_an_add_on(self):
        addon = read_subscription(json.loads((SAMPLES / "subscription_addon.json").read_text(encoding="utf-8")))
        assert addon.kind == "legacy_license"
        assert addon.parent
        assert addon.etag

    def test_property_names_with_capitals(self):
        held = read_subscription(json.loads((SAMPLES / "subscription_capitals.json").read_text(encoding="utf-8")))
        assert (held.status, held.auto_renew, held.parent) == ("suspended", False, None)
        assert held.etag == "eyJpZCI6IjgzIiwidmVyc2lvbiI6M30="

    def test_a_voided_invoice_with_its_note(self):
        body = json.loads((SAMPLES / "invoice_voided.json").read_text(encoding="utf-8"), parse_float=Decimal)
        invoice = read_invoice(body)
        assert (invoice.document_type, invoice.total) == ("void_note", Decimal("4711.2"))
        assert [(note.amends, note.total) for note in invoice.amendments] == [("G000911001", Decimal("-107.12"))]

    @pytest.mark.parametrize("body", [None, [], {}, {"id": "x"}, {"id": 7, "status": "active"}, {"status": "active"}])
    def test_an_answer_without_its_essentials_is_poison(self, body):
        with pytest.raises(Poison):
            read_subscription(body)


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    if not EXAMPLES.is_file():
        pytest.skip("the vendor's documented examples lie beside the checkout of the maintainers only")
    found: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"), parse_float=Decimal)["examples"]
    return found


class TestDocumentedExamples:
    @pytest.mark.parametrize(
        "name",
        ["subscription.get.legacy_azure", "subscription.get.addon", "subscription.get.new_commerce_expired",
         "subscription.patch.suspend", "subscription.patch.reactivate", "subscription.patch.new_commerce_request",
         "mock.subscription.suspend_reply"],
    )  # fmt: skip
    def test_subscriptions_are_read(self, examples, name):
        assert read_subscription(examples[name]["body"]).status in ("active", "suspended", "expired")

    @pytest.mark.parametrize("name", ["subscription.list", "mock.subscriptions.list_one_suspended"])
    def test_lists_of_subscriptions_are_read(self, examples, name):
        assert all(read_subscription(item).id for item in read_items(examples[name]["body"]))

    @pytest.mark.parametrize("name", ["invoices.list", "mock.invoices.list_with_negative_total"])
    def test_invoices_are_read(self, examples, name):
        assert all(read_invoice(item).currency for item in read_items(examples[name]["body"]))

    @pytest.mark.parametrize(
        ("name", "row"),
        [
            ("subscription.get.legacy_azure", {"kind": "legacy_azure"}),
            ("subscription.get.addon", {"kind": "legacy_license", "parent": "p"}),
            ("subscription.get.new_commerce_expired", {"kind": "nce_license"}),
        ],
    )
    def test_the_stand_ins_subscriptions_have_the_documented_keys(self, line, examples, name, row):
        line.subscriptions({"id": "p", "kind": "legacy_license"}, {"id": "x", **row})
        ours = line.client.get_subscription("contoso", "x").raw
        assert _keys(ours) == _keys(examples[name]["body"])

    def test_the_stand_ins_invoices_and_lines_have_the_documented_keys(self, line, examples):
        invoice = {"id": "G1", "tenant": "acme-t", "date": "2026-10-08", "currency": "EUR", "total": "1"}
        line.vendor.seed(invoices=[invoice | {"lines": [{}]}])
        documented = _keys(examples["invoice.get"]["body"])
        optional = {"billingPeriodStartDate", "billingPeriodEndDate", "taxReceipts"}
        assert documented - _keys(line.client.get_invoice("G1").raw) <= optional
        ours = next(line.client.invoice_lines("G1"))
        assert _keys(ours) == _keys(examples["invoice.lineitems.one_time_new_commerce"]["body"]["items"][0])

    def test_the_stand_ins_faults_and_tokens_have_the_documented_keys(self, line, examples):
        pool = urllib3.PoolManager()
        refused = pool.request("GET", f"{line.url}/v1/customers")
        assert (refused.status, set(refused.json())) == (401, set(examples["error.api_fault_shape"]["body_schema"]))
        for name, grant in (("token.app_only", "client_credentials"), ("token.app_user_refresh", "refresh_token")):
            fields = {"grant_type": grant, "client_id": "app", "client_secret": "hush", "refresh_token": "again",
                      "resource": "https://api.partnercenter.microsoft.com"}  # fmt: skip
            got = pool.request("POST", f"{line.url}/acme-t/oauth2/token", fields=fields, encode_multipart=False)
            assert set(got.json()) == set(examples[name]["body"])
        pool.clear()

    def test_throttling_is_told_as_documented(self, line, examples):
        line.vendor.fault("throttled", seconds=57)
        pool = urllib3.PoolManager(retries=False)
        got = pool.request("GET", f"{line.url}/v1/customers")
        assert got.json() == examples["error.throttled_429"]["body"]
        pool.clear()

    def test_the_codes_carry_their_documented_status(self, examples):
        for row in examples["error.examples_for_billing_support"]["body"]:
            if row["code"] in CODES:
                assert CODES[row["code"]][0] == row["http"], row["code"]


def _keys(body: Any) -> set[str]:
    return set(body)


def test_a_stand_in_runs_as_its_own_process_and_leaves_none_behind(tmp_path):
    (tmp_path / "clock").write_text("2026-10-01T08:00:00Z", encoding="ascii")
    (tmp_path / "seed.json").write_text(json.dumps({"customers": []}), encoding="utf-8")
    command = [sys.executable, "-m", "infra.local.vendor", "--clock", str(tmp_path / "clock"),
               "--seed", str(tmp_path / "seed.json")]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        pool = urllib3.PoolManager()
        assert pool.request("GET", f"{url}/_control/state").json()["now"] == "2026-10-01T08:00:00Z"
        pool.clear()
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_request_ids_are_guids(line):
    line.toggle("seat", "suspended", "account#7/generation#3")
    assert uuid.UUID(line.patches()[0]["request_id"])
