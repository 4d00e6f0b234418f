"""Documents on their way to customers: sent once, given again to the sweep while mail is down."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from quittance.domain.account import Profile
from quittance.domain.errors import NotFound, Transient
from quittance.domain.money import Money
from quittance.runtime.clock import iso
from quittance.store import keys, parking, receipts
from quittance.store.accounts import profile_of
from quittance.store.documents import find
from quittance.store.models import AccountItem, DocumentItem, InvoiceItem, Item, ReceiptItem
from quittance.store.transact import unavailable_is_transient
from quittance.usecases.deliver_invoice import Parcel

if TYPE_CHECKING:  # whoever prints has it loaded, others need not
    from quittance.usecases.render_document import DocumentFacts


class DocumentPost:
    """Keeps which documents were sent."""

    _model: type[DocumentItem | ReceiptItem] = DocumentItem

    def unsent(self, partner: str, account: str, name: str) -> Parcel | None:
        """Return a stored document that was not sent yet; None when it was, or is not stored."""
        return self._parcel(partner, account, name, find(partner, account, name))

    def _parcel(self, partner: str, account: str, invoice: str, record: Any, **more: Any) -> Parcel | None:
        if record is None or record.sent_at or record.refused:
            return None
        issued, profile = _read(partner, account, invoice)
        return Parcel(
            partner=partner,
            profile=profile,
            invoice=invoice,
            number=issued.number,
            issued=date.fromisoformat(issued.issued),
            due=date.fromisoformat(issued.due),
            gross=Money(int(issued.gross), issued.currency),
            policy=issued.policy,
            location=record.location,
            attempt=int(record.attempts or 0) + 1,
            **more,
        )

    def sent(self, parcel: Parcel, at: datetime) -> None:
        """Record that it was sent."""
        self._update(parcel, DocumentItem.sent_at.set(iso(at)), *_WAITS_NO_MORE)

    def postpone(self, parcel: Parcel, until: datetime) -> None:
        """Let the sweep bring it again."""
        lane = keys.due_lane("account", self._key(parcel))
        self._update(
            parcel,
            DocumentItem.attempts.set(parcel.attempt),
            DocumentItem.due_lane.set(lane),
            DocumentItem.due_at.set(iso(until)),
        )

    def give_up(self, parcel: Parcel, reason: str, at: datetime) -> None:
        """Leave it to a person, who finds it under PARKED with the reason."""
        _leave_to_person(parcel, reason, at)
        self._update(parcel, DocumentItem.refused.set(reason), *_WAITS_NO_MORE)

    def _update(self, parcel: Parcel, *actions: Any) -> None:
        key = self._key(parcel)
        with unavailable_is_transient():
            self._model(key.pk, key.sk).update(actions=list(actions), condition=Item.pk.exists())

    def _key(self, parcel: Parcel) -> keys.Key:
        return keys.document(parcel.partner, parcel.profile.id, parcel.invoice)


class ReceiptPost(DocumentPost):
    """Keeps which receipts were sent; their attributes are called as those of documents."""

    _model = ReceiptItem

    def unsent(self, partner: str, account: str, name: str) -> Parcel | None:
        """Return a stored receipt that was not sent yet; None when it was, or is not stored."""
        record = receipts.find(partner, account, name)
        return self._parcel(partner, account, record.invoice, record, receipt=name) if record else None

    def _key(self, parcel: Parcel) -> keys.Key:
        return keys.receipt_named(parcel.partner, parcel.profile.id, str(parcel.receipt))


class FirstTry:
    """Keeps what became of a mail that goes out before there is a record, for the record to tell."""

    def __init__(self, key: keys.Key) -> None:
        self._key = key
        self.fate: dict[str, Any] = {}

    def sent(self, _parcel: Parcel, at: datetime) -> None:
        """Keep that it was sent."""
        self.fate = {"sent_at": iso(at)}

    def postpone(self, parcel: Parcel, until: datetime) -> None:
        """Keep that the sweep brings it again."""
        lane = keys.due_lane("account", self._key)
        self.fate = {"attempts": parcel.attempt, "due_lane": lane, "due_at": iso(until)}

    def give_up(self, parcel: Parcel, reason: str, at: datetime) -> None:
        """Leave it to a person."""
        _leave_to_person(parcel, reason, at)
        self.fate = {"refused": reason}


def first_parcel(facts: DocumentFacts, location: str, receipt: str | None = None) -> Parcel:
    """Return what was just printed as a parcel; `receipt` is the name of the receipt where it is one."""
    issued = facts.invoice
    return Parcel(
        partner=issued.partner,
        profile=profile_of(issued.account, facts.account),
        invoice=issued.invoice,
        number=issued.number,
        issued=date.fromisoformat(issued.issued),
        due=date.fromisoformat(issued.due),
        gross=Money(issued.gross, issued.currency),
        policy=issued.policy,
        location=location,
        attempt=1,
        receipt=receipt,
    )


def _leave_to_person(parcel: Parcel, reason: str, at: datetime) -> None:
    key = keys.parked(parcel.partner, "mail", f"{parcel.profile.id}#{parcel.name}")
    body = {"account": parcel.profile.id, "invoice": parcel.invoice}
    with unavailable_is_transient():
        parking.park(key, reason=reason, body=body, at=at)


_WAITS_NO_MORE = (DocumentItem.due_lane.remove(), DocumentItem.due_at.remove())


def _read(partner: str, account: str, invoice: str) -> tuple[Any, Profile]:
    """Read what the mail says, in one request; an issued invoice never changes, so any reading of it will do.

    Its figures are all that is needed, not what `store.invoices` makes of them.
    """
    wanted = (keys.invoice(partner, account, invoice), keys.account(partner, account))
    with unavailable_is_transient():
        found: dict[type[Item], Any] = {type(one): one for one in Item.batch_get([(k.pk, k.sk) for k in wanted])}
    if AccountItem not in found:
        raise NotFound(f"there is no account {account!r}", field="account")
    if InvoiceItem not in found:
        raise NotFound(f"there is no invoice {invoice!r}", field="invoice")
    issued = found[InvoiceItem]
    if issued.number is None:
        raise Transient(f"invoice {invoice!r} is not seen as issued yet; try again", retry_after=1)
    return issued, profile_of(account, found[AccountItem].body)
