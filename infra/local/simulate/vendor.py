"""The stand-in vendor without its sockets: the real client speaks to it, a call is a call of a function.

So what the simulator believes of the vendor cannot differ from what the whole system meets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

import urllib3

from infra.local.scenario.at_vendor import PARTNER, seed_of
from infra.local.scenario.model import Scenario
from infra.local.vendor.app import VendorApp
from infra.local.vendor.clock import VendorClock
from infra.local.vendor.disturbance import read_disturbance
from infra.local.vendor.seeding import change_subscription
from infra.local.vendor.wire import Request
from quittance.adapters.partner_center import Credentials, PartnerCenter, cloud_for
from quittance.adapters.vendor_access import VendorAccess

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class SharedClock:
    """The simulator's time, which the vendor and its client read."""

    moment: datetime = _BEGINNING

    def now(self) -> datetime:
        """Return it."""
        return self.moment


class VendorInside:
    """A vendor of one partner, in this process."""

    def __init__(self, scenario: Scenario, clock: SharedClock) -> None:
        self._app = VendorApp(cast("VendorClock", clock))
        self._app.seed(seed_of(scenario.partner, scenario.accounts))
        center = PartnerCenter(
            cloud=cloud_for(scenario.partner.get("cloud", "global")),
            credentials=lambda: Credentials.from_secret(PARTNER),
            clock=clock,
            pool=cast("urllib3.PoolManager", self),
        )
        self._access = VendorAccess(center)

    def of(self, partner: str) -> VendorAccess:
        """Return the partner's line: there is one partner in a scenario."""
        return self._access

    def fault(self, mode: str, until: datetime) -> None:
        """Let the vendor fail until a moment; a slow one answers all the same."""
        self._app.disturbance = read_disturbance({"mode": mode, "until": until.isoformat()})

    def change(self, customer: str, subscription: str, changes: Mapping[str, Any]) -> None:
        """Change a subscription as the vendor's own staff could."""
        change_subscription(self._app.subscriptions.find(customer, subscription, self._app.clock.now()), changes)

    def request(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], **_: Any) -> _Answer:
        """Be the connections of the client: nothing waits, nothing is lost."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        given = Request(method, target, {name.lower(): value for name, value in headers.items()}, body or b"")
        answer = self._app.handle(given)
        return _Answer(answer.status, answer.body, answer.headers)


@dataclass(frozen=True, slots=True)
class _Answer:
    """As much of an HTTP answer as the client looks at."""

    status: int
    data: bytes
    headers: Mapping[str, str]
