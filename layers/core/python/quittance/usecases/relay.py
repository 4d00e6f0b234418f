"""From a change of the table to the messages it causes: the transactional outbox, read from the stream.

Nothing is stored to be sent: the change itself is the event, and which messages follow from it is this table. A record
may come twice; every consumer of the messages must bear that, so relaying again is always safe.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quittance.domain.claim import Claim
from quittance.domain.errors import Poison
from quittance.domain.money import Money
from quittance.store import keys
from quittance.usecases.messages import (
    AdoptCharges,
    AlertPayable,
    ApplyPayment,
    Assess,
    DeliverNotice,
    FollowPayment,
    IssueInvoice,
    LookAtSubscription,
    Message,
    PlanRun,
    RenderDocument,
    RenderReceipt,
    ToggleAccess,
    WorkTicket,
)

Image = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One item before and after, as the stream tells it; `old` is empty for a new item, `new` for a deleted one."""

    old: Image
    new: Image

    @property
    def kind(self) -> str:
        """The kind of the item as it is now."""
        return self.text("kind") or ""

    @property
    def partner(self) -> str:
        """Whose item it is."""
        return keys.owner(self._key())[0]

    @property
    def account(self) -> str:
        """Whose account's item it is; Poison where the item is in no account's partition."""
        account = keys.owner(self._key())[1]
        if account is None:
            raise Poison(f"kind {self.kind!r} is not in an account's partition")
        return account

    def text(self, name: str) -> str | None:
        """Return an attribute of the new image, text or number, as text."""
        return _text(self.new, name)

    def changed(self, name: str) -> bool:
        """Tell whether an attribute is other than before."""
        return _text(self.old, name) != _text(self.new, name)

    def required(self, name: str) -> str:
        """Return an attribute that this kind must have; Poison where it is missing."""
        value = self.text(name)
        if value is None:
            raise Poison(f"{name}: missing in an item of kind {self.kind!r}")
        return value

    def named(self, prefix: str) -> str:
        """Return the name in the sort key behind its prefix."""
        return self.required("sk").removeprefix(prefix)

    def _key(self) -> str:
        return self.required("pk")


def _text(image: Image, name: str) -> str | None:
    value = image.get(name, {})
    found = value.get("S", value.get("N"))
    return None if found is None else str(found)


def messages_for(change: Change) -> list[Message]:
    """Return the messages a change causes; none for a deletion or for kinds that cause nothing."""
    rule = RULES.get(change.kind) if change.new else None
    return rule(change) if rule else []


def _run(change: Change) -> list[Message]:
    if change.text("state") != "planned" or not change.changed("state"):
        return []
    request = int(change.text("request") or 1)
    return [PlanRun(partner=change.partner, run=change.named("RUN#"), request=request)]


def _invoice(change: Change) -> list[Message]:
    if not change.changed("state"):
        return []
    partner, account, invoice = change.partner, change.account, change.named("INV#")
    match change.text("state"):
        case "ready":
            return [IssueInvoice(partner=partner, account=account, invoice=invoice)]
        case "issued":
            render = RenderDocument(partner=partner, account=account, invoice=invoice)
            assess = Assess(partner=partner, account=account, cause=f"invoice {invoice} issued")
            return [render, assess] if change.text("assess") else [render]
        case _:
            return []


def _payment(change: Change) -> list[Message]:
    if change.old or change.text("blind") == "1":  # what follows from one that was booked blindly, the head tells
        return []
    return [Assess(partner=change.partner, account=change.account, cause=f"payment {change.named('PAY#')}")]


def _movement(change: Change) -> list[Message]:
    if change.old:
        return []
    cause = f"{change.required('movement')} {change.required('sk').partition('#')[2]}"
    return [Assess(partner=change.partner, account=change.account, cause=cause)]


def _measure(change: Change) -> list[Message]:
    """A promise made, a pause ended, a hold released: all are weighed at once; what an assessment found needs none."""
    if not change.changed("state") or change.text("state") in _FOUND:
        return []
    if not change.required("sk").startswith(keys.COLLECTIONS_PREFIX):  # moved away long after it was over
        return []
    kind, name = change.kind, change.named("C#").partition("#")[2]
    cause = f"{kind} {name} {change.text('state')}"
    return [Assess(partner=change.partner, account=change.account, cause=cause)]


def _account(change: Change) -> list[Message]:
    if not change.old or not change.changed("body"):
        return []
    return [Assess(partner=change.partner, account=change.account, cause="the account was changed")]


