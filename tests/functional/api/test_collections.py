"""Promises, pauses, holds, disputes, drafts of policies and explanations, through the API."""

from __future__ import annotations

import pytest
from pynamodb.expressions.operand import Path

from quittance.domain.arrears import assess
from quittance.store.accounts import AccountStore
from quittance.store.models import AftermathItem, HeadItem, InvoiceItem
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.messages import Assess
from tests.functional.api.conftest import ACCOUNT, POLICY

PATH = "/v1/accounts/contoso"
LINE = {
    "text": "Setup",
    "quantity": "1",
    "unit_price": "1",
    "vat_category": "S",
    "vat_percent": "19",
}


@pytest.fixture
def owing(book, at):
    """The account owes one issued invoice of two lines, due in September."""
    lines = [{**LINE, "net": 24995}, {**LINE, "net": 10000}]
    InvoiceItem(
        "P#acme#A#contoso",
        "INV#I1",
        state="issued",
        number="ACME-2026-000001",
        currency="EUR",
        issued="2026-08-10",
        issued_at="2026-08-10T08:00:00Z",
        due="2026-09-09",
        net=34995,
        vat=6649,
        gross=41644,
        policy="standard",
        policy_version=1,
        body={"lines": lines, "vat": [{"category": "S", "percent": "19", "net": 34995, "vat": 6649}]},
    ).save()
    entry = {
        "number": "ACME-2026-000001",
        "issued": "2026-08-10",
        "due": "2026-09-09",
        "gross": 41644,
        "remaining": 41644,
        "disputed": 0,
        "policy": "standard",
        "policy_version": 1,
        "reopened": 0,
    }
    head = HeadItem("P#acme#A#contoso", "C#HEAD")
    head.update([HeadItem.balance.add(41644), HeadItem.version.add(1), Path(["open", "I1"]).set(entry)])
    return book


def test_a_promise_is_recorded_once_and_can_be_withdrawn(owing, items):
    asked = {"id": "P1", "amount": "416.44", "until": "2026-10-15"}
    first = owing("POST", f"{PATH}/promises", asked, role="helpdesk_agent")
    assert (first.status, first.body["state"], first.body["author"]) == (201, "open", "helpdesk_agent")
    after = items()
    assert owing("POST", f"{PATH}/promises", asked).body == first.body
    assert items() == after
    keyed = owing(
        "POST", f"{PATH}/promises", {k: asked[k] for k in ("amount", "until")}, headers={"idempotency-key": "P1"}
    )
    assert keyed.body == first.body
    assert owing("POST", f"{PATH}/promises", {**asked, "id": "P2"}).status == 409
    assert owing("GET", f"{PATH}/collections").body["promises"] == [first.body]
    withdrawn = owing("POST", f"{PATH}/promises/P1/withdraw")
    assert (withdrawn.status, withdrawn.body["state"]) == (200, "withdrawn")
    assert owing("POST", f"{PATH}/promises/P9/withdraw").status == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("promises", {"amount": "416.45", "until": "2026-10-15"}, "amount"),
        ("promises", {"amount": "1.00", "until": "2026-09-30"}, "until"),
        ("promises", {"amount": "1.00"}, "until"),
        ("pause", {"until": "2026-10-15"}, "reason"),
        ("pause", {"reason": "x", "until": "2026-09-15"}, "until"),
        ("holds", {"reason": "mood"}, "reason"),
        ("invoices/I1/dispute", {"lines": [3]}, "lines[0]"),
        ("invoices/I1/dispute", {"line": 1}, "line"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(owing, items, path, body, field):
    before = items()
    refused = owing("POST", f"{PATH}/{path}", body)
    assert (refused.status, refused.body["field"], items()) == (422, field, before)
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["pause", "unpause", "holds", "holds/fraud/release", "invoices/I1/dispute/close"])
def test_weighing_is_not_for_the_helpdesk(owing, items, path):
    before = items()
    assert owing("POST", f"{PATH}/{path}", {}, role="helpdesk_agent").status == 403
    assert owing("POST", f"{PATH}/{path}", {}, role="sales_agent").status == 403
    assert items() == before


def test_another_partner_sees_no_account(owing, items):
    before = items()
    for path in ("promises", "pause", "holds", "invoices/I1/dispute"):
        body = {"amount": "1.00", "until": "2026-10-15", "reason": "fraud"}
        asked = {"promises": {k: body[k] for k in ("amount", "until")}, "invoices/I1/dispute": {}}
        given = asked.get(path, {"reason": "fraud"})
        assert owing("POST", f"{PATH}/{path}", given, partner="globex").status == 404
    assert owing("GET", f"{PATH}/explain", partner="globex").status == 404
    assert items() == before


