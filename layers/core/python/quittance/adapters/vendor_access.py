"""The access port on Partner Center: statuses, renewal settings, and Azure plans with what is under them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from quittance.adapters.partner_center import (
    Credentials,
    Done,
    PartnerCenter,
    Pending,
    VendorSubscription,
    cloud_for,
)
from quittance.adapters.partner_center_clouds import CLOUDS
from quittance.domain.access import Switch, Underway, VendorState
from quittance.domain.errors import Conflict, Poison, Rejected
from quittance.runtime.clock import Clock

_AZURE_PLAN = "azure_plan"


class VendorAccess:
    """One partner's subscriptions at the vendor, as access sees them."""

    def __init__(self, center: PartnerCenter) -> None:
        self._center = center

    def read(self, switch: Switch) -> VendorState:
        """Return the subscription as the vendor has it; Rejected when the account names no vendor customer."""
        found = self._center.get_subscription(_customer(switch), switch.vendor_id)
        return self._state(switch, found)

    def look(self, switch: Switch, location: str) -> VendorState | Underway:
        """Look whether a change under way has arrived."""
        return self._outcome(switch, self._center.poll(location))

    def suspend(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        """Suspend; under an Azure plan its subscriptions are cancelled first, which the vendor shows minutes later."""
        for entitlement in state.entitlements:
            request = f"{switch.intent}/cancel/{entitlement}"
            self._center.cancel_entitlement(_customer(switch), switch.vendor_id, entitlement, request_id=request)
        subscription = _handle(state)
        return self._outcome(
            switch,
            self._center.set_status(
                _customer(switch),
                subscription,
                "suspended",
                auto_renew=subscription.auto_renew,
                request_id=switch.intent,
            ),
        )

    def restore(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        """Bring back the status, then renewal as it was, then what was under an Azure plan."""
        subscription, kept = _handle(state), switch.snapshot or {}
        outcome = self._center.set_status(
            _customer(switch),
            subscription,
            "active",
            auto_renew=switch.renewal(current=subscription.auto_renew),
            scheduled_next_term=kept.get("scheduled") or subscription.scheduled_next_term,
            request_id=switch.intent,
        )
        if isinstance(outcome, Done):
            for entitlement in kept.get("entitlements", ()):
                self._reactivate(switch, entitlement)
        return self._outcome(switch, outcome)

    def _reactivate(self, switch: Switch, entitlement: str) -> None:
        request = f"{switch.intent}/reactivate/{entitlement}"
        try:
            self._center.reactivate_entitlement(_customer(switch), switch.vendor_id, entitlement, request_id=request)
        except Conflict:
            return  # it is active: it was brought back already, or never went

    def _outcome(self, switch: Switch, outcome: Done | Pending) -> VendorState | Underway:
        if isinstance(outcome, Pending):
            return Underway(outcome.location)
        return self._state(switch, outcome.subscription)

    def _state(self, switch: Switch, found: VendorSubscription) -> VendorState:
        return VendorState(
            status=found.status,
            auto_renew=found.auto_renew,
            scheduled=found.scheduled_next_term,
            entitlements=self._entitlements(switch, found),
            quantity=found.quantity,
            term_ends=found.term_ends.date() if found.term_ends else None,
            handle=found,
        )

    def _entitlements(self, switch: Switch, found: VendorSubscription) -> tuple[str, ...]:
        """Return what is active under an Azure plan that has to be suspended."""
        if found.kind != _AZURE_PLAN or found.status != "active" or switch.subscription.desired != "suspended":
            return ()
        listed = self._center.list_entitlements(_customer(switch), switch.vendor_id)
        return tuple(one.id for one in listed if one.status == "active")


class VendorLines:
    """Opens each partner's line to the vendor once per process."""

    def __init__(
        self, secrets: Any, *, clouds: Callable[[str], str], clock: Clock, prefix: str, api_base: str, authority: str
    ) -> None:
        self._secrets = secrets
        self._clouds = clouds
        self._clock = clock
        self._prefix = prefix
        self._api_base = api_base
        self._authority = authority
        self._lines: dict[str, VendorAccess] = {}

    def of(self, partner: str) -> VendorAccess:
        """Return the partner's line; its secret is read when a token is needed, so a rotated one is found."""
        if partner not in self._lines:
            cloud = cloud_for(
                self._clouds(partner),
                api_base=_other(self._api_base, CLOUDS["global"].api_base),
                authority=_other(self._authority, CLOUDS["global"].authority),
            )
            center = PartnerCenter(cloud=cloud, credentials=lambda: self._credentials(partner), clock=self._clock)
            self._lines[partner] = VendorAccess(center)
        return self._lines[partner]

    def _credentials(self, partner: str) -> Credentials:
        name = f"{self._prefix}/{partner}/vendor"
        try:
            text = self._secrets.get_secret_value(SecretId=name)["SecretString"]
            fields = json.loads(text)
            return Credentials(
                fields["tenant"], fields["client_id"], fields["client_secret"], fields.get("refresh_token")
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise Poison(f"secret {name}: put tenant, client_id and client_secret into it as JSON") from problem
        except self._secrets.exceptions.ResourceNotFoundException as problem:
            raise Poison(f"secret {name}: does not exist; put the partner's vendor credentials there") from problem


def _other(value: str, usual: str) -> str | None:
    """Return an address only where it differs from the global cloud's: other clouds have their own."""
    return value if value and value.rstrip("/") != usual else None


def _handle(state: VendorState) -> VendorSubscription:
    return cast("VendorSubscription", state.handle)


def _customer(switch: Switch) -> str:
    if not switch.customer:
        message = "vendor_customer: neither the subscription nor its account names the vendor's customer; register it"
        raise Rejected(message, field="vendor_customer")
    return switch.customer
