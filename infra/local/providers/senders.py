"""The stand-in senders by the name that a scenario's `pay: via:` gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.local.providers import adyen, gocardless, mollie, standardwebhooks, stripe
from infra.local.providers.apis import ProviderApis
from infra.local.providers.sent import Order, Sent

STRIPE_SECRET = "whsec_embedded_stack"  # noqa: S105  # a secret of the embedded stack only


def secrets() -> dict[str, dict[str, Any]]:
    """Return what a partner's secrets of the embedded stack hold, by provider; no real key is among them."""
    from infra.local.providers import paypal  # noqa: PLC0415  # its cryptography is loaded for scenarios alone

    own = {"adyen": adyen, "gocardless": gocardless, "mollie": mollie, "standardwebhooks": standardwebhooks}
    found = {name: dict(module.SECRET) for name, module in own.items()}
    return {"stripe": {"secrets": [STRIPE_SECRET]}, "paypal": dict(paypal.SECRET), **found}


def send(via: str, order: Order, apis: ProviderApis) -> Sent:
    """Return the webhook of a payment, and let the stand-in APIs tell the same."""
    sent = _sent(via, order, apis)
    apis.hold(sent.resources)
    return sent


def _sent(via: str, order: Order, apis: ProviderApis) -> Sent:
    if via == "stripe":
        return _stripe(order)
    if via == "paypal":
        from infra.local.providers import paypal  # noqa: PLC0415  # as above

        apis.files.setdefault(f"/paypal{paypal.CERTIFICATE_PATH}", paypal.certificate())
        return paypal.signed_event(order)
    if via == "mollie_classic":
        return mollie.classic_event(order)
    made: dict[str, Callable[[Order], Sent]] = {
        "adyen": adyen.signed_event,
        "gocardless": gocardless.signed_event,
        "mollie": mollie.signed_event,
        "standardwebhooks": standardwebhooks.signed_event,
    }
    return made[via](order)


def _stripe(order: Order) -> Sent:
    headers, body = stripe.signed_event(
        payment=order.payment,
        account=order.account,
        invoice=order.invoice,
        lines=order.numbers,
        amount=order.amount,
        secret=STRIPE_SECRET,
        at=order.at,
    )
    return Sent(headers, body)
