"""The records of stored documents, and the facts a document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.domain.errors import Conflict, NotFound
from quittance.store import keys
from quittance.store.models import AccountItem, DocumentItem, InvoiceItem, Item, PartnerItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.messages import RenderDocument
from quittance.usecases.render_document import DocumentFacts, StoredInvoice


def recorded(partner: str, account: str, invoice: str) -> bool:
    """Tell whether the document of an invoice is stored."""
    return find(partner, account, invoice) is not None


def find(partner: str, account: str, invoice: str) -> DocumentItem | None:
    """Return the record of an invoice's document: where its bytes are and their SHA-256."""
    key = keys.document(partner, account, invoice)
    try:
        with unavailable_is_transient():
            return DocumentItem.get(key.pk, key.sk, consistent_read=True)
    except DocumentItem.DoesNotExist:
        return None


def facts(partner: str, account: str, invoice: str) -> DocumentFacts | None:
    """Return what the document is made of, None while the invoice is not issued; NotFound for an unknown one.

    One request, at the price of eventual consistency: an issued invoice never changes, and profiles are printed as they
    are at about this moment. An invoice that is not seen as issued yet is read again for certain.
    """
    from quittance.store.invoices import read_invoice  # noqa: PLC0415  # whoever only looks a document up needs no rules
    from quittance.usecases.issue_invoice import ISSUED  # noqa: PLC0415  # as above

    wanted = (keys.invoice(partner, account, invoice), keys.partner(partner), keys.account(partner, account))
    with unavailable_is_transient():
        found: dict[type[Item], Any] = {type(one): one for one in Item.batch_get([(k.pk, k.sk) for k in wanted])}
    item = found.get(InvoiceItem)
    if item is None or item.state != ISSUED:
        item = read_invoice(partner, account, invoice)
    if item.state != ISSUED:
        return None
    for kind in (PartnerItem, AccountItem):
        if kind not in found:
            raise NotFound(f"the {kind.__name__} of account {account!r} does not exist")
    stored = StoredInvoice(
        partner=partner,
        account=account,
        invoice=invoice,
        number=item.number,
        issued=item.issued,
        due=item.due,
        period=item.period,
        currency=item.currency,
        net=int(item.net),
        vat=int(item.vat),
        gross=int(item.gross),
        policy=item.policy,
        body=item.body,
    )
    return DocumentFacts(invoice=stored, partner=found[PartnerItem].body, account=found[AccountItem].body)


def record(command: RenderDocument, *, sha256: str, location: str, rendered_at: str, fate: Mapping[str, Any]) -> bool:
    """Store the record of a document, and what became of its mail, unless there is one; False then."""
    key = keys.document(command.partner, command.account, command.invoice)
    item = DocumentItem(
        key.pk, key.sk, invoice=command.invoice, sha256=sha256, location=location, rendered_at=rendered_at, **fate
    )
    transaction = Transaction()
    transaction.put(item, DocumentItem.pk.does_not_exist())
    try:
        transaction.commit()
    except Conflict:
        return False
    return True
