"""Entries as accounts have them, short to write."""

from datetime import UTC, date, datetime

from quittance.domain.journal import JournalEntry
from quittance.domain.ledger import BAD_DEBT, RECEIVABLE, cash, entry, invoice_issued, payment_received
from quittance.domain.money import Money


def eur(minor):
    return Money(minor, "EUR")


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def issued(name, day, gross, *, due, booked=None, account="contoso", vat=0):
    """An invoice, or with a negative gross a credit note."""
    return JournalEntry(
        account=account,
        kind="invoice" if gross > 0 else "credit_note",
        reference=f"N-{name}",
        day=date.fromisoformat(day),
        booked_at=moment(booked or f"{day}T10:00"),
        currency="EUR",
        postings=invoice_issued(eur(gross - vat), eur(vat)),
        invoice=name,
        gross=gross,
        due=date.fromisoformat(due),
    )


def paid(name, day, *, credit=0, booked=None, account="contoso", provider="stripe", recovered=None, **shares):
    """A payment that settles invoices by shares in minor units, the rest is credit."""
    return JournalEntry(
        account=account,
        kind="payment",
        reference=name,
        day=date.fromisoformat(day),
        booked_at=moment(booked or f"{day}T12:00"),
        currency="EUR",
        postings=payment_received(provider, eur(sum(shares.values())), eur(credit)),
        shares=shares,
        recovered=recovered or {},
        provider=provider,
    )


def charged_back(name, day, **shares):
    """Money that a provider takes back: the invoices are owed again."""
    amount = sum(shares.values())
    return JournalEntry(
        account="contoso",
        kind="chargeback",
        reference=name,
        day=date.fromisoformat(day),
        booked_at=moment(f"{day}T13:00"),
        currency="EUR",
        postings=entry((RECEIVABLE, eur(amount)), (cash("stripe"), eur(-amount))),
        shares={invoice: -minor for invoice, minor in shares.items()},
        provider="stripe",
    )


def written_off(invoice, day, amount):
    """A remainder that is given up."""
    return JournalEntry(
        account="contoso",
        kind="write_off",
        reference=invoice,
        day=date.fromisoformat(day),
        booked_at=moment(f"{day}T14:00"),
        currency="EUR",
        postings=entry((BAD_DEBT, eur(amount)), (RECEIVABLE, eur(-amount))),
        shares={invoice: amount},
        recovered={invoice: -amount},
    )
