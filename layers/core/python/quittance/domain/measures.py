"""Agreeing on promises, pauses, holds and disputes: each request becomes a fact, or a refusal that says why.

All are pure: the account's file and what was asked in, the fact as it is to be recorded out. Asking for the same thing
again under the same id gives the same fact, so that any call may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.arrears import governing_policy
from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.forbearance import (
    HOLD_REASONS,
    Dispute,
    DisputeState,
    Hold,
    HoldReason,
    Instalment,
    Measure,
    Pause,
    Promise,
)
from quittance.domain.invoice import InvoiceLine
from quittance.domain.money import Money, total
from quittance.domain.names import checked
from quittance.domain.reading import Fields
from quittance.domain.standstill import still_owed
from quittance.domain.vat import vat_table

_MOST_INSTALMENTS = 24
_MOST_REASON = 500


def recorded(file: AccountFile, *facts: Measure) -> AccountFile:
    """Return the file once facts are recorded; a dispute takes its amount out of what may be collected."""
    for fact in facts:
        match fact:
            case Promise():
                file = replace(file, promises=_with(file.promises, fact))
            case Pause():
                file = replace(file, pauses=_with(file.pauses, fact))
            case Hold():
                file = replace(file, holds=_with(file.holds, fact))
            case Dispute():
                file = replace(file, disputes=_with(file.disputes, fact), open=_disputed(file, fact))
    return replace(file, version=file.version + 1)


def _with[Fact: Measure](known: tuple[Fact, ...], fact: Fact) -> tuple[Fact, ...]:
    return (*(one for one in known if one.id != fact.id), fact)


def _disputed(file: AccountFile, dispute: Dispute) -> Mapping[str, OpenInvoice]:
    invoice = file.open.get(dispute.invoice)
    if invoice is None or dispute.state == "upheld":
        return file.open
    return {**file.open, invoice.id: replace(invoice, disputed=withheld(dispute))}


def withheld(dispute: Dispute) -> Money | None:
    """Return what a dispute keeps out of collecting when it is recorded, None once it is rejected.

    Upheld, nothing changes by it: the amount stays out until the credit note is booked, and comes down with that.
    """
    return None if dispute.state == "rejected" else dispute.amount


def credit_request(file: AccountFile, dispute: Dispute) -> dict[str, Any] | None:
    """Return the credit note that an upheld dispute asks for; its id is the dispute's. None where all is credited.

    The whole invoice is credited by its amount, some lines as those lines with their VAT; what was partly credited
    meanwhile by what is left.
    """
    what = "" if dispute.lines is None else f", lines {', '.join(map(str, dispute.lines))}"
    reason = dispute.reason or f"dispute upheld: invoice {dispute.invoice}{what}"
    left = _still_disputed(file, dispute)
    if left.minor <= 0:
        return None
    if left == dispute.amount and dispute.lines is not None:
        return {"of_lines": list(dispute.lines), "reason": reason}
    return {"amount": str(left), "reason": reason}


def _still_disputed(file: AccountFile, dispute: Dispute) -> Money:
    """Return what of a dispute no credit note has settled; what was paid and came back lost count of it."""
    owed = file.open.get(dispute.invoice)
    if owed is None or owed.reopened:
        return dispute.amount
    return owed.disputed or Money.zero(dispute.amount.currency)


def promise(file: AccountFile, request: object, *, now: datetime, author: str) -> Promise:
    """Accept a promise `{amount, until, instalments?, id?}` by the terms of the policy that governs the oldest debt.

    Rejected when nothing of that amount is owed, its day is past or further off than the policy takes, or the
    instalments do not add up; Conflict while another promise stands.
    """
    fields = Fields(request)
    amount = Money.parse(fields.raw("amount"), file.profile.currency, field="amount")
    until = _day(fields, "until", file)
    made = replace(
        _promise(file, amount, until, now, author),
        id=fields.name("id", _stamp(now)),
        instalments=_instalments(fields, amount, until),
    )
    fields.done()
    known = next((one for one in file.promises if one.id == made.id), None)
    if known:
        return _same(known, made)
    _check_promise(file, made, now)
    return made


def _promise(file: AccountFile, amount: Money, until: date, now: datetime, author: str) -> Promise:
    invoices = tuple(sorted(one.id for one in file.open.values() if one.remaining.minor > 0))
    terms = governing_policy(file).promise if invoices else None
    return Promise(
        id="",
        amount=amount,
        until=until,
        instalments=(),
        invoices=invoices,
        owed=still_owed(file, invoices),
        stops=terms.stops if terms else "all",
        restores=bool(terms and terms.restores),
        made_at=now,
        author=author,
    )


def _day(fields: Fields, name: str, file: AccountFile) -> date:
    """Read a day; a moment stands for its day where the account is."""
    value = fields.raw(name)
    if isinstance(value, str) and "T" in value:
        return cast("date", fields.moment(name).astimezone(file.profile.zone).date())
    return cast("date", fields.day(name))


def _instalments(fields: Fields, amount: Money, until: date) -> tuple[Instalment, ...]:
    def read(part: Fields) -> Instalment:
        found = Instalment(
            due=part.day("due"), amount=Money.parse(part.raw("amount"), amount.currency, field=part.path("amount"))
        )
        part.done()
        if found.amount.minor <= 0:
            raise part.refuse("amount", f"{found.amount} is nothing to pay; write more than zero")
        return found

    parts = fields.each("instalments", read, most=_MOST_INSTALMENTS) or (Instalment(due=until, amount=amount),)
    if any(later.due <= earlier.due for earlier, later in pairwise(parts)):
        raise fields.refuse("instalments", "list them by date, one a day")
    if parts[-1].due != until:
        raise fields.refuse("instalments", f"the last one is due on {parts[-1].due}, the promise on {until}")
    if (sum_of := total((part.amount for part in parts), amount.currency)) != amount:
        raise fields.refuse("instalments", f"they add up to {sum_of}, the promise is {amount}")
    return parts


def _same(known: Promise, made: Promise) -> Promise:
    if (known.amount, known.instalments) != (made.amount, made.instalments):
        raise Conflict(f"id: there is another promise {known.id!r}; choose another id", field="id")
    return known


def _check_promise(file: AccountFile, made: Promise, now: datetime) -> None:
    today = now.astimezone(file.profile.zone).date()
    if made.amount.minor <= 0:
        raise Rejected(f"amount: {made.amount} promises nothing; write more than zero", field="amount")
    if made.amount > made.owed:
        raise Rejected(f"amount: {made.amount} is more than the {made.owed} owed; promise that much", field="amount")
    if made.instalments[0].due < today:
        raise Rejected(f"until: {made.instalments[0].due} is past; it is {today} there", field="until")
    longest = governing_policy(file).promise.longest_days
    if longest is not None and made.until > today + timedelta(days=longest):
        raise Rejected(f"until: the policy takes promises for {longest} days at most", field="until")
    if any(one.state == "open" for one in file.promises):
        raise Conflict("a promise stands already; withdraw it before another is made")


def withdraw(file: AccountFile, name: str, *, now: datetime) -> Promise:
    """End a promise that was a mistake; NotFound where there is none, Conflict when it is kept or broken."""
    found = next((one for one in file.promises if one.id == name), None)
    if found is None:
        raise NotFound(f"there is no promise {name!r}")
    if found.state in ("kept", "broken"):
        raise Conflict(f"promise {name!r} is {found.state}; what happened stays")
    return found if found.state == "withdrawn" else replace(found, state="withdrawn", ended_at=now)


def pause(file: AccountFile, request: object, *, now: datetime, author: str) -> tuple[Pause, ...]:
    """Pause collecting `{reason, until?, id?}`: the new pause, and the one it replaces, ended.

    Without `until` it lasts until somebody ends it. Rejected when it would end before it begins.
    """
    fields = Fields(request)
    until = _until(fields, file)
    made = Pause(
        id=fields.name("id", _stamp(now)),
        reason=fields.text("reason", most=_MOST_REASON),
        author=author,
        since=now,
        until=until,
    )
    fields.done()
    if until is not None and until <= now:
        raise Rejected(f"until: {until.isoformat()} is past; name a moment to come, or none", field="until")
    known = next((one for one in file.pauses if one.id == made.id), None)
    if known:
        if (known.reason, known.until) != (made.reason, made.until):
            raise Conflict(f"id: there is another pause {known.id!r}; choose another id", field="id")
        return (known,)
    ended = (replace(one, ended_at=now, ended_by=author) for one in file.pauses if one.in_force(now))
    return (*ended, made)


def _until(fields: Fields, file: AccountFile) -> datetime | None:
    """Read when a pause ends; a bare date stands for its first moment where the account is."""
    value = fields.raw("until", None)
    if value is None:
        return None
    if type(value) is date or (isinstance(value, str) and "T" not in value):
        first = datetime.combine(fields.day("until"), datetime.min.time(), file.profile.zone)
        return first.astimezone(UTC)
    return cast("datetime", fields.moment("until").astimezone(UTC))


def unpause(file: AccountFile, *, now: datetime, author: str) -> tuple[Pause, ...]:
    """End the pause that is in force; nothing where there is none."""
    return tuple(replace(one, ended_at=now, ended_by=author) for one in file.pauses if one.in_force(now))


def hold(file: AccountFile, request: object, *, now: datetime, author: str) -> Hold:
    """Withhold all access `{reason: administrative | fraud, note?}`; the hold in force for it where there is one."""
    fields = Fields(request)
    reason = cast("HoldReason", fields.choice("reason", HOLD_REASONS))
    note = fields.text("note", "", most=_MOST_REASON)
    fields.done()
    known = next((one for one in file.holds if one.reason == reason and one.in_force), None)
    return known or Hold(id=f"{reason}.{_stamp(now)}", reason=reason, author=author, since=now, note=note)


def release(file: AccountFile, reason: str, *, now: datetime, author: str) -> Hold:
    """Release the hold for a reason, and only that; NotFound where the account is not held for it."""
    held = next((one for one in file.holds if one.reason == reason and one.in_force), None)
    if held is None:
        raise NotFound(f"account {file.profile.id!r} is not held for {reason!r}", field="reason")
    return replace(held, released_at=now, released_by=author)


def dispute(
    file: AccountFile, invoice: str, request: object, lines: Sequence[InvoiceLine], *, now: datetime, author: str
) -> Dispute:
    """Take an invoice, or `{lines: [numbers from 1], reason?}` of it, out of collecting until the dispute is closed.

    Rejected when nothing is owed on it (any more) or a line is not there; Conflict while it is disputed otherwise.
    """
    fields = Fields(request)
    chosen = _lines(fields, len(lines))
    reason = fields.text("reason", "", most=_MOST_REASON)
    fields.done()
    known = next((one for one in file.disputes if one.invoice == invoice and _stands(file, one)), None)
    if known:
        if known.lines != chosen:
            raise Conflict(f"invoice {invoice!r} is disputed already ({known.state}); close that dispute first")
        return known
    owed = file.open.get(checked(invoice, "invoice"))
    if owed is None or owed.remaining.minor <= 0:
        raise Rejected(f"invoice: nothing is owed on {invoice!r}, so there is nothing to hold back", field="invoice")
    return Dispute(
        id=f"{invoice}.{_stamp(now)}",
        invoice=invoice,
        amount=disputed_amount(lines, chosen, owed.gross),
        author=author,
        since=now,
        lines=chosen,
        reason=reason,
    )


def _stands(file: AccountFile, dispute: Dispute) -> bool:
    """Tell whether a dispute is open, or upheld and not credited yet."""
    owed = file.open.get(dispute.invoice)
    waits = owed is not None and owed.disputed is not None
    return dispute.state == "open" or (dispute.state == "upheld" and waits)


def _lines(fields: Fields, count: int) -> tuple[int, ...] | None:
    chosen = fields.items("lines", None, most=1_000)
    if chosen is None:
        return None
    if not chosen or len(set(map(str, chosen))) != len(chosen):
        raise fields.refuse("lines", "name each disputed line once, or leave lines out for the whole invoice")
    for i, line in enumerate(chosen):
        if isinstance(line, bool) or not isinstance(line, int) or not 1 <= line <= count:
            raise fields.refuse(f"lines[{i}]", f"{line!r} is not a line; they are counted from 1 to {count}")
    return None if len(chosen) == count else tuple(sorted(chosen))


def disputed_amount(lines: Sequence[InvoiceLine], chosen: Iterable[int] | None, gross: Money) -> Money:
    """Return what disputed lines come to with VAT: the gross less what the rest would be as an invoice of its own.

    Rejected when they lower the invoice rather than raise it.
    """
    if chosen is None:
        return gross
    disputed = set(chosen)
    rest = [line for number, line in enumerate(lines, start=1) if number not in disputed]
    rows = vat_table(((line.vat, line.net) for line in rest), gross.currency)
    kept = total((line.net for line in rest), gross.currency) + total((row.vat for row in rows), gross.currency)
    if (amount := gross - kept).minor <= 0:
        raise Rejected(f"lines: they come to {amount}, which nobody owes; dispute what is charged", field="lines")
    return amount


def close_dispute(file: AccountFile, invoice: str, request: object, *, now: datetime, author: str) -> Dispute:
    """Close the dispute of an invoice with `{outcome: upheld | rejected}`; NotFound where none was opened.

    Closing it again the same way gives what was closed; Conflict when it was closed the other way.
    """
    fields = Fields(request)
    outcome = cast("DisputeState", fields.choice("outcome", ("upheld", "rejected")))
    fields.done()
    found = sorted((one for one in file.disputes if one.invoice == invoice), key=lambda one: one.since)
    if not found:
        raise NotFound(f"invoice {invoice!r} is not disputed")
    latest = found[-1]
    if latest.state == "open":
        return replace(latest, state=outcome, closed_at=now, closed_by=author)
    if latest.state != outcome:
        raise Conflict(f"the dispute of invoice {invoice!r} was closed as {latest.state} already")
    return latest


def standing(file: AccountFile) -> dict[str, list[dict[str, Any]]]:
    """Return all promises, pauses, holds and disputes of an account, each kind in the order of its ids."""
    kinds: dict[str, tuple[Measure, ...]] = {
        "promises": file.promises,
        "pauses": file.pauses,
        "holds": file.holds,
        "disputes": file.disputes,
    }
    return {kind: [one.to_mapping() for one in sorted(them, key=lambda one: one.id)] for kind, them in kinds.items()}


def _stamp(now: datetime) -> str:
    """Name what nobody named, by its second: a repeated call a second later is another one."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
