"""What was left to a person is seen, closed with a note, or, where it is money, given to an account exactly once."""

from __future__ import annotations

import time
from typing import Any

import pytest

from quittance.runtime import compose
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.models import HeadItem, ParkedItem, PaymentItem, SubscriptionItem
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.api.conftest import ACCOUNT, PARTNER, POLICY

NOBODYS = {"provider": "stripe", "payment_id": "pi_1", "amount": 10000, "currency": "EUR", "kind": "succeeded"}


def told(**changes: Any) -> ApplyPayment:
    given = {"partner": "acme", "event_id": "evt_1", "received_at": iso(compose.clock().now()), **NOBODYS, **changes}
    return ApplyPayment(**given)


def book(**changes: Any) -> Outcome:
    now = compose.clock().now()
    return apply_payment(told(**changes), book=PaymentBook(), now=now, pause=time.sleep)


def leave(source: str, name: str, *, partner: str = "acme", **body: Any) -> None:
    reason = f"{source} asks for a person"
    key = keys.parked(partner, source, name)
    assert parking.park(key, reason=reason, body=body, at=compose.clock().now())


def tasks(call: Any, **query: str) -> list[dict[str, Any]]:
    answer = call("GET", "/v1/tasks", query=query or None)
    assert answer.status == 200
    return answer.body["tasks"]


def credit(account: str = "contoso") -> int:
    key = keys.head("acme", account)
    return int(HeadItem.get(key.pk, key.sk).credit)


@pytest.fixture
def money(book_: Any) -> dict[str, Any]:
    """A hundred euros that came without saying from whom."""
    assert book() is Outcome.PARKED
    (task,) = tasks(book_)
    return task


@pytest.fixture
def book_(book: Any) -> Any:  # the fixture of the same name in conftest
    assert book("PUT", "/v1/accounts/fabrikam", {**ACCOUNT, "id": "fabrikam", "vendor_customer": None}).status == 201
    return book


def done(call: Any, task: dict[str, Any], note: Any = "seen to", **more: Any) -> Any:
    return call("POST", f"/v1/tasks/{task['id']}/done", {"note": note} if note is not None else {}, **more)


def assign(call: Any, task: dict[str, Any], account: str, **more: Any) -> Any:
    role = more.pop("role", "billing_admin")
    return call("POST", f"/v1/tasks/{task['id']}/assign", {"account": account, **more}, role=role)


def test_a_task_says_why_since_when_and_what_to_do_next(book_, money):
    assert money == {
        "id": money["id"],
        "kind": "payment",
        "account": None,
        "reason": "account: the payment names none; assign it to one",
        "since": "2026-10-01T08:00:00Z",
        "state": "open",
        "next": {
            "says": "say whose money it is; it is booked once and the task is done",
            "method": "POST",
            "address": f"/v1/tasks/{money['id']}/assign",
        },
        "about": {**money["about"], "provider": "stripe", "payment_id": "pi_1", "amount": "100.00", "currency": "EUR"},
    }
    assert book_("GET", f"/v1/tasks/{money['id']}", role="sales_agent").body == money


