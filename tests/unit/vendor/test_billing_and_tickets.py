from __future__ import annotations

import pytest

LINE = {
    "customerId": "contoso",
    "productId": "CFQ7TTC0LH18",
    "subtotal": "-12.50",
    "quantity": "3",
    "unitPrice": "9.75",
}
INVOICE = {"id": "G012345678", "tenant": "acme-t", "date": "2026-10-08", "currency": "EUR", "total": "4711.20"}
REQUEST = {"id": "616122292874576", "tenant": "acme-t", "customer": "contoso", "title": "Mail is down"}


def lines(count: int) -> list[dict[str, str]]:
    return [LINE | {"referenceId": str(number)} for number in range(count)]


def test_figures_of_new_commerce_lines_are_text_here_and_numbers_there(desk):
    desk.seed(invoices=[INVOICE | {"lines": lines(2)}])
    items = desk.get("/invoices/G012345678/lineitems/OneTime/BillingLineItems").body["items"]
    assert [(item["subtotal"], item["quantity"]) for item in items] == [("-12.50", "3"), (-12.5, 3.0)]


@pytest.mark.parametrize(("asked", "got"), [(2, 2), (2000, 2000), (5000, 2000)])
def test_a_page_of_lines_is_at_most_two_thousand(desk, asked, got):
    desk.seed(invoices=[INVOICE | {"lines": lines(2001)}])
    page = desk.get(
        f"/invoices/G012345678/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&size={asked}"
    )
    assert page.body["totalCount"] == got
    assert page.body["continuationToken"]


def test_the_continuation_token_leads_through_all_lines(desk):
    desk.seed(invoices=[INVOICE | {"lines": lines(5)}])
    path = "/invoices/OneTime-G012345678/lineitems?provider=OneTime&invoicelineitemtype=BillingLineItems&size=2"
    body, seen = desk.get(path).body, []
    while True:
        seen += [item["referenceId"] for item in body["items"]]
        if "continuationToken" not in body:
            break
        header = body["links"]["next"]["headers"][0]
        assert header == {"key": "MS-ContinuationToken", "value": body["continuationToken"]}
        body = desk.get(f"{path}&seekOperation=Next", ms_continuationtoken=header["value"]).body
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("size=2", None),
        ("invoicelineitemtype=Everything", None),
        ("invoicelineitemtype=BillingLineItems&size=two", None),
        ("invoicelineitemtype=BillingLineItems&seekOperation=Next", None),
        ("invoicelineitemtype=BillingLineItems&seekOperation=Next", "made-up,2"),
    ],
)
def test_refused_line_queries(desk, query, token):
    desk.seed(invoices=[INVOICE | {"lines": lines(3)}])
    headers = {"ms_continuationtoken": token} if token else {}
    assert desk.get(f"/invoices/G012345678/lineitems?{query}", **headers).code == "800002"


def test_legacy_lines_page_by_offset(desk):
    desk.seed(invoices=[INVOICE | {"id": "D1", "type": "Recurring", "lines": lines(3)}])
    page = desk.get("/invoices/D1/lineitems?provider=office&invoicelineitemtype=BillingLineItems&size=2&offset=2").body
    assert [item["referenceId"] for item in page["items"]] == ["2"]


def test_an_invoice_shows_what_amends_it(desk):
    note = INVOICE | {"id": "G2", "document_type": "adjustment_note", "amends": "G012345678", "total": "-10.00"}
    desk.seed(invoices=[INVOICE | {"document_type": "void_note"}, note])
    page = desk.get("/invoices?size=200&offset=0").body
    assert [row["id"] for row in page["items"]] == ["G012345678"]
    assert page["items"][0]["amendments"][0]["amendsOf"] == "G012345678"


def test_an_invoice_of_another_partner_is_not_found(desk):
    desk.seed(invoices=[INVOICE | {"tenant": "other-t"}])
    assert desk.get("/invoices/G012345678").code == "1000"


def test_service_requests_want_a_user(desk):
    reply = desk.get("/servicerequests")
    assert (reply.status, reply.code) == (403, "900329")


def as_user(desk, **partner):
    desk.seed(service_requests=[REQUEST])
    desk.token = desk.sign_in("refresh_token", refresh_token="again")
    return desk


def test_service_requests_show_words_alone_and_numbers_in_lists(desk):
    as_user(desk)
    assert desk.get("/servicerequests/616122292874576").body["severity"] == "moderate"
    row = desk.get("/customers/contoso/servicerequests").body["items"][0]
    assert (row["severity"], row["status"], row["lastClosedDate"]) == (1, 1, "0001-01-01T00:00:00")


def test_a_note_and_a_status_are_all_that_changes(desk):
    as_user(desk)
    blank = {"Id": None, "Title": None, "Severity": "unknown", "Status": "none"}
    noted = desk.call("PATCH", "/servicerequests/616122292874576", blank | {"NewNote": {"Text": "Any news?"}})
    assert (noted.body["status"], [note["text"] for note in noted.body["notes"]]) == ("open", ["Any news?"])
    closed = desk.call("PATCH", "/servicerequests/616122292874576", blank | {"Status": "closed"})
    assert (closed.body["status"], closed.body["lastClosedDate"]) == ("closed", "2026-10-01T08:00:00Z")


@pytest.mark.parametrize("body", [{"Status": "solved"}, {"NewNote": {}}, {"NewNote": "text"}])
def test_refused_changes_of_a_service_request(desk, body):
    as_user(desk)
    assert desk.call("PATCH", "/servicerequests/616122292874576", body).code == "3000"


def test_a_service_request_cannot_be_created(desk):
    as_user(desk)
    assert desk.call("POST", "/servicerequests/en-US", {"Title": "Help"}).status == 404


def test_there_are_no_service_requests_in_china(desk):
    as_user(desk)
    desk.app.state.partners["acme-t"].cloud = "china"
    assert desk.get("/servicerequests").status == 404