def _head(change: Change) -> list[Message]:
    """Ask for the receipts of invoices on which, with this change, nothing is owed any more.

    That the remainder came to zero is the event; whether it was paid or given up, the journal tells. A payment that was
    booked without reading is weighed unless it settled its invoice and the head says that this changes nothing else.
    """
    before, now = _remainders(change.old), _remainders(change.new)
    less = [name for name, remaining in now.items() if remaining != before.get(name, "0")]
    settled = [name for name in less if now[name] == "0"]
    told: list[Message] = [
        RenderReceipt(partner=change.partner, account=change.account, invoice=name) for name in settled
    ]
    if change.changed("paid") and not (change.text("due_if_paid") and less == settled):
        told.append(Assess(partner=change.partner, account=change.account, cause=f"payment {change.required('paid')}"))
    return told


def _remainders(image: Image) -> dict[str, str]:
    listed = image.get("open", {}).get("M", {})
    return {name: str(entry.get("M", {}).get("remaining", {}).get("N", "0")) for name, entry in listed.items()}


def _notice(change: Change) -> list[Message]:
    if not change.changed("state"):
        return []
    notice = change.named("C#NOT#")
    if change.text("state") == "queued":
        return [DeliverNotice(partner=change.partner, account=change.account, notice=notice)]
    return [Assess(partner=change.partner, account=change.account, cause=f"notice {notice} {change.text('state')}")]


def _subscription(change: Change) -> list[Message]:
    named: dict[str, Any] = {"partner": change.partner, "account": change.account}
    named["subscription"] = change.named("C#SUB#")
    told: list[Message] = []
    if change.changed("generation") and change.text("generation") != "0":
        told.append(ToggleAccess(**named, generation=int(change.required("generation"))))
    if change.text("look_asked") and change.changed("look_asked"):
        told.append(LookAtSubscription(**named, asked_at=change.required("look_asked")))
    return told


def _payable(change: Change) -> list[Message]:
    if not change.text("alerts") or not change.changed("alerts"):
        return []
    number = int(change.required("alerts"))
    return [AlertPayable(partner=change.partner, vendor_invoice=change.named("PAYABLE#"), number=number)]


def _ticket(change: Change) -> list[Message]:
    if not change.changed("version"):
        return []
    return [WorkTicket(partner=change.partner, account=change.account, ticket=change.named("TKT#"))]


def _customer(change: Change) -> list[Message]:
    if not change.changed("account"):
        return []
    customer = change.required("pk").rpartition("#")[2]
    return [
        AdoptCharges(partner=change.partner, account=change.required("account"), vendor_customer=customer),
    ]


def _bank_line(change: Change) -> list[Message]:
    if change.text("state") != "placed" or not change.changed("state"):
        return []
    bank, line = change.required("pk").rpartition("#")[2], change.named("LINE#")
    parts = change.text("parts")
    whole: dict[str, Any] = {"invoice": change.text("invoice")}
    if not parts:
        whole |= {name: change.required(name) for name in ("account", "amount", "payment_id")}
    return [
        ApplyPayment(
            partner=change.partner,
            provider=f"{keys.BANK_PREFIX}{bank}",
            event_id=f"{bank}.{line}",
            payment_id=part["payment_id"],
            kind=change.required("payment_kind"),
            amount=int(part["amount"]),
            currency=change.required("currency"),
            received_at=change.required("received_at"),
            account=part["account"],
            invoice=part["invoice"],
            movement_id=change.text("movement_id"),
            reference=change.text("reference"),
        )
        for part in (json.loads(parts) if parts else [whole])
    ]


def payment_for(change: Change) -> FollowPayment | None:
    """Return whose payment it is from now on, where the change is a new one; what waits for it can be booked then."""
    if change.kind != "payment" or change.old or not change.new:
        return None
    paid = {name: change.required(name) for name in ("provider", "payment_id")}
    return FollowPayment(partner=change.partner, account=change.account, **paid)


def claim_for(change: Change) -> Claim | None:
    """Return which invoice a number is from now on, where the change is an invoice (no credit note) being issued."""
    if change.kind != "invoice" or change.text("state") != "issued" or not change.changed("state"):
        return None
    gross = Money(int(change.required("gross")), change.required("currency"))
    if gross.minor <= 0:
        return None
    return Claim(account=change.account, invoice=change.named("INV#"), number=change.required("number"), gross=gross)


_FOUND = ("kept", "broken")
RULES: Mapping[str, Callable[[Change], list[Message]]] = {
    "bank_line": _bank_line,
    "billing_run": _run,
    "invoice": _invoice,
    "payment": _payment,
    "movement": _movement,
    "account": _account,
    "promise": _measure,
    "pause": _measure,
    "hold": _measure,
    "dispute": _measure,
    "head": _head,
    "notice": _notice,
    "subscription": _subscription,
    "ticket": _ticket,
    "customer": _customer,
    "payable": _payable,
}
"""By kind of item. The template's event filter names the same kinds."""
