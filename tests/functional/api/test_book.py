"""Setting up a book through the API."""

from __future__ import annotations

import pytest

from tests.functional.api.conftest import ACCOUNT, PARTNER, PLAN, POLICY, RULES


def test_what_is_put_can_be_read_and_put_again(book, items):
    before = items()

    assert book("GET", "/v1/partner").body == PARTNER
    assert book("GET", "/v1/policies/standard").body["definition"] == POLICY
    assert book("GET", "/v1/support-plans/basic").body["definition"] == PLAN
    assert book("GET", "/v1/price-rules").body == RULES
    account = book("GET", "/v1/accounts/contoso").body
    assert {**account, "parent": None} == {**ACCOUNT, "currency": "EUR", "locale": "de-DE"}

    assert book("PUT", "/v1/partner", PARTNER).status == 200
    assert book("POST", "/v1/policies/standard", POLICY).body == {"name": "standard", "version": 1}
    assert book("PUT", "/v1/accounts/contoso", account).status == 200
    assert items() == before


def test_a_changed_policy_is_the_next_version_and_the_old_one_stays(book, items):
    changed = {**POLICY, "payment_days": 14}
    old = items()[("P#acme", "POLICY#standard#000001")]

    assert book("POST", "/v1/policies/standard", changed).body == {"name": "standard", "version": 2}
    assert book("GET", "/v1/policies/standard").body["version"] == 2
    assert items()[("P#acme", "POLICY#standard#000001")] == old


def test_changing_an_account_keeps_its_money_and_its_access(book, items, table):
    head = {"pk": {"S": "P#acme#A#contoso"}, "sk": {"S": "C#HEAD"}}
    table.update_item(
        TableName="Quittance",
        Key=head,
        UpdateExpression="SET balance = :b",
        ExpressionAttributeValues={":b": {"N": "29744"}},
    )
    access = {"pk": {"S": "P#acme#A#contoso"}, "sk": {"S": "C#SUB#sub-1"}}
    table.update_item(
        TableName="Quittance",
        Key=access,
        UpdateExpression="SET desired = :s, generation = :g",
        ExpressionAttributeValues={":s": {"S": "suspended"}, ":g": {"N": "3"}},
    )

    seats = [{**ACCOUNT["subscriptions"][0], "quantity": 30}]
    assert book("PUT", "/v1/accounts/contoso", {**ACCOUNT, "name": "Contoso SE", "subscriptions": seats}).status == 200

    found = items()
    assert found[("P#acme#A#contoso", "C#HEAD")]["balance"] == {"N": "29744"}
    assert found[("P#acme#A#contoso", "C#SUB#sub-1")]["desired"] == {"S": "suspended"}
    assert found[("P#acme#A#contoso", "C#SUB#sub-1")]["generation"] == {"N": "3"}
    read = book("GET", "/v1/accounts/contoso").body
    assert (read["name"], read["subscriptions"][0]["quantity"]) == ("Contoso SE", 30)
    refused = book("PUT", "/v1/accounts/contoso", {**ACCOUNT, "subscriptions": []})
    assert (refused.status, "suspended" in refused.body["detail"]) == (409, True)


def test_a_vendor_customer_belongs_to_one_account_and_can_move(book):
    other = {**ACCOUNT, "id": "fabrikam", "subscriptions": []}
    assert book("PUT", "/v1/accounts/fabrikam", other).status == 409
    assert book("PUT", "/v1/accounts/contoso", {**ACCOUNT, "vendor_customer": "another"}).status == 200
    assert book("PUT", "/v1/accounts/fabrikam", other).status == 201


def test_accounts_are_listed_in_pages(book):
    for name in ("a1", "b2", "d4"):
        account = {**ACCOUNT, "id": name, "name": name.upper(), "vendor_customer": None, "subscriptions": []}
        assert book("PUT", f"/v1/accounts/{name}", account).status == 201
    first = book("GET", "/v1/accounts", query={"limit": "3"}).body
    assert [entry["id"] for entry in first["accounts"]] == ["a1", "b2", "contoso"]
    rest = book("GET", "/v1/accounts", query={"limit": "3", "after": first["next"]}).body
    assert ([entry["id"] for entry in rest["accounts"]], rest["next"]) == (["d4"], None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("country", "Germany"),
        ("vat_id", "DE12"),
        ("timezone", "Berlin"),
        ("email", "nobody"),
        ("currency", "EURO"),
        ("currency", "USD"),
        ("policy", "unpublished"),
        ("policy", "a#b"),
        ("support_plan", "unpublished"),
        ("vendor_customer", ["x"]),
        ("parent", "contoso"),
        ("address", "one line"),
        ("subscriptions", {}),
        ("id", "another"),
        ("nickname", "x"),
    ],
)
def test_a_wrong_field_of_an_account_is_named_and_nothing_is_written(book, items, field, value):
    before = items()
    refused = book("PUT", "/v1/accounts/contoso", {**ACCOUNT, field: value})
    assert (refused.status, refused.body["field"], items()) == (422, field, before)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "25"}, "subscriptions[0].quantity"),
        ({"quantity": 2.5}, "subscriptions[0].quantity"),
        ({"quantity": True}, "subscriptions[0].quantity"),
        ({"kind": "mainframe"}, "subscriptions[0].kind"),
        ({"term_ends": "31.03.2027"}, "subscriptions[0].term_ends"),
        ({"auto_renew": "yes"}, "subscriptions[0].auto_renew"),
        ({"id": "a b"}, "subscriptions[0].id"),
        ({"colour": "red"}, "subscriptions[0].colour"),
    ],
)
def test_a_wrong_field_of_a_subscription_is_named_by_its_path(book, items, changes, field):
    before = items()
    subscription = {**ACCOUNT["subscriptions"][0], **changes}
    refused = book("PUT", "/v1/accounts/contoso", {**ACCOUNT, "subscriptions": [subscription]})
    assert (refused.status, refused.body["field"], items()) == (422, field, before)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cloud": "germany"}, "cloud"),
        ({"cloud": "mars"}, "cloud"),
        ({"id": "globex"}, "id"),
        ({"currency": "USD"}, "currency"),
        ({"support_entitlements": [{"services": ["azure"]}]}, "support_entitlements[0].vehicle"),
        (
            {"support_entitlements": [{"vehicle": "partner-cloud-support", "services": ["telephone"]}]},
            "support_entitlements[0].services[0]",
        ),
    ],
)
def test_a_wrong_field_of_the_partner_is_named(book, items, changes, field):
    before = items()
    refused = book("PUT", "/v1/partner", {**PARTNER, **changes})
    assert (refused.status, refused.body["field"], items()) == (422, field, before)


def test_nothing_can_be_priced_before_the_partner_is_set_up(call, items):
    refused = call("POST", "/v1/policies/standard", POLICY)
    assert (refused.status, items()) == (404, {})
