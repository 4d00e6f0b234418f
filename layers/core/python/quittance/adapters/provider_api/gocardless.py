"""GoCardless: the amount of a payment or refund, which its events do not carry (developer.gocardless.com)."""

from __future__ import annotations

from typing import Any

from quittance.adapters.provider_api import line
from quittance.adapters.providers import reading
from quittance.adapters.secrets import CachedSecrets
from quittance.domain.payment_event import Kind, ProviderEvent
from quittance.usecases.payment_message import ApplyPayment

_LIVE, _SANDBOX = "https://api.gocardless.com", "https://api-sandbox.gocardless.com"
_VERSION = "2015-07-06"
_KINDS: dict[str, Kind] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "chargeback": "chargeback",
    "chargeback_reversed": "chargeback_reversed",
    "refunded": "refunded",
    "refund_failed": "refund_failed",
}


# An event can come late. What the payment has become since then makes these untrue, and another event tells of it. A
# payment that is being collected again has failed all the same: until that is told, the money is not here.
_OVERTAKEN = {
    "succeeded": frozenset(("failed", "cancelled", "customer_approval_denied")),
    "failed": frozenset(("confirmed", "paid_out")),
}


class Api:
    """One partner's payments at GoCardless."""

    def __init__(self, partner: str, secrets: CachedSecrets) -> None:
        self._partner = partner
        self._secrets = secrets

    def movements(self, told: ApplyPayment) -> list[ProviderEvent]:
        """Return the signed event with the amount, and with the payment it is about where it is a refund's."""
        if told.payment_id != told.movement_id:
            return [event_of(told, self._get("payments", told.payment_id), told.payment_id)]
        refund = self._get("refunds", told.payment_id)
        payment = reading.identifier(reading.member(refund, "links").get("payment"), "refunds.links.payment")
        named = self._get("payments", payment)
        return [event_of(told, {**refund, "metadata": named.get("metadata")}, payment)]

    def _get(self, resource: str, name: str) -> dict[str, Any]:
        token = line.credential(self._secrets, self._partner, "gocardless", "access_token")
        sandbox = self._secrets.settings(self._partner, "gocardless").get("environment") == "sandbox"
        url = f"{line.base('gocardless', _SANDBOX if sandbox else _LIVE)}/{resource}/{name}"
        headers = {"authorization": f"Bearer {token}", "gocardless-version": _VERSION}
        return reading.member(line.get(url, headers, "GoCardless"), resource)


def event_of(told: ApplyPayment, resource: dict[str, Any], payment: str) -> ProviderEvent:
    """Return what was told with the amount that was read."""
    currency = reading.identifier(resource.get("currency"), "currency").upper()
    amount = reading.units(reading.whole(resource.get("amount"), "amount"), currency, {})
    account, invoice = reading.quittance(reading.member(resource, "metadata"))
    return ProviderEvent(
        event_id=told.event_id,
        payment_id=payment,
        type=told.kind,
        kind="told" if resource.get("status") in _OVERTAKEN.get(told.kind, ()) else amount.kind(_KINDS[told.kind]),
        amount=amount.minor,
        currency=currency,
        account=account or told.account,
        invoice=invoice or told.invoice,
        lines=reading.lines(reading.member(resource, "metadata")),
        reason=amount.reason or told.reason,
        movement_id=told.movement_id,
        reference=reading.reference(resource.get("reference")),
        of=told.of,
    )
