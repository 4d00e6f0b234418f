"""Routes of the books: trial balance, statements, aged receivables, deferred revenue, exports, closed periods."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from quittance.adapters.datev_file import DATEV_TYPE, Batch, posting_batch
from quittance.adapters.tables import CSV_TYPE, as_csv
from quittance.domain.aged import Aged
from quittance.domain.journal import Closing
from quittance.domain.money import Money
from quittance.domain.periods import checked_period, first_and_last
from quittance.domain.reading import Fields
from quittance.domain.statement import Statement
from quittance.domain.trial_balance import Row
from quittance.runtime import compose
from quittance.runtime.clock import iso
from quittance.runtime.http import Request, Response
from quittance.store import bookkeeping, journal, partners
from quittance.store.accounts import AccountStore
from quittance.store.policies import PolicyStore
from quittance.usecases import books

_ACCOUNTS = AccountStore(PolicyStore())
_POSTINGS = tuple("posted day booked_at account kind reference ledger debit credit currency".split())
_STATEMENT = tuple("posted day kind reference debit credit balance currency".split())
_AGED = tuple("account currency not_due 1_30 31_60 61_90 over_90 credit balance".split())
_TEXTS = frozenset({"reference"})


def show_trial_balance(request: Request) -> Response:
    """Show the trial balance of a period, a page of accounts at a time."""
    found, period = _books(request), _period(request)
    accounts, following = found.page(request.query.get("after"), request.limit(200))
    rows = books.balance(found, accounts, period)
    final = found.final(period, compose.clock().now())
    told = {"period": period, "accounts": len(accounts), "final": final, "rows": [_row(row) for row in rows]}
    return Response(body={**told, "next": following})


def _row(row: Row) -> dict[str, str]:
    figures = {name: _amount(getattr(row, name), row.currency) for name in ("opening", "debit", "credit", "closing")}
    return {"ledger": row.ledger, "currency": row.currency, **figures}


def show_statement(request: Request) -> Response:
    """Show an account's statement, as JSON or, with Accept: text/csv, as CSV."""
    found, account = _books(request), request.names["account"]
    currency = _ACCOUNTS.load(request.partner, account).profile.currency
    today = compose.clock().now().astimezone(found.zone).date()
    last = _day(request, "to", today)
    first = _day(request, "from", last.replace(month=1, day=1))
    shown = books.account_statement(found, account, currency=currency, first=first, last=last)
    if "text/csv" in request.headers.get("accept", ""):
        return _csv(f"statement_{account}_{first}_{last}", _STATEMENT, _statement_rows(shown))
    return Response(body={"account": account, **_statement(shown)})


def _statement(shown: Statement) -> dict[str, Any]:
    lines = [dict(zip(_STATEMENT[:-1], row, strict=True)) for row in (line[:-1] for line in _lines(shown))]
    return {
        "from": shown.first.isoformat(),
        "to": shown.last.isoformat(),
        "currency": shown.currency,
        "opening": _amount(shown.opening, shown.currency),
        "lines": lines,
        "closing": _amount(shown.closing, shown.currency),
    }


def _lines(shown: Statement) -> Iterable[tuple[str, ...]]:
    for line in shown.lines:
        figures = (_amount(minor, shown.currency) for minor in (line.debit, line.credit, line.balance))
        yield line.posted.isoformat(), line.day.isoformat(), line.kind, line.reference, *figures, shown.currency


def _statement_rows(shown: Statement) -> Iterable[tuple[str, ...]]:
    def edge(day: date, kind: str, minor: int) -> tuple[str, ...]:
        return day.isoformat(), "", kind, "", "", "", _amount(minor, shown.currency), shown.currency

    yield edge(shown.first, "opening balance", shown.opening)
    yield from _lines(shown)
    yield edge(shown.last, "closing balance", shown.closing)


def show_receivables(request: Request) -> Response:
    """Show aged receivables as of a moment, a page of accounts at a time, as JSON or CSV."""
    found, at = _books(request), _moment(request)
    accounts, following = found.page(request.query.get("after"), request.limit(200))
    shown = books.receivables(found, accounts, at)
    if "text/csv" in request.headers.get("accept", ""):
        return _csv(f"receivables_{at:%Y-%m-%d}", _AGED, (_aged_row(one) for one in shown), following)
    return Response(body={"at": iso(at), "accounts": [_aged(one) for one in shown], "next": following})


def _aged(one: Aged) -> dict[str, Any]:
    invoices = [
        {
            "invoice": line.invoice,
            "number": line.number,
            "due": line.due.isoformat(),
            "days": line.days,
            "remaining": _amount(line.remaining, one.currency),
        }
        for line in one.invoices
    ]
    return {
        "account": one.account,
        "currency": one.currency,
        "buckets": {name: _amount(minor, one.currency) for name, minor in one.buckets.items()},
        "credit": _amount(one.credit, one.currency),
        "balance": _amount(one.balance, one.currency),
        "invoices": invoices,
    }


