"""Adyen: standard webhooks, signed item by item (docs.adyen.com/development-resources/webhooks/verify-hmac-signatures).

Eight fields are signed and only these are used. `eventDate`, `reason`, `paymentMethod` and all of `additionalData` but
the signature could be anybody's: nothing is ordered by them, booked from them, or named by them. Account and invoice
are therefore named in the signed `merchantReference`, as `account/invoice`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import keyed, reading
from quittance.domain.errors import Unverified
from quittance.domain.payment_event import Kind, ProviderEvent

NAME = "adyen"
PROOF = "secrets"

# Where Adyen's minor units are not ISO 4217's (docs.adyen.com/development-resources/currency-codes).
_PLACES = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}

# What an event means when it says that it succeeded, and when it says that it did not. For CAPTURE_FAILED and its like
# success means that the failure has happened. What only says how a dispute goes moves no money.
_MEANING: dict[str, tuple[Kind, Kind]] = {
    "AUTHORISATION": ("pending", "failed"),
    "CAPTURE": ("succeeded", "failed"),
    "CAPTURE_FAILED": ("failed", "told"),
    "CANCELLATION": ("cancelled", "told"),
    "EXPIRE": ("cancelled", "told"),
    "REFUND": ("refunded", "told"),
    "REFUND_FAILED": ("refund_failed", "told"),
    "REFUNDED_REVERSED": ("refund_failed", "told"),
    "CHARGEBACK": ("chargeback", "told"),
    "SECOND_CHARGEBACK": ("chargeback", "told"),
    "CHARGEBACK_REVERSED": ("chargeback_reversed", "told"),
    # What was cancelled or refunded is said in fields that are not signed.
    "CANCEL_OR_REFUND": ("unclear", "told"),
    **dict.fromkeys(
        (
            "NOTIFICATION_OF_CHARGEBACK",
            "REQUEST_FOR_INFORMATION",
            "NOTIFICATION_OF_FRAUD",
            "PREARBITRATION_WON",
            "PREARBITRATION_LOST",
            "INFORMATION_SUPPLIED",
            "DISPUTE_DEFENSE_PERIOD_ENDED",
        ),
        ("told", "told"),
    ),
}
_REFUNDS = frozenset(("REFUND", "REFUND_FAILED", "REFUNDED_REVERSED"))
_PAYMENTS = frozenset(("AUTHORISATION", "CANCELLATION", "EXPIRE"))
_UNREAD = "what was moved is said in fields that Adyen does not sign; look it up there"
_ENDED = frozenset(("Won",))  # `additionalData.disputeStatus` of a chargeback that took no money


def verify(_headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check the signature inside every item; Unverified when one is missing or matches no key. No time is signed."""
    keys = keyed.hexadecimal(secrets)
    items = _items(reading.json_object(raw_body))
    if not items:
        raise Unverified("notificationItems: there is none", code="header")
    for item in items:
        signature = _text(reading.member(item, "additionalData").get("hmacSignature"))
        wanted = (base64.b64encode(one).decode() for one in keyed.digests(keys, _signed(item)))
        keyed.require(wanted, [signature], "additionalData.hmacSignature: no signature")


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read every item; one that cannot be read is parked for a person, for Adyen sends nothing else before it is taken.

    Settings: `immediate_capture` makes an authorisation the payment, as it is where Adyen captures by itself;
    `merchant_accounts` lists the only accounts whose events are taken.
    """
    given = settings or {}
    items = _items(reading.json_object(raw_body))
    accounts = given.get("merchant_accounts")
    if accounts and any(item.get("merchantAccountCode") not in accounts for item in items):
        raise Unverified("merchantAccountCode: is not one of the configured accounts", code="account")
    immediate = given.get("immediate_capture") is True
    return reading.each(items, "notificationItems", lambda item: [_event(item, immediate=immediate)])


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    if "notificationItems" not in body:
        return [body]  # one item without its envelope
    listed = body["notificationItems"]
    wrapped = listed if isinstance(listed, list) else []
    return [reading.member(item if isinstance(item, dict) else {}, "NotificationRequestItem") for item in wrapped]


def _signed(item: dict[str, Any]) -> bytes:
    """Join the eight signed fields. Only the merchant's own reference may hold the colon that separates them.

    Otherwise a colon moved over a boundary would give another account the same signature.
    """
    amount = reading.member(item, "amount")
    before = [_text(item.get(name)) for name in ("pspReference", "originalReference", "merchantAccountCode")]
    after = [_number(amount.get("value")), *map(_text, (amount.get("currency"), item.get("eventCode")))]
    success = _text(item.get("success"))
    if any(":" in field for field in (*before, *after, success)):
        raise Unverified("a colon stands where it would make the signed text ambiguous", code="separator")
    return ":".join((*before, _text(item.get("merchantReference")), *after, success)).encode("utf-8", "replace")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise Unverified("a signed field is not text", code="header")


def _number(value: object) -> str:
    """Return an amount as it was signed: a whole number, or the same in a string."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return value
    raise Unverified("amount.value is not a whole number", code="header")


def _event(item: dict[str, Any], *, immediate: bool) -> ProviderEvent:
    code = reading.identifier(item.get("eventCode"), "eventCode")
    success = item.get("success") == "true"
    kind = _kind(code, success=success, immediate=immediate)
    psp = reading.identifier(item.get("pspReference"), "pspReference")
    account = reading.reference(item.get("merchantAccountCode")) or ""
    event = ProviderEvent(
        event_id=f"{account}|{psp}|{code}|{str(success).lower()}"[-200:],
        payment_id=reading.identifier(item.get("originalReference") or psp, "originalReference"),
        type=code,
        kind=kind,
    )
    return event if kind in ("told", "other") else _moving(event, item, psp)


def _kind(code: str, *, success: bool, immediate: bool) -> Kind:
    if immediate and code == "AUTHORISATION" and success:
        return "succeeded"
    if immediate and code == "CAPTURE":
        return "told"
    good, bad = _MEANING.get(code, ("other", "other"))
    return good if success else bad


def _moving(event: ProviderEvent, item: dict[str, Any], psp: str) -> ProviderEvent:
    sent = reading.member(item, "amount")
    currency = reading.identifier(sent.get("currency"), "amount.currency").upper()
    amount = reading.units(int(_number(sent.get("value"))), currency, _PLACES)
    account, invoice = reading.named(item.get("merchantReference"))
    if event.kind == "chargeback" and reading.member(item, "additionalData").get("disputeStatus") in _ENDED:
        # Unsigned, so not to be believed, but not to be ignored either: a person looks, and the books stay as they are.
        event = event._replace(kind="unclear")
    return event._replace(
        kind=amount.kind(event.kind),
        amount=amount.minor,
        currency=currency,
        account=account,
        invoice=invoice,
        reason=_UNREAD if event.kind == "unclear" else amount.reason,
        movement_id=None if event.type == "CAPTURE" and event.kind == "failed" else _movement(event.type, psp),
        of=None if event.type in _PAYMENTS else psp,
        reference=reading.reference(item.get("merchantReference")),
    )


def _movement(code: str, psp: str) -> str | None:
    """Return the key of what moved after the payment: the refund, or which turn of a dispute.

    All turns of one dispute carry its reference. A capture's own reference tells a second, partial one apart.
    """
    if code in _PAYMENTS:
        return None
    return psp if code in _REFUNDS or code == "CAPTURE" else f"{psp}:{code}"
