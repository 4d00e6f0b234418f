"""Published policies: each version never changes, so it is read once per process."""

from __future__ import annotations

from quittance.domain.policy import Policy, PolicyRef
from quittance.domain.policy_parsing import parse_policy
from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.store.models import PolicyItem
from quittance.store.transact import unavailable_is_transient

_MOST = 500


class PolicyStore:
    """Reads published versions and keeps them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, PolicyRef, str], Policy] = {}

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        """Return a version with its amounts in a currency; None when it was never published."""
        kept = self._kept.get((partner, ref, currency))
        if kept is None and (kept := _read(partner, ref, currency)):
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[partner, ref, currency] = kept
        return kept


def _read(partner: str, ref: PolicyRef, currency: str) -> Policy | None:
    key = keys.policy(partner, ref.name, ref.version)
    try:
        with unavailable_is_transient():
            item = PolicyItem.get(key.pk, key.sk, consistent_read=True)
    except PolicyItem.DoesNotExist:
        return None
    return parse_policy(ref.name, ref.version, item.body, currency, published_at=parse_iso(item.published_at))
