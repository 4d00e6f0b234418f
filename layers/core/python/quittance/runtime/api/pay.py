"""Routes of paying: the address of an invoice's payment page, and the page."""

from __future__ import annotations

from quittance.adapters.formats import language
from quittance.adapters.pages.content import Contact
from quittance.adapters.pages.pay import PayPage, render_pay_page
from quittance.domain.errors import NotFound
from quittance.domain.partner import Partner
from quittance.domain.pay_url import filled
from quittance.runtime.api import public
from quittance.runtime.http import Request, Response
from quittance.runtime.links import pay_links
from quittance.store import partners
from quittance.store.paying import Payable, payable

# The page is its reader's alone: no copy is kept, no search engine lists it, its address is not passed on.
_HEADERS = {**public.HEADERS, "cache-control": "private, no-store", "x-robots-tag": "noindex, nofollow"}


def get_payment_link(request: Request) -> Response:
    """Tell the address of an invoice's payment page."""
    account, invoice = request.names["account"], request.names["invoice"]
    payable(request.partner, account, invoice)
    url = pay_links().url(request.partner, account, invoice)
    if not url:
        raise NotFound("payment pages are off: set the partner's secret for links")
    return Response(body={"url": url})


def show_payment_page(request: Request) -> Response:
    """Show an invoice's payment page; whatever is wrong with the address looks the same."""
    name = request.names["partner"]
    try:
        account, invoice = pay_links().read(name, request.names["token"])
        owed, partner = payable(name, account, invoice), partners.read_partner(name)
    except NotFound:
        return public.absent(request.query.get("lang") or request.headers.get("accept-language", ""))
    wanted = _language(request, partner)
    page = render_pay_page(_page(partner, account, invoice, owed), wanted)
    headers = {**_HEADERS, "content-language": wanted}
    return Response(text=page, content_type=public.HTML_TYPE, headers=headers)


def _language(request: Request, partner: Partner) -> str:
    asked = request.query.get("lang") or request.headers.get("accept-language", "").partition(",")[0]
    return language((asked or partner.locale)[:35])


def _page(partner: Partner, account: str, invoice: str, owed: Payable) -> PayPage:
    given = partner.definition
    bank = given.get("bank") or {}
    template = str(given.get("payment_url") or "")
    names = {"account": account, "invoice": invoice, "number": owed.number}
    return PayPage(
        contact=Contact(name=partner.name, **{way: str(given.get(way) or "") for way in ("email", "phone", "website")}),
        number=owed.number,
        issued=owed.issued,
        due=owed.due,
        currency=owed.gross.currency,
        gross=owed.gross.decimal,
        remaining=owed.remaining.decimal,
        holder=str(bank.get("holder") or ""),
        iban=str(bank.get("iban") or ""),
        bic=str(bank.get("bic") or ""),
        url=filled(template, **names, remaining=owed.remaining) if template else "",
    )