def test_pause_and_hold_are_shown_and_told(owing, at):
    assert owing("POST", f"{PATH}/pause", {"reason": "talks", "until": "2026-10-15"}).body["until"] == (
        "2026-10-14T22:00:00Z"
    )
    assert owing("POST", f"{PATH}/holds", {"reason": "fraud", "note": "stolen card"}).status == 201
    assert owing("GET", f"{PATH}/status").body["holds"] == ["fraud"]
    at("2026-10-02T08:00:00Z")
    assert len(owing("POST", f"{PATH}/unpause", {}).body["ended"]) == 1
    assert owing("POST", f"{PATH}/unpause", {}).body["ended"] == []
    assert owing("POST", f"{PATH}/holds/fraud/release").body["state"] == "released"
    assert owing("POST", f"{PATH}/holds/fraud/release").status == 404
    assert owing("GET", f"{PATH}/status").body["holds"] == []
    told = [entry["text"] for entry in owing("GET", f"{PATH}/timeline").body["entries"]]
    assert "Collecting paused by admin_agent until 2026-10-14T22:00:00Z: talks." in told
    assert "All access withheld (fraud) by admin_agent: stolen card." in told
    assert "Hold (fraud) released by admin_agent." in told


def test_a_disputed_line_is_not_overdue(owing):
    assert owing("GET", f"{PATH}/status").body["overdue"] == "416.44"
    opened = owing("POST", f"{PATH}/invoices/I1/dispute", {"lines": [2], "reason": "never held"})
    assert (opened.status, opened.body["amount"]) == (201, "119.00")
    seen = owing("GET", f"{PATH}/status").body
    assert (seen["overdue"], seen["balance"]) == ("297.44", "416.44")
    assert owing("POST", f"{PATH}/invoices/I1/dispute", {}).status == 409
    closed = owing("POST", f"{PATH}/invoices/I1/dispute/close", {"outcome": "rejected"})
    assert closed.body["state"] == "rejected"
    assert owing("GET", f"{PATH}/status").body["overdue"] == "416.44"
    texts = [entry["text"] for entry in owing("GET", f"{PATH}/timeline").body["entries"]]
    assert "Invoice I1, line 2 disputed: 119.00 EUR does not age: never held." in texts
    assert owing("POST", f"{PATH}/invoices/I9/dispute", {}).status == 404


def test_explain_answers_for_any_past_moment(owing, at):
    store = AccountStore(PolicyStore())
    assert owing("GET", f"{PATH}/explain", query={"lang": "en"}).body["text"] == [
        "Nothing has been decided on this account up to then; nothing was overdue."
    ]
    message = Assess(partner="acme", account="contoso", cause="test")
    file = store.load("acme", "contoso")
    at("2026-10-01T08:00:00Z")
    from quittance.runtime import compose  # noqa: PLC0415

    now = compose.clock().now()
    assert assess(file, now).stage == "final"
    assess_account(message, accounts=store, now=now)
    at("2026-10-02T08:00:00Z")
    owing("POST", f"{PATH}/holds", {"reason": "fraud"})
    assess_account(message, accounts=store, now=compose.clock().now())
    told = owing("GET", f"{PATH}/explain", query={"lang": "en"}).body
    assert (told["stage"], told["overdue"], told["days"]) == ("final", "416.44", 23)
    assert told["policy"] == {"name": "standard", "version": 1}
    assert told["rule"].startswith("final: applies when the oldest unpaid invoice is 14 days past its due date and")
    assert told["access"] == {"sub-1": {"wanted": "suspended", "reasons": ["fraud"], "since": "2026-10-02T08:00:00Z"}}
    assert [one["kind"] for one in told["notices"]] == ["final"]
    assert "Access to sub-1 is withheld for suspected fraud, since 2026-10-02 10:00 CEST." in told["text"]
    german = owing("GET", f"{PATH}/explain").body  # as the account reads
    assert "Der Zugang zu sub-1 ist seit 2026-10-02 10:00 CEST gesperrt: Betrugsverdacht." in german["text"]
    before = owing("GET", f"{PATH}/explain", query={"at": "2026-10-01"}).body
    assert (before["at"], before["access"], len(before["chain"])) == ("2026-10-01T21:59:59Z", {}, 1)
    earlier = owing("GET", f"{PATH}/explain", query={"at": "2026-10-01T07:59:59Z"}).body
    assert (earlier["stage"], earlier["chain"]) == ("clear", [])
    assert owing("GET", f"{PATH}/explain", query={"at": "2027-01-01T00:00:00Z"}).status == 422
    assert owing("GET", f"{PATH}/explain", query={"at": "soon"}).body["field"] == "at"


