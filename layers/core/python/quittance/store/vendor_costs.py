"""What the vendor charges for one subscription, from the files that were imported."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from quittance.domain.access import Switch
from quittance.domain.money import Money
from quittance.domain.watching import ExtendedTerm


class VendorCosts:
    """The costs of keeping a subscription; `extended` is what the vendor adds where a term is extended."""

    def __init__(self, monthly_plan: str, no_monthly_plan: str) -> None:
        self.extended = ExtendedTerm(Decimal(monthly_plan), Decimal(no_monthly_plan))

    def monthly(self, switch: Switch, now: datetime) -> Money | None:
        """Return what the vendor charged for the subscription's last month, None where nothing is known."""
        from quittance.domain.exposure import commitment  # noqa: PLC0415  # asked twice a term: no start pays for it
        from quittance.store.receivables import charges  # noqa: PLC0415  # as above

        today = now.astimezone(switch.profile.zone).date()
        charged = charges(switch.partner, switch.profile.id)
        own = [one for one in charged if one.currency == switch.profile.currency]
        return commitment(switch.subscription, own, today, switch.profile.currency).monthly
