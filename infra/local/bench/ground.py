"""A partner's book on the bed's table, made and changed through the use cases, and metered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from infra.local.bench.bed import Bed
from infra.local.meter import Meter
from quittance.domain.arrears import Assessment
from quittance.store import invoices, keys, partners, registrations
from quittance.store.accounts import AccountStore
from quittance.store.models import Item
from quittance.store.policies import PolicyStore
from quittance.usecases import billing, issue_invoice, register
from quittance.usecases.assess import assess_account
from quittance.usecases.messages import Assess, IssueInvoice

NOW = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
POLICY = {
    "clock": "due_date",
    "payment_days": 30,
    "allocation": "oldest_due",
    "stages": [
        {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
        {"name": "final", "when": {"days": 14, "amount": "25.00"}, "do": [{"notice": "final"}]},
        {
            "name": "suspended",
            "when": {"days": 30, "amount": "25.00"},
            "do": [{"suspend": "all"}],
            "after_notice": {"notice": "final", "days": 7},
            "business_hours": True,
        },
    ],
    "restore_below": "0.01",
}
AT_ONCE = {
    "clock": "due_date",
    "payment_days": 30,
    "allocation": "oldest_due",
    "stages": [{"name": "suspended", "when": {"days": 1}, "do": [{"suspend": "all"}]}],
    "restore_below": "0.01",
}
"""Suspends without a notice: for benches of what comes after."""
SUBSCRIPTION = {"id": "sub-1", "product": "CFQ7TTC0LH18", "name": "Microsoft 365 E3", "kind": "nce_license"}


class Ground:
    """One partner; every bench takes its own, so that none finds what another left."""

    def __init__(self, bed: Bed, partner: str, *, now: datetime = NOW, policy: Mapping[str, Any] = POLICY) -> None:
        self.partner = partner
        self.now = now
        self._table = bed.table
        register.put_partner(partner, partner_body(partner), now=now, book=partners)
        register.publish_policy(partner, "standard", policy, now=now, book=partners)

    @property
    def client(self) -> Any:
        """The botocore client that the models use."""
        return Item._get_connection().connection.client  # noqa: SLF001  # the one that serves them all

    def meter(self) -> Meter:
        """Return a meter of what the use cases ask of the table."""
        return Meter(self.client)

    def account(self, name: str, *, subscriptions: int = 1) -> None:
        """Register an account."""
        book: Any = registrations
        body = account_body(self.partner, name, subscriptions)
        register.put_account(self.partner, name, body, book=partners, accounts=book)

    def assess(self, account: str, now: datetime | None = None) -> Assessment | None:
        """Assess an account."""
        message = Assess(partner=self.partner, account=account, cause="bench")
        accounts = AccountStore(PolicyStore())
        return assess_account(message, accounts=accounts, now=now or self.now, pause=lambda _: None)

    def ask(self, account: str, invoice: str, *, lines: int = 1, issued: date | None = None) -> IssueInvoice:
        """Store a manual invoice that waits for its number; return the message that issues it."""
        day = issued or self.now.date()
        body = {"issued": day.isoformat(), "lines": [_line(number) for number in range(lines)]}
        books: Any = invoices
        billing.request_manual_invoice(self.partner, account, invoice, body, now=self.now, books=books)
        return IssueInvoice(partner=self.partner, account=account, invoice=invoice)

    def issue(self, message: IssueInvoice, pause: Callable[[float], None] = lambda _: None) -> None:
        """Issue an invoice that was asked for."""
        books: Any = invoices
        issue_invoice.issue_invoice(message, books=books, now=self.now, pause=pause)

    def items(self, account: str) -> list[dict[str, Any]]:
        """Return everything in an account's partition as it is stored."""
        values = {":pk": {"S": keys.account_pk(self.partner, account)}}
        found = self.client.query(
            TableName=self._table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values
        )
        listed: list[dict[str, Any]] = found["Items"]
        return listed

    def item(self, key: keys.Key) -> dict[str, Any]:
        """Return one item as it is stored."""
        stored = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        found: dict[str, Any] = self.client.get_item(TableName=self._table, Key=stored, ConsistentRead=True)["Item"]
        return found


def partner_body(name: str) -> dict[str, Any]:
    """Return a partner as the API takes it."""
    return {
        "id": name,
        "name": "ACME Cloud GmbH",
        "country": "DE",
        "vat_id": "DE123456788",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "locale": "de-DE",
        "cloud": "global",
    }


def account_body(partner: str, name: str, subscriptions: int = 1) -> dict[str, Any]:
    """Return an account as the API takes it."""
    listed = [{**SUBSCRIPTION, "id": f"{name}-{number + 1}", "quantity": 25} for number in range(subscriptions)]
    return {
        "id": name,
        "name": f"{name} AG",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "email": f"billing@{name}.example",
        "policy": "standard",
        "vendor_customer": f"customer-{partner}-{name}",
        "subscriptions": listed,
    }


def _line(number: int) -> dict[str, str]:
    return {"text": f"Microsoft 365 E3, seat group {number + 1}", "net": f"{100 + number}.95", "vat_percent": "19"}