# -- policies --------------------------------------------------------------------------------------------------------

DRAFT = {
    **POLICY,
    "stages": [*POLICY["stages"], {"name": "off", "when": {"days": 15}, "do": [{"suspend": "all"}]}],
    "promise": {"stops": "all", "restores": True, "longest_days": 30},
}


def test_a_draft_is_looked_over_and_published_from_a_moment_on(book, at, items):
    assert book("GET", "/v1/policies/standard/draft").status == 404
    drafted = book("PUT", "/v1/policies/standard/draft", DRAFT)
    assert [one["place"] for one in drafted.body["findings"]] == ["stages[2].after_notice"]
    assert book("GET", "/v1/policies/standard/draft").body == drafted.body
    assert book("GET", "/v1/policies/standard/versions").body["in_force"] == 1
    starts = {"starts": "2026-11-01T00:00:00+01:00"}
    assert book("POST", "/v1/policies/standard/draft/publish", {"starts": "2026-09-01T00:00:00Z"}).status == 422
    published = book("POST", "/v1/policies/standard/draft/publish", starts)
    assert (published.status, published.body) == (201, {"name": "standard", "version": 2})
    after = items()
    assert book("POST", "/v1/policies/standard/draft/publish", starts).status == 200
    assert items() == after
    assert book("GET", "/v1/policies/standard/versions").body["in_force"] == 1
    at("2026-10-31T23:00:00Z")
    versions = book("GET", "/v1/policies/standard/versions").body
    assert (versions["in_force"], [one["version"] for one in versions["versions"]]) == (2, [2, 1])


@pytest.mark.parametrize("at_", ["2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z"])
def test_the_version_in_force_at_issue_is_pinned(book, at, at_):
    from quittance.runtime.clock import parse_iso  # noqa: PLC0415
    from quittance.store.invoices import policy  # noqa: PLC0415

    book("PUT", "/v1/policies/standard/draft", DRAFT)
    book("POST", "/v1/policies/standard/draft/publish", {"starts": "2026-11-01T00:00:00+01:00"})
    found = policy("acme", "standard", parse_iso(at_))
    assert found is not None
    assert found[0].version == (2 if at_ == "2026-10-31T23:00:00Z" else 1)


def test_a_draft_that_contradicts_itself_is_not_kept(book, items):
    before = items()
    wrong = {**DRAFT, "promise": {"stops": "nothing", "restores": True}}
    assert book("PUT", "/v1/policies/standard/draft", wrong).body["field"] == "promise.restores"
    assert book("PUT", "/v1/policies/standard/draft", DRAFT, role="helpdesk_agent").status == 403
    assert items() == before


# -- parents ---------------------------------------------------------------------------------------------------------


def test_who_pays_for_an_account_is_an_account_that_pays_for_itself(book, items):
    child = {**ACCOUNT, "id": "branch", "vendor_customer": None, "subscriptions": [], "parent": "contoso"}
    before = items()
    nowhere = book("PUT", "/v1/accounts/branch", {**child, "parent": "nowhere"})
    assert (nowhere.status, nowhere.body["field"], items()) == (422, "parent", before)
    assert book("PUT", "/v1/accounts/branch", child).status == 201
    grandchild = {**child, "id": "twig", "parent": "branch"}
    assert book("PUT", "/v1/accounts/twig", grandchild).body["field"] == "parent"


TICKET = {"id": "T1", "service": "azure", "kind": "commercial", "severity": "C", "subject": "never held"}


def test_an_upheld_dispute_asks_for_its_credit_note_once(owing):
    opened = owing("POST", f"{PATH}/invoices/I1/dispute", {"lines": [2], "reason": "never held"}).body
    for _ in range(2):
        closed = owing("POST", f"{PATH}/invoices/I1/dispute/close", {"outcome": "upheld"})
        assert (closed.status, closed.body["state"]) == (200, "upheld")
    note = InvoiceItem.get("P#acme#A#contoso", f"INV#{opened['id']}")
    wanted = {"of_lines": [2], "reason": "never held", "corrects": "I1"}
    assert (note.state, note.body["request"]) == ("ready", wanted)
    seen = owing("GET", f"{PATH}/status").body
    assert (seen["overdue"], seen["balance"]) == ("297.44", "416.44")  # until the note is issued


