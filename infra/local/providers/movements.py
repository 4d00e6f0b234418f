"""What happens to a payment later, told as its provider tells it: refunds, disputes, attempts that fail.

Each sender gives the webhook in its documented shape and what can be read at the provider afterwards.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from infra.local.providers import adyen, gocardless, mollie, senders, standardwebhooks, stripe, stripe_movements
from infra.local.providers.apis import ProviderApis
from infra.local.providers.sent import Order, Sent
from infra.local.providers.stripe_movements import Movement
from quittance.domain.errors import Rejected

FAILED = "pay_failed"
WHOLE_ONLY = frozenset((("gocardless", "chargeback"), ("gocardless", "chargeback_reversed")))
UNTOLD = frozenset((("paypal", "chargeback_reversed"),))


def check(via: str, movement: Movement, paid: Order) -> None:
    """Refuse what a provider never tells; Rejected names the step."""
    if (via, movement.kind) in UNTOLD:
        raise Rejected(f"{movement.kind}: {via} tells it by no event that names the money; use another provider")
    if (via, movement.kind) in WHOLE_ONLY and movement.amount != paid.amount:
        raise Rejected(f"amount: at {via} a {movement.kind} is always of the whole payment; leave it out")


def send(via: str, movement: Movement, order: Order, apis: ProviderApis) -> Sent:
    """Return the webhook of a movement of what was ordered, and let the stand-in APIs tell the same."""
    check(via, movement, order)
    makers: Mapping[str, Callable[[Movement, Order, ProviderApis], Sent]] = {
        "stripe": _stripe,
        "adyen": _adyen,
        "gocardless": _gocardless,
        "mollie": _mollie,
        "mollie_classic": _mollie,
        "paypal": _paypal,
        "standardwebhooks": _standard,
    }
    sent = makers[via](movement, order, apis)
    apis.hold(sent.resources)
    return sent


def _stripe(movement: Movement, order: Order, _: ProviderApis) -> Sent:
    if movement.kind != FAILED:
        return Sent(*stripe_movements.signed_event(movement, secret=senders.STRIPE_SECRET, at=order.at))
    headers, body = stripe.signed_event(
        payment=order.payment,
        account=order.account,
        amount=movement.amount,
        secret=senders.STRIPE_SECRET,
        at=order.at,
        type="payment_intent.payment_failed",
    )
    return Sent(headers, body)


def _adyen(movement: Movement, order: Order, _: ProviderApis) -> Sent:
    code = {"refund": "REFUND", FAILED: "CAPTURE"}.get(movement.kind, movement.kind.upper())
    envelope = json.loads(adyen.signed_event(replace(order, amount=movement.amount)).body)
    item = envelope["notificationItems"][0]["NotificationRequestItem"]
    own = {"refund": "RF", FAILED: "NO"}.get(movement.kind, "CB")  # one dispute has one reference in all its turns
    item |= {
        "eventCode": code,
        "pspReference": f"{order.name(12)}{own}{movement.turn:02d}",
        "success": "false" if movement.kind == FAILED else "true",
    }
    item["additionalData"] = {"hmacSignature": adyen.sign(item, adyen.SECRET["secrets"][0])}
    return Sent({"Content-Type": "application/json; charset=utf-8"}, json.dumps(envelope).encode())


def _gocardless(movement: Movement, order: Order, _: ProviderApis) -> Sent:
    action = {FAILED: "failed", "chargeback": "charged_back", "chargeback_reversed": "chargeback_cancelled"}
    sent = gocardless.signed_event(order, type=action.get(movement.kind, "confirmed"))
    envelope = json.loads(sent.body)
    (event,), resources = envelope["events"], sent.resources
    event["id"] = f"EV{order.name(10)}{movement.kind[:4].upper()}{movement.turn}"
    if movement.kind == "refund":
        refund = f"RF{order.name(10)}{movement.turn}"
        payment = event["links"]["payment"]
        event |= {"resource_type": "refunds", "action": "paid", "links": {"refund": refund}}
        told = {"id": refund, "amount": movement.amount.minor, "currency": movement.amount.currency}
        told |= {"links": {"payment": payment}, "metadata": {}}
        resources = {f"/gocardless/refunds/{refund}": {"refunds": told}}
    body = json.dumps(envelope).encode()
    signature = gocardless.sign(body, str(gocardless.SECRET["secrets"][0]))
    return Sent({"Content-Type": "application/json", "Webhook-Signature": signature}, body, resources)


def _mollie(movement: Movement, order: Order, apis: ProviderApis) -> Sent:
    """Only that something changed is told; the payment, its refunds and its chargebacks are there to be read."""
    ((path, fresh),) = mollie.resources(order).items()
    payment = copy.deepcopy(apis.resources.get(path, {**fresh, "status": "failed"}))
    amount = {"currency": movement.amount.currency, "value": str(movement.amount)}
    own, held = f"{order.name(8)}{movement.turn}", payment["_embedded"]
    if movement.kind == "refund":
        held["refunds"].append({"id": f"re_{own}", "status": "refunded", "amount": amount})
    elif movement.kind == "chargeback":
        held["chargebacks"].append({"id": f"chb_{own}", "amount": amount})
    elif movement.kind == "chargeback_reversed":
        held["chargebacks"][movement.turn - 1]["reversedAt"] = order.at.isoformat()
    return Sent(mollie.classic_event(order).headers, mollie.classic_event(order).body, {path: payment})


def _paypal(movement: Movement, order: Order, _: ProviderApis) -> Sent:
    from infra.local.providers import paypal  # noqa: PLC0415  # its cryptography is loaded for scenarios alone

    capture = json.loads(paypal.signed_event(order).body)["resource"]
    kind = {"refund": "REFUNDED", "chargeback": "REVERSED", FAILED: "DECLINED"}[movement.kind]
    resource, resources = {**capture, "status": "DECLINED"}, {}
    if movement.kind != FAILED:
        up = {"rel": "up", "href": f"https://api.paypal.com/v2/payments/captures/{capture['id']}"}
        amount = {"currency_code": movement.amount.currency, "value": str(movement.amount)}
        own = f"{order.name(12)}{kind[:3]}{movement.turn}"
        resource = {"id": own, "amount": amount, "status": "COMPLETED", "links": [up]}
        resources = {f"/paypal/v2/payments/refunds/{own}": resource}
    name = f"{order.name(12)}{kind}{movement.turn}"
    event = {"id": f"WH-{name}", "event_type": f"PAYMENT.CAPTURE.{kind}", "resource": resource}
    body = json.dumps(event).encode()
    return Sent(paypal.sign(body, paypal.SECRET["secrets"][0], name.lower(), order.at), body, resources)


def _standard(movement: Movement, order: Order, _: ProviderApis) -> Sent:
    kinds = {
        "refund": "refund.succeeded",
        "chargeback": "chargeback.opened",
        "chargeback_reversed": "chargeback.reversed",
        FAILED: "payment.failed",
    }
    payment = f"pay_{order.name()}"
    own = f"{'ref' if movement.kind == 'refund' else 'dis'}_{order.name(12)}{movement.turn}"
    data: dict[str, Any] = {"id": own, "payment": payment}
    if movement.kind == FAILED:
        data = {"id": payment, "account": order.account}
    data |= {"amount": str(movement.amount), "currency": movement.amount.currency}
    told = {"type": kinds[movement.kind], "timestamp": order.at.isoformat(), "data": data}
    body, name = json.dumps(told).encode(), f"msg_{order.name(12)}{movement.kind}{movement.turn}"
    return Sent(standardwebhooks.sign(body, standardwebhooks.SECRET["secrets"][0], name, order.at), body)
