"""PayPal: captures and refunds as they stand (developer.paypal.com/docs/api/payments/v2), and sales of the old API.

Nothing of the webhook's body is believed but the ids to look for: all that is booked comes from here.
"""

from __future__ import annotations

import base64
from time import monotonic
from typing import Any

from quittance.adapters.provider_api import line
from quittance.adapters.providers import paypal_resources, reading
from quittance.adapters.secrets import CachedSecrets
from quittance.domain.errors import NotFound, Rejected, Transient
from quittance.domain.payment_event import Kind, ProviderEvent
from quittance.usecases.payment_message import ApplyPayment

_LIVE, _SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
_EARLIER = 60  # seconds before its end that a token is no longer used
_CAPTURES: dict[str, Kind] = {
    "COMPLETED": "succeeded",
    "PARTIALLY_REFUNDED": "succeeded",
    "REFUNDED": "succeeded",
    "PENDING": "pending",
    "DECLINED": "failed",
    "DENIED": "failed",
    "FAILED": "failed",
    "REVERSED": "succeeded",
}
_TAKEN: dict[str, Kind] = {"PENDING": "pending", "FAILED": "refund_failed", "CANCELLED": "refund_failed"}
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


class Api:
    """One partner's captures at PayPal."""

    def __init__(self, partner: str, secrets: CachedSecrets) -> None:
        self._partner = partner
        self._secrets = secrets

    def movements(self, told: ApplyPayment) -> list[ProviderEvent]:
        """Return the capture with its fee, or the refund, in the state it is in now."""
        if told.movement_id is None:
            return capture_of(told, self._either("/v2/payments/captures/", "/v1/payments/sale/", told.payment_id))
        refund = self._either("/v2/payments/refunds/", "/v1/payments/refund/", told.movement_id)
        payment = paypal_resources.captured(refund)
        capture = self._either("/v2/payments/captures/", "/v1/payments/sale/", payment)
        return [refund_of(told, refund, capture)]

    def _either(self, new: str, old: str, name: str) -> dict[str, Any]:
        """Read a resource that only one of the two versions of the API knows; NotFound when neither does."""
        try:
            found = self._get(new + name)
        except NotFound:
            found = self._get(old + name)
        if found.get("id") != name:
            raise Rejected("PayPal: answered with another resource than was asked for", code="unreadable")
        return found

    def _get(self, path: str) -> dict[str, Any]:
        try:
            return line.get(self._base() + path, {"authorization": f"Bearer {self._token()}"}, "PayPal")
        except Transient as problem:
            if problem.code == "credentials":
                _tokens.clear()  # it may have been revoked before its time; the next try gets another
            raise

    def _base(self) -> str:
        sandbox = self._secrets.settings(self._partner, "paypal").get("environment") == "sandbox"
        return line.base("paypal", _SANDBOX if sandbox else _LIVE)

    def _token(self) -> str:
        """Return an access token, kept until shortly before its end."""
        client, secret = (line.credential(self._secrets, self._partner, "paypal", one) for one in _CREDENTIALS)
        kept, until = _tokens.get((client, secret), ("", 0.0))
        if monotonic() < until:
            return kept
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        given = line.post(f"{self._base()}/v1/oauth2/token", headers, "PayPal", b"grant_type=client_credentials")
        token, seconds = given.get("access_token"), given.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise Rejected("PayPal: gave no access token", code="unreadable")
        _tokens[client, secret] = (token, monotonic() + seconds - _EARLIER)
        return token


_CREDENTIALS = ("client_id", "client_secret")


def capture_of(told: ApplyPayment, capture: dict[str, Any]) -> list[ProviderEvent]:
    """Read a capture, gross, and what PayPal keeps of it; later refunds are told by their own webhooks."""
    status = str(capture.get("status") or capture.get("state")).upper()
    amount = paypal_resources.money(capture.get("amount"), "amount")
    event = _named(told, capture)._replace(
        kind=amount.kind(_CAPTURES.get(status, "other")),
        amount=amount.minor,
        currency=amount.currency,
        reason=amount.reason,
    )
    breakdown = reading.member(capture, "seller_receivable_breakdown")
    kept = breakdown.get("paypal_fee") or capture.get("transaction_fee")
    if event.kind != "succeeded" or kept is None:
        return [event]
    fee = paypal_resources.money(kept, "paypal_fee")
    told_fee = event._replace(
        kind=fee.kind("fee"), amount=fee.minor, currency=fee.currency, movement_id=f"{event.payment_id}:fee"
    )
    return [event, told_fee] if fee.minor else [event]


def refund_of(told: ApplyPayment, refund: dict[str, Any], capture: dict[str, Any]) -> ProviderEvent:
    """Read a refund, or what a bank took back, of a capture."""
    status = str(refund.get("status") or refund.get("state")).upper()
    completed: Kind = "chargeback" if told.kind == "chargeback" else "refunded"
    kind = completed if status == "COMPLETED" else _TAKEN.get(status, "other")
    amount = paypal_resources.money(refund.get("amount"), "amount")
    own = reading.identifier(refund.get("id"), "id")
    return _named(told, capture)._replace(
        kind=amount.kind(kind),
        amount=amount.minor,
        currency=amount.currency,
        reason=amount.reason,
        movement_id=own,
        of=own,
    )


def _named(told: ApplyPayment, capture: dict[str, Any]) -> ProviderEvent:
    account, invoice = reading.named(capture.get("custom_id") or capture.get("custom"))
    return ProviderEvent(
        event_id=told.event_id,
        payment_id=reading.identifier(capture.get("id"), "id"),
        type=told.kind,
        kind="other",
        account=account,
        invoice=invoice,
        reference=reading.reference(capture.get("invoice_id") or capture.get("invoice_number")),
    )