def test_a_dispute_whose_note_cannot_be_made_stays_open(owing):
    owing("POST", f"{PATH}/invoices/I1/dispute", {})
    credited = {"invoice": "I1", "reopened": 0, "written_off": 0, "credited": 100, "gross": 41644}
    AftermathItem("P#acme#A#contoso", "AFT#I1", **credited).save()
    refused = owing("POST", f"{PATH}/invoices/I1/dispute/close", {"outcome": "upheld"})
    assert (refused.status, refused.body["field"]) == (422, "amount")
    assert owing("GET", f"{PATH}/collections").body["disputes"][0]["state"] == "open"


def test_a_ticket_about_a_line_holds_it_until_it_is_closed(owing):
    opened = owing("POST", f"{PATH}/tickets", {**TICKET, "invoice": "I1", "lines": [2]})
    assert (opened.status, opened.body["invoice"], opened.body["lines"]) == (201, "I1", [2])
    assert owing("GET", f"{PATH}/status").body["overdue"] == "297.44"
    asked = owing("POST", f"{PATH}/tickets/T1/close", {"text": "bye"})
    assert (asked.status, asked.body["field"]) == (422, "outcome")
    # Whether something is credited is not the help desk's to say.
    decided = {"text": "you are right", "outcome": "upheld"}
    assert owing("POST", f"{PATH}/tickets/T1/close", decided, role="helpdesk_agent").status == 403
    assert owing("POST", f"{PATH}/tickets/T1/close", {"outcome": "rejected"}).body["status"] == "closed"
    assert owing("GET", f"{PATH}/status").body["overdue"] == "416.44"
    # The call that opened it, once more, holds nothing any more.
    assert owing("POST", f"{PATH}/tickets", {**TICKET, "invoice": "I1", "lines": [2]}).status == 200
    assert owing("GET", f"{PATH}/status").body["overdue"] == "416.44"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"lines": [2]}, 422),
        ({"invoice": "I1", "lines": [9]}, 422),
        ({"invoice": "I9"}, 404),
        ({"invoice": "a b"}, 422),
    ],
)
def test_a_ticket_about_a_line_that_is_not_there_is_refused_whole(owing, changes, status):
    assert owing("POST", f"{PATH}/tickets", {**TICKET, **changes}).status == status
    assert owing("GET", f"{PATH}/tickets").body["tickets"] == []


def test_an_outcome_of_no_dispute_is_refused(owing):
    owing("POST", f"{PATH}/tickets", TICKET)
    asked = owing("POST", f"{PATH}/tickets/T1/close", {"outcome": "upheld"})
    assert (asked.status, asked.body["field"]) == (422, "outcome")


def test_who_pays_is_kept_at_both_and_moves_with_the_registration(book, items):
    child = {**ACCOUNT, "id": "branch", "vendor_customer": None, "subscriptions": [], "parent": "contoso"}
    assert book("PUT", "/v1/accounts/branch", child).status == 201
    assert (head("contoso").pays_for, head("branch").paid_by) == ({"branch"}, "contoso")
    before = items()
    assert book("PUT", "/v1/accounts/branch", child).status == 200
    assert items() == before
    assert book("PUT", "/v1/accounts/branch", {**child, "parent": None}).status == 200
    assert (head("contoso").pays_for, head("branch").paid_by) == (None, None)


@pytest.mark.parametrize(
    ("account", "change"),
    [("contoso", {"parent": "branch2"}), ("third", {"parent": "contoso", "currency": "CHF"})],
    ids=["one who pays for others", "another currency"],
)
def test_nobody_pays_for(book, items, account, change):
    plain = {**ACCOUNT, "vendor_customer": None, "subscriptions": []}
    assert book("PUT", "/v1/accounts/branch", {**plain, "id": "branch", "parent": "contoso"}).status == 201
    assert book("PUT", "/v1/accounts/branch2", {**plain, "id": "branch2"}).status == 201
    before = items()
    given = ACCOUNT if account == "contoso" else plain
    refused = book("PUT", f"/v1/accounts/{account}", {**given, "id": account, **change})
    assert (refused.status, refused.body["field"], items()) == (422, "parent", before)


def test_one_account_pays_for_as_many_as_fit_one_transaction(book, items):
    full = {f"b{i:02d}" for i in range(40)}
    HeadItem("P#acme#A#contoso", "C#HEAD").update([HeadItem.pays_for.add(full)])
    child = {**ACCOUNT, "id": "branch", "vendor_customer": None, "subscriptions": [], "parent": "contoso"}
    refused = book("PUT", "/v1/accounts/branch", child)
    assert (refused.status, refused.body["field"]) == (422, "parent")
    assert "40" in refused.body["detail"]


def head(account: str) -> HeadItem:
    return HeadItem.get(f"P#acme#A#{account}", "C#HEAD", consistent_read=True)