def _aged_row(one: Aged) -> tuple[str, ...]:
    figures = (_amount(minor, one.currency) for minor in (*one.buckets.values(), one.credit, one.balance))
    return one.account, one.currency, *figures


def show_deferred(request: Request) -> Response:
    """Show what was invoiced until a day for days after it."""
    found = _books(request)
    at = _day(request, "at", compose.clock().now().astimezone(found.zone).date())
    accounts, following = found.page(request.query.get("after"), request.limit(200))
    items = [
        {
            "account": line.account,
            "number": line.number,
            "text": line.text,
            "currency": line.currency,
            "net": _amount(line.net, line.currency),
            "start": line.start.isoformat(),
            "end": line.end.isoformat(),
            "deferred": _amount(part, line.currency),
        }
        for line, part in books.deferred(found, accounts, at)
    ]
    return Response(body={"at": at.isoformat(), "items": items, "next": following})


def export_postings(request: Request) -> Response:
    """Give a period's postings as CSV, a page of accounts at a time."""
    found, period = _books(request), _period(request)
    accounts, following = found.page(request.query.get("after"), request.limit(200))
    rows = (
        (
            day.isoformat(),
            entry.day.isoformat(),
            iso(entry.booked_at),
            entry.account,
            entry.kind,
            entry.reference,
            posting.account,
            _amount(max(posting.amount.minor, 0), entry.currency),
            _amount(max(-posting.amount.minor, 0), entry.currency),
            entry.currency,
        )
        for day, entry in found.within(accounts, period)
        for posting in entry.postings
    )
    return _csv(f"postings_{period}", _POSTINGS, rows, following)


def export_datev(request: Request) -> Response:
    """Give a period's postings as a DATEV batch, a page of accounts at a time: each page is a whole file."""
    found, period, now = _books(request), _period(request), compose.clock().now()
    currency = request.query.get("currency") or partners.read_partner(request.partner).currency
    accounts, following = found.page(request.query.get("after"), request.limit(200))
    settings, lines = books.datev_bookings(found, accounts, period, currency=currency, bookkeeping=bookkeeping)
    first, last = first_and_last(period)
    batch = Batch(
        settings=settings,
        first=first,
        last=last,
        currency=currency,
        final=found.final(period, now),
        made_at=now,
        title=f"Quittance {period}",
    )
    name = f"EXTF_Buchungsstapel_{period}_{accounts[0] if accounts else 'leer'}.csv"
    return Response(
        content=posting_batch(batch, lines), content_type=DATEV_TYPE, headers=_file_headers(name, following)
    )


def put_datev_settings(request: Request) -> Response:
    """Set the client data and account numbers of DATEV exports."""
    books.put_settings(request.partner, request.json(), bookkeeping=bookkeeping)
    return get_datev_settings(request)


def get_datev_settings(request: Request) -> Response:
    """Show the settings of DATEV exports."""
    return Response(body=bookkeeping.datev_settings(request.partner) or {})


def close_period(request: Request) -> Response:
    """Close a period."""
    fields = Fields(request.json())
    period = checked_period(fields.text("period", most=7))
    fields.done()
    now = compose.clock().now()
    closing = books.close_period(_books(request), period, now=now, by=request.role, bookkeeping=bookkeeping)
    return Response(body=_closed(period, closing))


def list_periods(request: Request) -> Response:
    """List the closed periods."""
    return Response(body={"periods": [_closed(*one) for one in bookkeeping.closings(request.partner)]})


def _closed(period: str, closing: Closing) -> dict[str, str]:
    return {"period": period, "through": closing.through.isoformat(), "closed_at": iso(closing.closed_at)}


def _books(request: Request) -> books.Books:
    return books.Books(
        partner=request.partner,
        zone=partners.read_partner(request.partner).zone,
        journal=journal,
        accounts=partners,
        closed=tuple(bookkeeping.closings(request.partner)),
    )


def _period(request: Request) -> str:
    return checked_period(request.query.get("period", ""))


def _day(request: Request, name: str, default: date) -> date:
    found: date = Fields(request.query).day(name, default)
    return found


def _moment(request: Request) -> datetime:
    given = {"at": re.sub(r" (?=\d\d:\d\d$)", "+", request.query.get("at") or iso(compose.clock().now()))}
    found: datetime = Fields(given).moment("at")
    return found


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency))


def _csv(name: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]], following: str | None = None) -> Response:
    text = as_csv(head, rows, texts=_TEXTS)
    return Response(text=text, content_type=CSV_TYPE, headers=_file_headers(f"{name}.csv", following))


def _file_headers(name: str, following: str | None) -> dict[str, str]:
    """Name the file, and where more accounts follow, after which one the next page begins."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return {**headers, "x-next": following} if following else headers