def test_tasks_come_in_the_order_of_time_a_page_at_a_time(book_, at):
    for minute, source in enumerate(("notice", "access", "notice", "mail")):
        at(f"2026-10-01T08:0{minute}:00Z")
        leave(source, f"contoso#{minute}", account="contoso" if minute else "fabrikam")
    assert [task["kind"] for task in tasks(book_)] == ["notice", "access", "notice", "mail"]
    assert [task["kind"] for task in tasks(book_, order="newest")] == ["mail", "notice", "access", "notice"]
    assert [task["since"][14:16] for task in tasks(book_, kind="notice")] == ["00", "02"]
    assert [task["kind"] for task in tasks(book_, account="fabrikam")] == ["notice"]
    seen, query = [], {"limit": "3"}
    while True:
        page = book_("GET", "/v1/tasks", query=query).body
        seen += page["tasks"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == tasks(book_)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "worry"}, "kind"),
        ({"account": "a b"}, "account"),
        ({"order": "random"}, "order"),
        ({"after": "somewhere"}, "after"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(book_, query, field):
    refused = book_("GET", "/v1/tasks", query=query)
    assert (refused.status, refused.body["field"]) == (422, field)


def test_a_task_is_closed_once_with_a_note_that_the_timeline_keeps(book_, at):
    leave("notice", "contoso#N1", account="contoso", notice="N1")
    (task,) = tasks(book_)
    closed = done(book_, task, "called them", role="helpdesk_agent").body
    assert (closed["state"], closed["done_by"], closed["note"]) == ("done", "helpdesk_agent", "called them")
    at("2026-10-02T08:00:00Z")
    assert done(book_, task, "once more").body == closed
    assert tasks(book_) == []
    (entry,) = [one for one in book_("GET", "/v1/accounts/contoso/timeline").body["entries"] if one["kind"] == "task"]
    assert entry["text"] == (
        "Task for a person (notice: notice asks for a person) closed by helpdesk_agent: called them."
    )
    # What asks for the same again finds that it was seen to.
    key = keys.parked("acme", "notice", "contoso#N1")
    assert not parking.park(key, reason="again", body={}, at=compose.clock().now())
    assert tasks(book_) == []


def test_what_is_of_no_known_account_can_be_closed_as_well(book_):
    leave("import", "V1#abc", vendor_invoice="V1")
    leave("assess", "record-1", type="assess", account="not # a name")
    assert [done(book_, task).status for task in tasks(book_)] == [200, 200]
    assert tasks(book_) == []


def test_closing_takes_a_note_and_a_role_that_may(book_):
    leave("billing", "contoso#I1", account="contoso", invoice="I1", state="open")
    (task,) = tasks(book_)
    assert done(book_, task, None).body["field"] == "note"
    assert done(book_, task, "x", role="helpdesk_agent").status == 403
    assert done(book_, task, "x", role="sales_agent").status == 403
    assert done(book_, {"id": "bm90aGluZw"}).status == 404
    assert done(book_, task, "x", role="billing_admin").status == 200


def test_what_settles_by_itself_is_no_task(book_):
    leave("billing", "contoso#I1", account="contoso", invoice="I1", state="settled")
    assert tasks(book_) == []


def test_money_is_not_closed_but_assigned(book_, money):
    refused = done(book_, money)
    assert (refused.status, credit()) == (409, 0)
    assert "say whose money it is" in refused.body["detail"]
    given = assign(book_, money, "contoso").body
    assert (given["state"], given["note"]) == ("done", "assigned to account contoso")
    assert (credit(), tasks(book_)) == (10000, [])
    kinds = [entry["kind"] for entry in book_("GET", "/v1/accounts/contoso/timeline").body["entries"]]
    assert {"payment", "task"} <= set(kinds)


def test_assigned_twice_it_is_booked_once_and_never_on_another_account(book_, money):
    first = assign(book_, money, "contoso").body
    assert assign(book_, money, "contoso").body == first
    assert assign(book_, money, "fabrikam").status == 409
    follow_payment("acme", "contoso", "stripe", "pi_1", book=PaymentBook(), pause=time.sleep)  # as the relay asks
    assert assign(book_, money, "contoso").body == first
    assert book(event_id="evt_2") is Outcome.DUPLICATE  # the provider tells it again, still without an account
    assert (credit(), credit("fabrikam"), tasks(book_)) == (10000, 0, [])


def test_after_a_crash_between_booking_and_closing_the_same_again_closes(book_, money, monkeypatch):
    from quittance.store import tasks as store  # noqa: PLC0415  # to make it die

    with monkeypatch.context() as dying:
        dying.setattr(store, "close", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            assign(book_, money, "contoso")
    assert (credit(), [task["id"] for task in tasks(book_)]) == (10000, [money["id"]])
    assert assign(book_, money, "fabrikam").status == 409
    assert assign(book_, money, "contoso").status == 200
    assert (credit(), credit("fabrikam"), tasks(book_)) == (10000, 0, [])


def test_money_that_named_an_account_nobody_has_goes_where_a_person_says(book_):
    assert book(account="not # a name") is Outcome.PARKED
    (task,) = tasks(book_)
    assert assign(book_, task, "contoso").status == 200
    assert credit() == 10000


def test_money_that_was_booked_meanwhile_is_not_booked_elsewhere(book_):
    assert book(account="later") is Outcome.PARKED
    (task,) = tasks(book_)
    assert book_("PUT", "/v1/accounts/later", {**ACCOUNT, "id": "later", "vendor_customer": None}).status == 201
    assert book(account="later", event_id="evt_2") is Outcome.BOOKED
    assert assign(book_, task, "contoso").status == 409
    assert (credit(), credit("later")) == (0, 10000)
    assert assign(book_, task, "later").status == 200
    assert (credit("later"), tasks(book_)) == (10000, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "account"),
        ({"account": "nobody"}, "account"),
        ({"account": "a b"}, "account"),
        ({"account": "contoso", "invoice": "I9"}, "invoice"),
        ({"account": "contoso", "amount": "1.00"}, "amount"),
    ],
)
def test_an_assignment_that_makes_no_sense_is_refused_and_changes_nothing(book_, money, items, body, field):
    before = items()
    refused = book_("POST", f"/v1/tasks/{money['id']}/assign", body)
    assert (refused.status, refused.body["field"]) == (422, field)
    assert items() == before


