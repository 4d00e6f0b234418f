"""When paying an invoice can change nothing but the debt, so that nobody has to look."""

from dataclasses import replace

import pytest

from quittance.domain.arrears import CLEAR
from quittance.domain.arrears_terms import claim_concerns_at, is_calm
from quittance.domain.forbearance import Dispute
from tests.unit.collections.books import SEAT, at, book, eur, hold, invoice, pause, promise, suspended, utc

BEFORE = utc("2026-10-20T08:00")
OWED = invoice("I1", "2026-11-08")
PROMISED = promise("297.44", until="2026-11-20")
DISPUTED = Dispute(id="I1.1", invoice="I1", amount=eur("10.00"), author="test", since=utc("2026-10-10T08:00"))


@pytest.mark.parametrize(
    ("file", "calm"),
    [
        (book(OWED), True),
        (book(), True),
        (book(OWED, invoice("I2", "2026-12-08")), True),
        (book(OWED, pauses=(pause(ended="2026-10-15T08:00"),)), True),
        (book(OWED, holds=(hold(released="2026-10-15T08:00"),)), True),
        (book(OWED, stage="reminder"), False),
        (book(OWED, invoice("I0", "2026-10-10")), False),
        (book(OWED, credit="1.00"), False),
        (book(OWED, subscriptions=(SEAT, suspended(replace(SEAT, id="sub-2")))), False),
        (book(OWED, subscriptions=(suspended(SEAT, "fraud"),)), False),
        (book(OWED, promises=(PROMISED,)), False),
        (book(OWED, promises=(replace(PROMISED, state="kept"),)), False),
        (book(OWED, pauses=(pause(),)), False),
        (book(OWED, holds=(hold(),)), False),
        (book(OWED, disputes=(DISPUTED,)), False),
        (book(invoice("I1", "2026-11-08", disputed="10.00")), False),
    ],
    ids=[
        "nothing is overdue",
        "nothing is owed",
        "several invoices",
        "a pause that has ended",
        "a hold that was released",
        "a stage holds",
        "another invoice is overdue",
        "credit waits to be used",
        "access is withheld for non-payment",
        "access is withheld for another reason",
        "a promise waits to be kept",
        "a kept promise stands",
        "collecting is paused",
        "a hold",
        "an open dispute",
        "a part is disputed",
    ],
)
def test_a_payment_matters_to_more_than_the_debt_unless_all_is_calm(file, calm):
    assert is_calm(file, BEFORE) is calm
    assert file.stage == CLEAR or not calm


@pytest.mark.parametrize(
    ("gross", "due", "concern"),
    [
        (100, "2026-11-08", at("2026-11-09T00:00")),
        (100, "2026-10-19", BEFORE),
        (100, "2026-10-20", at("2026-10-21T00:00")),
        (-100, "2026-11-08", BEFORE),
        (0, "2026-11-08", None),
    ],
    ids=["as its due date ends", "overdue as it is issued", "due today", "a credit note", "nothing to pay"],
)
def test_collections_look_at_a_document_first_when_it_can_concern_them(gross, due, concern):
    one = invoice("I1", due)
    assert claim_concerns_at(gross, one.due, book().profile.zone, BEFORE) == concern
