"""Microsoft Partner Center: reads and toggles subscriptions, reads the vendor's invoices.

Source: the vendor's REST reference. A PATCH carries the whole resource, since what is left out is reset; it
answers with the resource or with 202 and a Location to poll. Suspending a new-commerce seat turns its renewal
off and drops scheduled changes, and resuming leaves both so: `set_status` puts them back in a second PATCH.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, cast
from urllib.parse import quote

import urllib3

from quittance.adapters.partner_center_clouds import Cloud, cloud_for
from quittance.adapters.partner_center_http import Answer, Credentials, PartnerCenterHttp
from quittance.adapters.partner_center_models import (
    Done,
    Pending,
    VendorEntitlement,
    VendorInvoice,
    VendorSubscription,
    camel,
    read_entitlement,
    read_invoice,
    read_items,
    read_subscription,
)
from quittance.domain.errors import Poison, Rejected
from quittance.runtime.clock import Clock

__all__ = [
    "Cloud",
    "Credentials",
    "Done",
    "PartnerCenter",
    "Pending",
    "VendorEntitlement",
    "VendorInvoice",
    "VendorSubscription",
    "cloud_for",
]

PAGE = 2000
_ACCEPTED = 202
_KEEP: Any = object()


class PartnerCenter:
    """The client of one partner.

    Every operation raises Rejected (never as it stands), Conflict (stale: read again), Transient (later;
    `retry_after` in seconds where known) or Poison (somebody has to look).
    """

    def __init__(
        self,
        *,
        cloud: Cloud,
        credentials: Callable[[], Credentials],
        clock: Clock,
        locale: str = "en-US",
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        self._cloud = cloud
        self._http = PartnerCenterHttp(cloud=cloud, credentials=credentials, clock=clock, locale=locale, pool=pool)

    def get_subscription(self, customer: str, subscription: str) -> VendorSubscription:
        """Return a subscription as it is at the vendor; NotFound or Forbidden when it is not this partner's."""
        return read_subscription(self._http.call("GET", _path(customer, subscription)).body)

    def list_subscriptions(self, customer: str) -> list[VendorSubscription]:
        """Return all of a customer's subscriptions."""
        body = self._http.call("GET", f"/customers/{quote(customer, safe='')}/subscriptions").body
        return [read_subscription(item) for item in read_items(body)]

    def set_status(
        self,
        customer: str,
        subscription: VendorSubscription,
        status: Literal["suspended", "active"],
        *,
        auto_renew: bool,
        request_id: str,
        scheduled_next_term: Mapping[str, Any] | None = _KEEP,
    ) -> Done | Pending:
        """Suspend or resume; with `active`, renewal (and what was scheduled) is put back as given.

        `request_id` belongs to the intent: the same over its retries, another for the next toggle. Where the status
        is so already, that PATCH is left out, so a retry that read the subscription again just goes on.
        Compare `Done.subscription.auto_renew` after a `Pending`: putting back is then `set_renewal`'s.
        """
        outcome: Done | Pending = Done(subscription)
        if subscription.status != status:
            changes = {"status": status, "autoRenewEnabled": auto_renew}
            outcome = self._patch(customer, subscription, changes, request_id)
        if status == "suspended" or isinstance(outcome, Pending):
            return outcome
        return self.set_renewal(
            customer,
            outcome.subscription,
            auto_renew=auto_renew,
            scheduled_next_term=scheduled_next_term,
            request_id=f"{request_id}/renewal",
        )

    def set_renewal(
        self,
        customer: str,
        subscription: VendorSubscription,
        *,
        auto_renew: bool,
        request_id: str,
        scheduled_next_term: Mapping[str, Any] | None = _KEEP,
    ) -> Done | Pending:
        """Set auto-renew and, where given, what is scheduled for the next term; no call when both are so already."""
        if scheduled_next_term is _KEEP:
            scheduled_next_term = subscription.scheduled_next_term
        if subscription.auto_renew == auto_renew and subscription.scheduled_next_term == scheduled_next_term:
            return Done(subscription)
        changes = {"autoRenewEnabled": auto_renew, "scheduledNextTermInstructions": scheduled_next_term}
        return self._patch(customer, subscription, changes, request_id)

    def poll(self, location: str) -> Done | Pending:
        """Look whether a pending change has arrived; `location` is what Pending held."""
        place, _, wanted = location.partition("#")
        answer = self._http.call("GET", self._http.local_path(place))
        if answer.status == _ACCEPTED:
            return Pending(location)
        subscription = read_subscription(answer.body)
        if subscription.status == "pending" or not _shows(subscription, wanted):
            return Pending(location)
        return Done(subscription)

    def list_entitlements(self, customer: str, plan: str) -> list[VendorEntitlement]:
        """Return the Azure subscriptions under an Azure plan."""
        body = self._http.call("GET", f"{_path(customer, plan)}/azureEntitlements").body
        return [read_entitlement(item) for item in read_items(body)]

    def cancel_entitlement(self, customer: str, plan: str, entitlement: str, *, request_id: str) -> VendorEntitlement:
        """Cancel an Azure subscription; it goes on showing as active for about ten minutes.

        `compromise` is the only reason the vendor documents.
        """
        path = f"{_path(customer, plan)}/azureEntitlements/{quote(entitlement, safe='')}/cancel"
        body = {"cancellationReason": "compromise"}
        return read_entitlement(self._http.call("POST", path, body=body, request_id=request_id).body)

    def reactivate_entitlement(self, customer: str, plan: str, entitlement: str, *, request_id: str) -> None:
        """Ask for an Azure subscription back; the vendor accepts (202) and does it within minutes."""
        path = f"{_path(customer, plan)}/azureEntitlements/{quote(entitlement, safe='')}/reactivate"
        self._http.call("POST", path, request_id=request_id)

    def list_invoices(self) -> Iterator[VendorInvoice]:
        """Iterate over the vendor's invoices to this partner, page by page."""
        offset, size = 0, 200
        while True:
            body = self._http.call("GET", f"/invoices?size={size}&offset={offset}").body
            items = read_items(body)
            yield from map(read_invoice, items)
            if len(items) < size:
                return
            offset += size

    def get_invoice(self, invoice: str) -> VendorInvoice:
        """Return one invoice of the vendor."""
        return read_invoice(self._http.call("GET", f"/invoices/{quote(invoice, safe='')}").body)

    def invoice_lines(self, invoice: str, *, provider: str = "onetime", size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Iterate over an invoice's line items as the vendor gives them; figures are Decimal or text.

        New commerce (`onetime`) pages by continuation token, at most 2,000 lines a page; legacy (`office`,
        `azure`) by offset.
        """
        path = f"/invoices/{quote(invoice, safe='')}/lineitems"
        base = f"{path}?provider={provider}&invoicelineitemtype=billinglineitems&size={min(size, PAGE)}"
        if provider in ("office", "azure"):
            return self._by_offset(base, min(size, PAGE))
        return self._by_token(base)

    def get_service_request(self, number: str) -> dict[str, Any]:
        """Return a case at the vendor as it gives it; needs app+user, and does not exist in China (21Vianet)."""
        if not self._cloud.service_requests:
            raise Rejected(f"cloud {self._cloud.name}: cases are followed with 21Vianet, not through this API")
        path = f"/servicerequests/{quote(number, safe='')}"
        return cast("dict[str, Any]", camel(self._http.call("GET", path, as_user=True).body))

    def _by_token(self, base: str) -> Iterator[dict[str, Any]]:
        body = self._http.call("GET", base).body
        while True:
            yield from read_items(body)
            if not (token := body.get("continuationToken")):
                return
            headers = {"MS-ContinuationToken": str(token)}
            body = self._http.call("GET", f"{base}&seekOperation=Next", headers=headers).body

    def _by_offset(self, base: str, size: int) -> Iterator[dict[str, Any]]:
        offset = 0
        while items := read_items(self._http.call("GET", f"{base}&offset={offset}").body):
            yield from items
            if len(items) < size:
                return
            offset += len(items)

    def _patch(
        self, customer: str, subscription: VendorSubscription, changes: Mapping[str, Any], request_id: str
    ) -> Done | Pending:
        body = {name: value for name, value in {**subscription.raw, **changes}.items() if value is not None}
        headers = {"If-Match": _quoted(subscription.etag)} if subscription.etag else {}
        path = _path(customer, subscription.id)
        answer = self._http.call("PATCH", path, body=body, request_id=request_id, headers=headers)
        if answer.status == _ACCEPTED:
            return Pending(_place(answer, changes))
        return Done(read_subscription(answer.body))


def _path(customer: str, subscription: str) -> str:
    return f"/customers/{quote(customer, safe='')}/subscriptions/{quote(subscription, safe='')}"


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'


def _place(answer: Answer, changes: Mapping[str, Any]) -> str:
    """Keep, behind the Location, what will show that the change has arrived: till then the old state is shown."""
    if not (location := answer.headers.get("Location")):
        raise Poison("vendor answer: 202 without Location", field="Location")
    status = changes.get("status")
    return f"{location}#" + (f"status={status}" if status else f"renew={str(changes['autoRenewEnabled']).lower()}")


def _shows(subscription: VendorSubscription, wanted: str) -> bool:
    name, _, value = wanted.partition("=")
    match name:
        case "status":
            return subscription.status == value
        case "renew":
            return subscription.auto_renew == (value == "true")
        case _:
            return True
