"""What holds for every invoice: totals, VAT, postings, mirrored refunds, gapless numbers."""

# a fake takes what its port gives
from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.domain.charges import Charge, ChunkLimits, chunked
from quittance.domain.invoice import InvoiceLine, build_invoice, lines_from
from quittance.domain.ledger import balanced
from quittance.domain.money import Money
from quittance.domain.policy import PolicyRef
from quittance.domain.pricing import PriceRule, price
from quittance.domain.vat import Treatment, vat_table
from quittance.usecases.issue_invoice import Case, NumberTaken, issue_invoice
from quittance.usecases.messages import IssueInvoice

DAY = date(2026, 10, 9)
RATES = (
    Treatment("S", Decimal(19)),
    Treatment("S", Decimal(7)),
    Treatment("S", Decimal("25.5")),
    Treatment("Z", Decimal(0)),
)
MANY = settings(max_examples=150, deadline=None)

cents = st.integers(-(10**7), 10**7)
some_lines = st.lists(st.tuples(cents, st.sampled_from(RATES)), min_size=1, max_size=20)
figures = st.decimals(min_value=0, max_value=10**5, places=6, allow_nan=False, allow_infinity=False)


def line(minor, how, currency="EUR"):
    net = Money(minor, currency)
    return InvoiceLine(text="x", quantity=Decimal(1), unit_price=abs(net.decimal), net=net, vat=how, charges={})


def invoice(lines):
    return build_invoice(
        id="I1", issued=DAY, due=DAY, period=None, currency="EUR", policy=PolicyRef("standard", 1), lines=lines
    )


@MANY
@given(some_lines)
def test_totals_always_sum(lines):
    made = invoice([line(minor, how) for minor, how in lines])
    assert made.net.minor == sum(minor for minor, _ in lines) == sum(row.net.minor for row in made.vat)
    assert made.gross == made.net + made.vat_total
    assert made.vat_total.minor == sum(row.vat.minor for row in made.vat)


@MANY
@given(some_lines)
def test_postings_balance_and_name_the_gross_once(lines):
    made = invoice([line(minor, how) for minor, how in lines])
    assert balanced(made.postings)
    claims = {"receivable", "customer_credit"}
    assert sum(p.amount.minor for p in made.postings if p.account in claims) == made.gross.minor


@MANY
@given(some_lines)
def test_vat_is_rounded_once_on_the_sum_of_a_rate(lines):
    for row in vat_table([(how, Money(minor, "EUR")) for minor, how in lines], "EUR"):
        exact = (
            sum((Decimal(minor) for minor, how in lines if how.percent == row.percent), Decimal(0)) * row.percent / 100
        )
        assert row.vat.minor == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@MANY
@given(some_lines)
def test_a_credit_of_everything_mirrors_the_invoice(lines):
    made = invoice([line(minor, how) for minor, how in lines])
    back = invoice([line(-minor, how) for minor, how in lines])
    assert (back.net, back.vat_total, back.gross) == (-made.net, -made.vat_total, -made.gross)


def charge(subtotal, quantity, unit_price, effective, *, kind="license", row=2, customer="c1"):
    return Charge(
        vendor_invoice="G1",
        row=row,
        vendor_customer=customer,
        product="P",
        kind=kind,
        charge_type="new",
        quantity=quantity,
        billable_quantity=quantity,
        unit_price=unit_price,
        effective_unit_price=effective,
        subtotal=subtotal,
        tax=Decimal(0),
        total=subtotal,
        currency="EUR",
    )


rules = st.one_of(
    st.builds(lambda percent: PriceRule(markup_percent=percent), figures),
    st.builds(lambda each: PriceRule(unit_price=each), figures),
    st.just(PriceRule(absorb=True)),
)


