"""Payment methods through the API: references to what providers keep, one default, and never card data."""

from __future__ import annotations

import pytest

from quittance.domain.payment_method import MOST

PATH = "/v1/accounts/contoso/payment-methods"
MANDATE = {
    "provider": "gocardless",
    "kind": "sepa_mandate",
    "reference": "MD0001X2Y3",
    "mandate": {"reference": "ACME-CONTOSO-1", "signed_on": "2026-09-14"},
    "default": True,
}
CARD = {"provider": "stripe", "kind": "card_token", "reference": "pm_1P2q3R4s5T", "label": "Visa ending 4242"}


def test_a_method_is_kept_shown_and_told(book):
    first = book("PUT", f"{PATH}/sepa", MANDATE)
    assert (first.status, first.body["default"], first.body["state"]) == (201, True, "active")
    assert book("PUT", f"{PATH}/sepa", MANDATE).status == 200
    assert book("GET", f"{PATH}/sepa").body == first.body
    assert book("GET", "/v1/accounts/contoso/status").body["payment_methods"] == [first.body]
    failed = book("PUT", f"{PATH}/sepa", {**MANDATE, "state": "failed", "default": False})
    assert (failed.body["default"], failed.body["state"]) == (False, "failed")
    story = book("GET", "/v1/accounts/contoso/timeline").body["entries"]
    assert [one["text"] for one in story if one["kind"] == "payment_method"] == [
        "Payment method sepa (sepa_mandate at gocardless) added.",
        "Payment method sepa (sepa_mandate at gocardless) is the default.",
        "Payment method sepa (sepa_mandate at gocardless) is failed.",
    ]


def test_there_is_one_default(book):
    book("PUT", f"{PATH}/sepa", MANDATE)
    book("PUT", f"{PATH}/card", {**CARD, "default": True})
    listed = book("GET", PATH).body["payment_methods"]
    assert [(one["id"], one["default"]) for one in listed] == [("card", True), ("sepa", False)]


def test_a_removed_method_is_gone_and_stays_told(book):
    book("PUT", f"{PATH}/card", CARD)
    assert book("DELETE", f"{PATH}/card").body["state"] == "removed"
    assert (book("GET", f"{PATH}/card").status, book("DELETE", f"{PATH}/card").status) == (404, 404)
    assert "payment_methods" not in book("GET", "/v1/accounts/contoso/status").body
    story = book("GET", "/v1/accounts/contoso/timeline").body["entries"]
    assert "Payment method card (card_token at stripe) removed." in [one["text"] for one in story]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**CARD, "reference": "4242424242424242"}, "reference"),
        ({**CARD, "reference": "card 4242 4242-4242 4242 of 12/30"}, "reference"),
        ({**CARD, "reference": 378282246310005}, "reference"),
        ({**CARD, "label": "6011000990139424"}, "label"),
        ({**CARD, "cvc": "123"}, "cvc"),
        ({**CARD, "card": {"Card-Number": "1"}}, "card.Card-Number"),
        ({**MANDATE, "mandate": {"reference": "5555555555554444", "signed_on": "2026-09-14"}}, "mandate.reference"),
    ],
)
def test_card_data_is_refused_and_not_repeated(book, items, body, field):
    before = items()
    answer = book("PUT", f"{PATH}/card", body)
    assert (answer.status, answer.body["errors"][0]["field"] if "errors" in answer.body else field) == (422, field)
    assert "card data is never taken" in answer.body["detail"]
    assert not any(number in str(answer.body) for number in ("4242", "378282246310005", "5555555555554444"))
    assert items() == before


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({**MANDATE, "mandate": None}, "mandate"),
        ({**CARD, "mandate": MANDATE["mandate"]}, "only a sepa_mandate has one"),
        ({**MANDATE, "mandate": {"reference": "M1", "signed_on": "2026-10-02"}}, "yet to come"),
        ({**MANDATE, "mandate": {"reference": "ä", "signed_on": "2026-09-14"}}, "as SEPA allows"),
        ({**CARD, "state": "cancelled", "default": True}, "pays nothing"),
        ({**CARD, "kind": "cash"}, "is not one of"),
        ({**CARD, "colour": "red"}, "unknown field"),
    ],
)
def test_bad_input_names_its_field(book, body, says):
    answer = book("PUT", f"{PATH}/m1", body)
    assert (answer.status, says in answer.body["detail"]) == (422, True)


def test_numbers_that_are_no_cards_are_taken(book):
    for name, reference in (("a", "4242424242424241"), ("b", "DE89370400440532013000"), ("c", "123456789012")):
        assert book("PUT", f"{PATH}/{name}", {**CARD, "reference": reference}).status == 201


def test_an_account_has_so_many_methods_and_no_more(book):
    for i in range(MOST):
        assert book("PUT", f"{PATH}/m{i}", CARD).status == 201
    assert book("PUT", f"{PATH}/one-more", CARD).status == 422
    assert book("PUT", f"{PATH}/m0", {**CARD, "label": "old"}).status == 200


@pytest.mark.parametrize("role", ["helpdesk_agent", "sales_agent"])
def test_who_only_looks_changes_no_method(book, role):
    assert book("PUT", f"{PATH}/card", CARD, role=role).status == 403
    assert book("DELETE", f"{PATH}/card", role=role).status == 403
    assert book("GET", PATH, role=role).status == 200


def test_an_account_that_is_not_there_has_none(book):
    for call in (("GET", None), ("PUT", CARD)):
        assert book(call[0], "/v1/accounts/nobody/payment-methods/card", call[1]).status == 404