def test_money_in_another_currency_needs_a_rate(book_):
    book(currency="USD")
    (task,) = tasks(book_)
    refused = assign(book_, task, "contoso")
    assert (refused.status, refused.body["field"]) == (422, "account")
    changed = {**ACCOUNT, "rates": {"USD": "0.90"}}
    assert book_("PUT", "/v1/accounts/contoso", changed).status == 200
    assert assign(book_, task, "contoso").status == 200
    assert credit() == 9000


def test_what_is_no_payment_cannot_be_assigned(book_):
    assert book(kind="refunded", movement_id="re_1") is Outcome.WAITING
    book(kind="unclear", payment_id="pi_9", amount=0, reason="amount: not a number")
    found = {task["kind"]: task for task in tasks(book_)}
    assert set(found) == {"movement", "unreadable"}
    assert [assign(book_, task, "contoso").status for task in found.values()] == [409, 409]
    # Closed, a movement still waits for its payment.
    assert done(book_, found["movement"]).status == 200
    key = keys.early("acme", "stripe", "pi_1", "refunded", "re_1")
    assert ParkedItem.get(key.pk, key.sk).body["movement_id"] == "re_1"


def test_who_does_not_keep_the_money_cannot_assign(book_, money):
    for role in ("helpdesk_agent", "sales_agent"):
        assert assign(book_, money, "contoso", role=role).status == 403
    assert credit() == 0


def test_a_partner_sees_and_closes_its_own_tasks_alone(book_, money):
    other = {**PARTNER, "id": "other"}
    assert book_("PUT", "/v1/partner", other, partner="other").status == 200
    assert book_("POST", "/v1/policies/standard", POLICY, partner="other").status == 201
    assert book_("PUT", "/v1/accounts/contoso", {**ACCOUNT, "support_plan": None}, partner="other").status == 201
    leave("notice", "contoso#N1", partner="other", account="contoso")
    assert book_("GET", "/v1/tasks", partner="other").body["tasks"][0]["kind"] == "notice"
    leave("mail", "contoso#M1", account="contoso")
    place = book_("GET", "/v1/tasks", query={"limit": "1"}).body["next"]
    assert book_("GET", "/v1/tasks", query={"after": place}, partner="other").status == 422
    for path, body in (("done", {"note": "mine"}), ("assign", {"account": "contoso"})):
        assert book_("POST", f"/v1/tasks/{money['id']}/{path}", body, partner="other").status == 404
    assert book_("GET", f"/v1/tasks/{money['id']}", partner="other").status == 404


def test_asking_to_look_marks_each_subscription_and_changes_nothing_else(book_, at):
    at("2026-10-01T09:00:00Z")
    asked = book_("POST", "/v1/accounts/contoso/subscriptions/look", role="helpdesk_agent")
    assert (asked.status, asked.body) == (202, {"asked": ["sub-1"], "at": "2026-10-01T09:00:00Z"})
    key = keys.subscription("acme", "contoso", "sub-1")
    item = SubscriptionItem.get(key.pk, key.sk)
    assert (item.look_asked, item.desired, item.actual, item.due_lane) == (asked.body["at"], "active", "active", None)
    assert book_("POST", "/v1/accounts/nobody/subscriptions/look").status == 404
    assert book_("POST", "/v1/accounts/contoso/subscriptions/look", role="sales_agent").status == 403


def test_the_payment_of_an_assigned_task_is_the_providers_own_booked_now(book_, money, at):
    at("2026-10-08T08:00:00Z")
    assign(book_, money, "contoso")
    key = keys.payment("acme", "contoso", "stripe", "pi_1")
    paid = PaymentItem.get(key.pk, key.sk)
    assert (paid.event_id, int(paid.amount), int(paid.to_credit)) == ("evt_1", 10000, 10000)
    assert (paid.received_at, paid.booked_at) == ("2026-10-01T08:00:00Z", "2026-10-08T08:00:00Z")