@MANY
@given(
    rules,
    st.integers(1, 5000),
    st.decimals("0.01", 1000, places=2),
    st.integers(1, 30),
    st.sampled_from(("license", "usage")),
)
def test_a_refund_is_priced_as_the_negative_of_its_charge(rule, seats, listed, days, kind):
    effective = listed / 30 * days
    subtotal = (effective * seats).quantize(Decimal("0.01"))
    bought = price(charge(subtotal, Decimal(seats), listed, effective, kind=kind), [rule])
    returned = price(charge(-subtotal, Decimal(-seats), listed, effective, kind=kind), [rule])
    assert returned.net == -bought.net


@MANY
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.decimals(-100, 100, places=2)), min_size=1, max_size=60),
    st.integers(1, 9),
)
def test_chunks_keep_every_charge_once_and_are_cut_the_same_again(items, size):
    charges = [
        charge(amount, Decimal(1), Decimal(1), Decimal(1), row=row, customer=name)
        for row, (name, amount) in enumerate(items, start=2)
    ]
    chunks = list(chunked(charges, ChunkLimits(charges=size, size=600)))
    assert sorted(c.row for chunk in chunks for c in chunk.charges) == [c.row for c in charges]
    assert all(c.vendor_customer == chunk.vendor_customer for chunk in chunks for c in chunk.charges)
    assert len({(chunk.vendor_customer, chunk.number) for chunk in chunks}) == len(chunks)
    assert list(chunked(charges, ChunkLimits(charges=size, size=600))) == chunks


@MANY
@given(
    st.lists(
        st.tuples(st.decimals(-1000, 1000, places=2), st.sampled_from(("license", "usage"))), min_size=1, max_size=30
    )
)
def test_every_charge_is_billed_on_exactly_one_line(items):
    priced = [
        price(
            charge(amount, Decimal(1), Decimal(1), Decimal(1), kind=kind, row=row),
            [PriceRule(markup_percent=Decimal(10))],
        )
        for row, (amount, kind) in enumerate(items, start=2)
    ]
    lines, absorbed = lines_from(priced, RATES[0])
    assert sorted(row for made in lines for row in made.charges["G1"]) == [p.charge.row for p in priced]
    assert sum(made.net.minor for made in lines) == sum(p.net.minor for p in priced)
    assert absorbed == ()


class SharedBooks:
    """A series in memory whose readers may see an older number, as issuers that race each other do."""

    def __init__(self, lags):
        self.last = 0
        self.numbers = {}
        self._lags = iter(lags)

    def load(self, partner, account, invoice):
        return Case(
            partner=partner,
            account=account,
            invoice=invoice,
            state="issued" if invoice in self.numbers else "ready",
            period=None,
            chunks=(),
            request={"lines": [{"text": "x", "net": "1.00", "vat_percent": "19"}], "issued": "2026-10-09"},
            partner_body={"country": "DE"},
            account_body={"country": "DE", "policy": "standard"},
            price_rules=[],
            currency="EUR",
            due_at=None,
        )

    def policy(self, partner, name, at):
        return PolicyRef(name, 1), {"payment_days": 30}

    def charges(self, case):
        return []

    def last_number(self, partner, entity, series, year):
        return max(0, self.last - next(self._lags, 0))

    def issue(self, case, issued, counter, now):
        if counter[1] != self.last + 1:
            raise NumberTaken("taken")
        self.last = counter[1]
        self.numbers[case.invoice] = issued.number

    def refuse(self, case, problem, now):
        raise AssertionError(problem)


@MANY
@given(st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_numbers_are_gapless_whatever_the_issuers_saw(lags, order):
    books = SharedBooks(lags)
    now = SimpleNamespace(astimezone=None)
    for name in order:
        command = IssueInvoice(partner="acme", account="contoso", invoice=f"I{name}")
        issue_invoice(command, now=now, books=books, pause=lambda _: None)
    wanted = [f"ACME-2026-{n:06}" for n in range(1, len(set(order)) + 1)]
    assert sorted(books.numbers.values()) == wanted
