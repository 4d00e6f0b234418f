"""Stripe's side of what happens to a payment later: refunds and disputes, in their documented shapes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.providers.stripe import sign, units
from quittance.domain.money import Money

_TYPES = {
    "refund": "refund.created",
    "chargeback": "charge.dispute.funds_withdrawn",
    "chargeback_reversed": "charge.dispute.funds_reinstated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of a payment: which, of what, over how much, and the how manyth of its kind."""

    kind: str
    payment: str
    amount: Money
    turn: int = 1


def signed_event(movement: Movement, *, secret: str, at: datetime) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the webhook; the same movement gives the same event, so twice is a copy."""
    kind = _TYPES[movement.kind]
    name = f"{movement.payment}|{kind}|{movement.turn}"
    event = {
        "id": f"evt_{hashlib.sha256(name.encode()).hexdigest()[:24]}",
        "object": "event",
        "api_version": "2025-04-30.basil",
        "created": int(at.timestamp()),
        "data": {"object": _refund(movement) if movement.kind == "refund" else _dispute(movement)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    body = json.dumps(event, indent=2).encode()
    return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": sign(body, [secret], at)}, body


def _refund(movement: Movement) -> dict[str, Any]:
    return {
        "id": f"re_{movement.payment}_{movement.turn}",
        "object": "refund",
        "amount": units(movement.amount),
        "charge": f"ch_{movement.payment}",
        "currency": movement.amount.currency.lower(),
        "metadata": {},
        "payment_intent": f"pi_{movement.payment}",
        "status": "succeeded",
    }


def _dispute(movement: Movement) -> dict[str, Any]:
    """Each withdrawal is a dispute of its own; what is put back belongs to the dispute of its turn."""
    own, amount = f"dp_{movement.payment}_{movement.turn}", units(movement.amount)
    back = movement.kind == "chargeback_reversed"
    entries = [-amount, amount] if back else [-amount]
    currency = movement.amount.currency.lower()
    return {
        "id": own,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [
            {"id": f"txn_{own}_{i}", "amount": entry, "currency": currency, "fee": 0, "net": entry}
            for i, entry in enumerate(entries)
        ],
        "charge": f"ch_{movement.payment}",
        "currency": currency,
        "metadata": {},
        "payment_intent": f"pi_{movement.payment}",
        "reason": "fraudulent",
        "status": "won" if back else "needs_response",
    }
