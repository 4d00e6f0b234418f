"""Runs issue each draft once, with gapless numbers, whatever fails on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from infra.local.samples import content
from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.ledger import balanced, from_item
from quittance.store import billing_runs, invoices, keys, vendor_debts
from quittance.store.models import AccountItem, HeadItem, InvoiceItem, PriceRulesItem, SeriesItem
from quittance.usecases.billing import plan_run, progress, request_manual_invoice, request_run, tick
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.issue_together import issue_together
from quittance.usecases.messages import IssueInvoice, PlanRun
from tests.functional.billing.conftest import NOW, Crash, empty, everything, partner, register, run_import, sample

ACCOUNTS = ("adatum", "contoso", "fabrikam", "litware", "northwind", "tailspin")
MANUAL = {
    "issued": "2026-10-09",
    "due": "2026-11-08",
    "lines": [{"text": "Setup", "net": "249.95", "vat_percent": "19"}],
}


class Lane:
    """A due index with one entry."""

    def __init__(self, key):
        self._key = key

    def pages(self, _lane, shard, _until):
        return iter([[self._key]] if shard == 0 else [])


class Queue:
    """Takes messages and works them off in order, as the FIFO queue does."""

    def __init__(self):
        self.waiting = []
        self.seen = set()

    def send(self, messages):
        for message in messages:
            if message.to_json() not in self.seen:
                self.seen.add(message.to_json())
                self.waiting.append(message)

    def drain(self):
        while self.waiting:
            work(self.waiting[0], self)
            self.waiting.pop(0)


def work(message, queue):
    if isinstance(message, PlanRun):
        plan_run(message, now=NOW, runs=billing_runs, outgoing=queue)
    else:
        issue_invoice(message, now=NOW, books=invoices, pause=lambda _: None)


def run(period="2026-09"):
    item = request_run("acme", period, now=NOW, runs=billing_runs)
    queue = Queue()
    queue.send([PlanRun(partner="acme", run=period, request=int(item.request))])
    queue.drain()


def issue(account, invoice="2026-09"):
    command = IssueInvoice(partner="acme", account=account, invoice=invoice)
    return issue_invoice(command, now=NOW, books=invoices, pause=lambda _: None)


def head(account):
    key = keys.head("acme", account)
    return HeadItem.get(key.pk, key.sk)


def last_number(series="INV"):
    key = keys.series("acme", "acme", series, 2026)
    return int(SeriesItem.get(key.pk, key.sk).last)


@pytest.fixture
def book(table):
    for name in ACCOUNTS:
        register(name)
    run_import(content())
    return table


def test_a_run_issues_one_invoice_an_account(book):
    run()
    found = [invoices.read_invoice("acme", name, "2026-09") for name in ACCOUNTS]
    assert [item.state for item in found] == ["issued"] * 6
    assert sorted(item.number for item in found) == [f"ACME-2026-{n:06}" for n in range(1, 7)]
    assert {(item.issued, item.due) for item in found} == {("2026-10-09", "2026-11-08")}
    assert billing_runs.find("acme", "2026-09").state == "done"
    assert progress("acme", "2026-09", runs=billing_runs)["issued"] == 6


def test_every_charge_is_on_one_line(book):
    run()
    named = [
        row
        for name in ACCOUNTS
        for line in invoices.read_invoice("acme", name, "2026-09").body["lines"]
        for row in line["charges"]["G012345678"]
    ]
    assert len(named) == len(set(named)) == 58


@pytest.mark.parametrize(
    ("account", "category", "percent"), [("contoso", "S", "19"), ("northwind", "AE", "0"), ("adatum", "O", "0")]
)
def test_vat_follows_the_countries(book, account, category, percent):
    run()
    (row,) = invoices.read_invoice("acme", account, "2026-09").body["vat"]
    assert (row["category"], row["percent"]) == (category, percent)


def test_the_head_owes_what_the_invoice_says(book):
    issued = issue("contoso")
    item, stored = invoices.read_invoice("acme", "contoso", "2026-09"), head("contoso")
    entry = stored.open.as_dict()["2026-09"]
    assert stored.balance == item.gross == entry["remaining"] == issued.gross.minor
    assert (entry["policy"], entry["policy_version"]) == ("standard", 1)
    assert (stored.version, stored.due_at) == (1, "2026-11-08T23:00:00Z")  # as its due date ends in Berlin
    assert item.assess is None
    assert balanced(from_item(item.postings, "EUR"))


def test_an_account_that_is_due_early_enough_stays_as_it_is(table):
    register("contoso", due_at="2026-10-01T00:00:00Z")
    run_import(sample(only=["contoso"]))
    issue("contoso")
    assert head("contoso").due_at == "2026-10-01T00:00:00Z"


def test_issuing_again_changes_nothing(book):
    run()
    before = everything(book)
    assert issue("contoso") is None
    run_item = billing_runs.find("acme", "2026-09")
    plan_run(
        PlanRun(partner="acme", run="2026-09", request=int(run_item.request)),
        now=NOW,
        runs=billing_runs,
        outgoing=Queue(),
    )
    assert everything(book) == before
    run()
    assert last_number() == 6


def test_an_invoice_is_one_write_request(book):
    calls = []
    book_client = InvoiceItem._get_connection().connection.client
    book_client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    issue("contoso")
    assert [name for name in calls if "Get" not in name and name != "Query"] == ["TransactWriteItems"]


def test_what_no_rule_prices_waits_and_is_named(book):
    key = keys.price_rules("acme")
    PriceRulesItem(key.pk, key.sk, body=[{"kind": "license", "markup_percent": "20"}]).save()
    run()
    found = progress("acme", "2026-09", runs=billing_runs)
    assert found["state"] == "done"
    assert found["issued"] == 0
    assert "no rule matches product" in found["refused"][0]["reason"]
    partner()
    run()
    assert progress("acme", "2026-09", runs=billing_runs)["issued"] == 6
    assert progress("acme", "2026-09", runs=billing_runs)["refused"] == []
    assert last_number() == 6


def test_a_total_below_zero_is_a_credit_note_of_its_own_series(table):
    register("tailspin")

    def refund(records):
        for record in records:
            record.update(Subtotal="-10.00", Total="-10.00", Quantity="-1", BillableQuantity="-1")

    run_import(sample(only=["tailspin"], change=refund))
    issued = issue("tailspin")
    stored = head("tailspin")
    assert issued.number == "ACME-CN-2026-000001"
    assert issued.kind == "credit_note"
    assert stored.balance == -stored.credit == issued.gross.minor
    assert stored.open.as_dict() == {}


def test_a_run_bills_what_earlier_periods_left(table):
    register("contoso")
    run_import(sample(only=["contoso"]))
    run("2026-10")
    assert invoices.read_invoice("acme", "contoso", "2026-09").state == "issued"


def test_a_manual_invoice_takes_the_same_path(table):
    register("contoso")
    item = request_manual_invoice("acme", "contoso", "I1", MANUAL, now=NOW, books=invoices)
    assert item.state == "ready"
    issued = issue("contoso", "I1")
    assert (str(issued.net), str(issued.vat_total), str(issued.gross)) == ("249.95", "47.49", "297.44")
    assert (issued.number, issued.due.isoformat()) == ("ACME-2026-000001", "2026-11-08")
    again = request_manual_invoice("acme", "contoso", "I1", MANUAL, now=NOW, books=invoices)
    assert again.state == "issued"
    other = {**MANUAL, "due": "2026-12-08"}
    with pytest.raises(Conflict, match="other content"):
        request_manual_invoice("acme", "contoso", "I1", other, now=NOW, books=invoices)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"text": "x", "net": 3}]}, "lines[0].net"),
        ({"lines": [{"text": "x", "net": "3.001"}]}, "lines[0].net"),
        ({"lines": [{"text": "", "net": "3"}]}, "lines[0].text"),
        ({"lines": [{"text": "x", "net": "3", "vat_percent": "190"}]}, "lines[0].vat_percent"),
        ({"due": "2026-10-01"}, "due"),
        ({"due": "soon"}, "due"),
        ({"note": "x"}, "note"),
    ],
)
def test_a_wrong_manual_invoice_is_refused_by_field(table, change, field):
    register("contoso")
    with pytest.raises(Rejected) as problem:
        request_manual_invoice("acme", "contoso", "I1", {**MANUAL, **change}, now=NOW, books=invoices)
    assert problem.value.field == field


def test_a_manual_invoice_needs_its_account_and_another_id_than_a_period(table):
    with pytest.raises(NotFound):
        request_manual_invoice("acme", "nobody", "I1", MANUAL, now=NOW, books=invoices)
    with pytest.raises(Rejected, match="names a billing period"):
        request_manual_invoice("acme", "nobody", "2026-09", MANUAL, now=NOW, books=invoices)


def test_requesting_a_run_that_is_under_way_is_the_same_run(book):
    first = request_run("acme", "2026-09", now=NOW, runs=billing_runs)
    assert request_run("acme", "2026-09", now=NOW, runs=billing_runs).request == first.request == 1
    with pytest.raises(Rejected, match="has not begun"):
        request_run("acme", "2026-11", now=NOW, runs=billing_runs)


def test_an_unfinished_run_is_taken_up_by_the_schedule(book):
    request_run("acme", "2026-09", now=NOW, runs=billing_runs)
    queue = Queue()
    lane = Lane(keys.billing_run("acme", "2026-09"))
    taken = tick(now=NOW, until=NOW, runs=billing_runs, due=lane, outgoing=queue, debts=vendor_debts)
    queue.drain()
    assert taken == 1
    assert progress("acme", "2026-09", runs=billing_runs)["state"] == "done"


def test_a_partner_with_a_billing_day_is_billed_for_the_month_before(book):
    partner(automatic_billing={"day": 9})
    key = keys.partner("acme")
    tick(now=NOW, until=NOW, runs=billing_runs, due=Lane(key), outgoing=Queue(), debts=vendor_debts)
    assert billing_runs.find("acme", "2026-09").state == "planned"


def test_a_run_that_dies_at_any_request_is_completed_without_gap(table, crash_at):
    for number in range(1, 60):
        empty(table)
        register("contoso")
        register("tailspin")
        run_import(sample(only=["contoso", "tailspin"], change=_shorten))
        queue = Queue()
        request_run("acme", "2026-09", now=NOW, runs=billing_runs)
        queue.send([PlanRun(partner="acme", run="2026-09")])
        crash_at(number)
        try:
            queue.drain()
        except Crash:
            queue.drain()
        else:
            break
        assert billing_runs.find("acme", "2026-09").state == "done"
        assert _issued() == ["ACME-2026-000001", "ACME-2026-000002"]
        assert last_number() == 2
    assert number > 20


def _shorten(records):
    del records[1:-1]


def _issued():
    found = [item for name in ("contoso", "tailspin") for item in invoices.read_invoices("acme", name)]
    return sorted(item.number for item in found if item.state == "issued")


def test_amounts_of_the_first_month(book):
    run()
    item = invoices.read_invoice("acme", "contoso", "2026-09")
    net = sum(line["net"] for line in item.body["lines"])
    assert item.net == net
    assert item.vat == round(Decimal(net) * 19 / 100)


ALL = [IssueInvoice(partner="acme", account=name, invoice="2026-09") for name in ACCOUNTS]


def together(*commands, books=invoices):
    return issue_together(commands, now=NOW, books=books)


def each(*commands):
    """What the function does with a batch: all at once, then one by one what is left."""
    done = together(*commands)
    for command in commands:
        if command not in done:
            issue_invoice(command, now=NOW, books=invoices, pause=lambda _: None)
    return done


def test_a_batch_is_issued_with_one_write(book):
    calls = []
    book_client = InvoiceItem._get_connection().connection.client
    book_client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    done = together(*ALL)
    assert [name for name in calls if "Get" not in name and name != "Query"] == ["TransactWriteItems"]
    assert [done[command].number for command in ALL] == [f"ACME-2026-{n:06}" for n in range(1, 7)]
    assert last_number() == 6
    assert together(*ALL) == {}


def test_a_batch_leaves_the_same_as_one_by_one(table):
    left = []
    for way in (together, lambda *commands: [issue_invoice(c, now=NOW, books=invoices, pause=None) for c in commands]):
        empty(table)
        for name in ACCOUNTS:
            register(name)
        run_import(content())
        issue("litware")
        way(*ALL)
        left.append(everything(table))
    assert left[0] == left[1]


def test_what_does_not_go_together_goes_one_by_one(book):
    """Two of one account, one of nobody, one that no rule prices and one that was issued before."""
    issue("litware")
    request_manual_invoice("acme", "contoso", "I1", MANUAL, now=NOW, books=invoices)
    first, second = ALL[1], IssueInvoice(partner="acme", account="contoso", invoice="I1")
    nobody = IssueInvoice(partner="acme", account="nobody", invoice="2026-09")
    twice = IssueInvoice(partner="acme", account="contoso", invoice="2026-09", cause="again")
    done = together(*ALL, second, nobody, twice)
    assert first in done
    assert not {second, nobody, twice, ALL[3]} & done.keys()
    assert issue("contoso", "I1").number == "ACME-2026-000007"
    assert issue("contoso") is None


def test_one_that_is_refused_does_not_hold_the_others_up(book):
    key = keys.account("acme", "contoso")
    AccountItem(key.pk, key.sk).update(actions=[AccountItem.body.set({"policy": "none", "country": "DE"})])
    done = each(*ALL)
    assert ALL[1] not in done
    assert last_number() == len(done) == 5
    assert invoices.load("acme", "contoso", "2026-09").refused_before


class Overtaken:
    """The store, where somebody else takes the number, or the account's due moment, right after it was read."""

    def __init__(self, change):
        self._change = change

    def __getattr__(self, name):
        return getattr(invoices, name)

    def last_number(self, *series):
        found = invoices.last_number(*series)
        self._change()
        return found


@pytest.mark.parametrize(
    "change",
    [
        lambda: issue("litware"),
        lambda: head("contoso").update(actions=[HeadItem.credit.set(100)]),
    ],
    ids=["number", "head"],
)
def test_a_batch_that_is_overtaken_writes_nothing(book, change):
    assert together(*ALL, books=Overtaken(change)) == {}
    each(*ALL)
    found = [invoices.read_invoice("acme", name, "2026-09") for name in ACCOUNTS]
    assert sorted(item.number for item in found) == [f"ACME-2026-{n:06}" for n in range(1, 7)]
    assert last_number() == 6


def test_a_batch_that_dies_at_any_request_is_completed_without_gap(table, crash_at):
    commands = [one for one in ALL if one.account in ("contoso", "tailspin")]
    for number in range(1, 20):
        empty(table)
        register("contoso")
        register("tailspin")
        run_import(sample(only=["contoso", "tailspin"], change=_shorten))
        crash_at(number)
        try:
            each(*commands)
        except Crash:
            each(*commands)
        else:
            break
        assert _issued() == ["ACME-2026-000001", "ACME-2026-000002"]
        assert last_number() == 2
    assert number > 4
