"""An account's story: what is kept of it, each fact told in a plain sentence with its moment and amounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from quittance.domain.forbearance import Dispute, Hold, Pause, Promise
from quittance.domain.money import Money
from quittance.domain.transfers import owner_of

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One item of the account: its kind, its name in the key, its attributes (amounts in minor units)."""

    kind: str
    name: str
    values: Mapping[str, Any]

    def amount(self, name: str) -> Money:
        """Return an amount in the item's currency."""
        return Money(int(self.values[name]), self.values["currency"])


def told(fact: Fact) -> Iterator[Entry]:
    """Yield the entries that a fact gives, none for what is only bookkeeping."""
    teller = _TELLERS.get(fact.kind)
    if teller:
        yield from teller(fact)


# Of one moment: what causes comes before what follows from it.
_ORDER = ("invoice", "document", "payment", "receipt", "decision", "notice", "access", "ticket", "task")


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries as they happened; of one moment, causes before what follows."""
    ranks = {kind: rank for rank, kind in enumerate(_ORDER)}
    return sorted(entries, key=lambda entry: (entry["at"], ranks.get(entry["kind"], len(ranks))))


def _entry(at: str, kind: str, text: str, **amounts: Money) -> Entry:
    moment = datetime.fromisoformat(at).astimezone(UTC)
    entry: Entry = {"at": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "kind": kind, "text": text}
    if amounts:
        entry["amounts"] = {name: str(amount) for name, amount in amounts.items()}
        entry["currency"] = next(iter(amounts.values())).currency
    return entry


def _invoice(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    if values.get("number") is None or not values.get("issued_at"):
        return
    gross = fact.amount("gross")
    late = sum(int(line["net"]) for line in (values.get("body") or {}).get("lines", ()) if line.get("late"))
    part = f", {Money(late, gross.currency)} of it fees and interest for paying late" if late else ""
    text = f"Invoice {values['number']} over {gross} {gross.currency}{part} issued, due on {values['due']}."
    yield _entry(values["issued_at"], "invoice", text, net=fact.amount("net"), vat=fact.amount("vat"), gross=gross)


def _payment(fact: Fact) -> Iterator[Entry]:
    amount, values = fact.amount("amount"), fact.values
    on = values.get("lines") or {}
    shares = [
        f"{Money(int(m), amount.currency)} on {_named(invoice)}{_lines(on.get(invoice))}"
        for invoice, m in values["allocations"].items()
    ]
    credit = Money(int(values.get("to_credit") or 0), amount.currency)
    back = (values.get("recovered") or {}).items()
    shares += [f"{Money(int(m), amount.currency)} on {invoice}, written off before" for invoice, m in back]
    shares += [f"{credit} kept as credit"] if credit else []
    text = f"Payment {values['payment_id']} of {amount} {amount.currency} by {values['provider']}: {', '.join(shares)}."
    yield _entry(values["received_at"], "payment", text, amount=amount)


def _movement(fact: Fact) -> Iterator[Entry]:
    values, amount = fact.values, fact.amount("amount")
    what = _MOVED[values["movement"]]
    whose = f" by account {values['payer']}" if values.get("payer") else ""
    whose += f" of payment {values['payment_id']}" if values.get("payment_id") else ""
    shares = [_share(name, int(minor), amount.currency) for name, minor in values["allocations"].items() if minor]
    shares += [
        f"{Money(abs(int(minor)), amount.currency)} of {name}, written off before, {'paid' if minor > 0 else 'open'}"
        for name, minor in (values.get("recovered") or {}).items()
        if values["movement"] not in ("written_off", "reinstated")
    ]
    credit = Money(int(values.get("to_credit") or 0), amount.currency)
    if credit:
        shares.append(f"credit {'+' if credit.minor > 0 else ''}{credit}")
    text = f"{what}{whose}: {amount} {amount.currency}"
    told = f"{text}; {', '.join(shares)}" if shares else text
    because = f" ({values['reason']})" if values.get("reason") else ""
    yield _entry(values["booked_at"], "movement", f"{told}{because}.", amount=amount)


def _share(invoice: str, minor: int, currency: str) -> str:
    amount, named = Money(abs(minor), currency), _named(invoice)
    return f"{amount} settled on {named}" if minor > 0 else f"{amount} owed again on {named}"


def _lines(on: Mapping[str, int] | None) -> str:
    return f" (line{'s' * (len(on) > 1)} {', '.join(on)})" if on else ""


def _named(name: str) -> str:
    account, invoice = owner_of(name)
    return f"{invoice} of account {account}" if account else invoice


_MOVED: Mapping[str, str] = {
    "refunded": "Refund",
    "refund_failed": "Failed refund",
    "chargeback": "Chargeback",
    "chargeback_reversed": "Reversed chargeback",
    "failed": "Late failure",
    "fee": "Fee",
    "fee_returned": "Fee given back",
    "received": "Further part",
    "reallocated": "Reallocation",
    "credit_used": "Credit used",
    "tolerated": "Small remainder let go",
    "written_off": "Written off",
    "reinstated": "Taken up again",
    "transfer": "Transfer",
}
_ATTEMPTS = {"failed": "failed", "cancelled": "was cancelled", "pending": "is on its way"}


def _attempt(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    over = f" of {fact.amount('amount')} {values['currency']}" if values.get("currency") and values["amount"] else ""
    because = f" ({values['reason']})" if values.get("reason") else ""
    text = f"Payment {values['payment_id']}{over} by {values['provider']} {_ATTEMPTS[values['status']]}{because}."
    yield _entry(values["received_at"], "payment", text)


_SENT = {"sent": "sent by mail", "delivered": "sent by mail and delivered", "bounced": "sent by mail, but it bounced"}


def _notice(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    about = ", ".join(values["body"].get("invoices", ())) or "the account"
    yield _entry(values["decided_at"], "notice", f"Notice {values['notice_kind']} decided, about {about}.")
    if values.get("sent_at"):
        ended = _SENT.get(values["state"], values["state"])
        cost = (
            f" Its fee of {_cost(values['body'])} is charged on invoice {values['charged']}."
            if values.get("charged")
            else ""
        )
        yield _entry(values["sent_at"], "notice", f"Notice {values['notice_kind']} {ended}.{cost}")


def _cost(body: Mapping[str, Any]) -> str:
    return f"{Money(int(body['fee']), body['currency'])} {body['currency']}"


def _decision(fact: Fact) -> Iterator[Entry]:
    values, body = fact.values, fact.values["body"]
    before, after = body["stage"]["from"], body["stage"]["to"]
    moved = f"stage {before} to {after}" if before != after else f"stage stays {after}"
    steps = [f"notice {notice['kind']}" for notice in body.get("notices", ())]
    steps += [f"{access['subscription']} to be {access['wanted']}" for access in body.get("access", ())]
    steps += [f"promise {promise['state']}" for promise in body.get("promises", ())]
    policy = body.get("policy")
    by = f" by policy {policy['name']} version {policy['version']}" if policy else ""
    text = f"Collections decided{by}: {moved}, overdue {body['overdue']} {body['currency']}"
    yield _entry(values["decided_at"], "decision", f"{text}; {', '.join(steps)}." if steps else f"{text}.")


def _promise(fact: Fact) -> Iterator[Entry]:
    made = Promise.from_mapping(fact.values["body"])
    parts = f" in {len(made.instalments)} instalments" if len(made.instalments) > 1 else ""
    text = f"{made.amount} {made.amount.currency} promised by {made.until}{parts}, recorded by {made.author}."
    yield _entry(made.made_at.isoformat(), "promise", text, amount=made.amount)
    if made.ended_at:
        text = f"Promise of {made.amount} {made.amount.currency} by {made.until} {made.state}."
        yield _entry(made.ended_at.isoformat(), "promise", text, amount=made.amount)


def _pause(fact: Fact) -> Iterator[Entry]:
    pause = Pause.from_mapping(fact.values["body"])
    until = f"until {pause.until:%Y-%m-%dT%H:%M:%SZ}" if pause.until else "until it is ended"
    yield _entry(pause.since.isoformat(), "pause", f"Collecting paused by {pause.author} {until}: {pause.reason}.")
    if pause.ended_at:
        yield _entry(pause.ended_at.isoformat(), "pause", f"Pause of collecting ended by {pause.ended_by}.")


def _hold(fact: Fact) -> Iterator[Entry]:
    hold = Hold.from_mapping(fact.values["body"])
    note = f": {hold.note}" if hold.note else ""
    yield _entry(hold.since.isoformat(), "hold", f"All access withheld ({hold.reason}) by {hold.author}{note}.")
    if hold.released_at:
        yield _entry(hold.released_at.isoformat(), "hold", f"Hold ({hold.reason}) released by {hold.released_by}.")


def _dispute(fact: Fact) -> Iterator[Entry]:
    one = Dispute.from_mapping(fact.values["body"])
    what = "" if one.lines is None else f", line{'s' * (len(one.lines) > 1)} {', '.join(map(str, one.lines))}"
    amount = f"{one.amount} {one.amount.currency}"
    text = f"Invoice {one.invoice}{what} disputed: {amount} does not age{': ' + one.reason if one.reason else ''}."
    yield _entry(one.since.isoformat(), "dispute", text, amount=one.amount)
    if one.closed_at:
        then = "is to be credited" if one.state == "upheld" else "ages again from its due date"
        text = f"Dispute of invoice {one.invoice} {one.state}: {amount} {then}."
        yield _entry(one.closed_at.isoformat(), "dispute", text, amount=one.amount)


def _subscription(fact: Fact) -> Iterator[Entry]:
    for line in fact.values.get("history") or ():
        at, state = line.split(" ", 1)
        what = f"{fact.values['body']['name']} ({fact.name})"
        drift = state.removeprefix("drift: ") if state.startswith("drift: ") else ""
        found = f"Looked at {what} at the vendor; what differs: {drift}."
        yield _entry(at, "access", found if drift else f"Access to {what} is {state} at the vendor.")


def _document(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    text = f"Document of invoice {values['invoice']} stored, SHA-256 {values['sha256'][:12]}."
    yield _entry(values["rendered_at"], "document", text)
    if values.get("sent_at"):
        yield _entry(values["sent_at"], "document", f"Document of invoice {values['invoice']} sent by mail.")


def _receipt(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    yield _entry(values["settled_at"], "receipt", f"Invoice {values['number']} is settled.")
    text = f"Receipt of invoice {values['number']}"
    yield _entry(values["rendered_at"], "receipt", f"{text} made, SHA-256 {values['sha256'][:12]}.")
    if values.get("sent_at"):
        yield _entry(values["sent_at"], "receipt", f"{text} sent by mail.")


_TICKET_TEXT: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "opened": lambda data: (
        f"opened: {data['subject']} ({data['service']}, {data['kind']}, severity {data['severity']})"
    ),
    "triaged": lambda data: f"triaged: {data['where']}",
    "replied": lambda data: f"{'word' if data['public'] else 'internal note'} of the {data['by']}",
    "pending": lambda data: f"waits for the customer{' until ' + data['until'] if data.get('until') else ''}",
    "resumed": lambda _: "goes on",
    "diagnosed": lambda data: f"diagnosis: {data['finding']}",
    "escalation_requested": lambda _: "escalation asked for",
    "escalated": lambda data: f"handed over with {data['vehicle']}",
    "escalation_blocked": lambda data: f"cannot be handed over: {data['reason']}",
    "vendor_case": lambda data: f"the vendor's case is {data['number']}",
    "breached": lambda data: f"missed: {', '.join(data['targets'])}",
    "closed": lambda _: "closed",
    "reopened": lambda _: "reopened",
}


def _ticket(fact: Fact) -> Iterator[Entry]:
    for event in fact.values["body"]:
        text = _TICKET_TEXT[event["kind"]](event.get("data", {}))
        yield _entry(event["at"], "ticket", f"Ticket {fact.name}: {text}.")


def _methods(fact: Fact) -> Iterator[Entry]:
    for line in fact.values["body"]["history"]:
        yield _entry(line["at"], "payment_method", line["text"])


def _task(fact: Fact) -> Iterator[Entry]:
    values = fact.values
    text = f"Task for a person ({values['task'].replace('_', ' ')}: {values['reason'].rstrip('.')})"
    yield _entry(values["done_at"], "task", f"{text} closed by {values['done_by']}: {values['note']}.")


_TELLERS: Mapping[str, Callable[[Fact], Iterator[Entry]]] = {
    "invoice": _invoice,
    "payment": _payment,
    "movement": _movement,
    "attempt": _attempt,
    "notice": _notice,
    "promise": _promise,
    "pause": _pause,
    "hold": _hold,
    "dispute": _dispute,
    "decision": _decision,
    "subscription": _subscription,
    "document": _document,
    "receipt": _receipt,
    "ticket": _ticket,
    "payment_methods": _methods,
    "task": _task,
}
