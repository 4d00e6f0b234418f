"""Webhook secrets are cached, fetched again on suspicion, and never empty."""

from __future__ import annotations

import json

import pytest

from quittance.adapters.secrets import CachedSecrets
from quittance.domain.errors import NotFound


class Manager:
    """Secrets Manager with what it holds, counting how often it is asked."""

    def __init__(self, **held: object) -> None:
        self.held = held
        self.asked = 0
        self.at = 1000.0

    def get_secret_value(self, *, SecretId: str) -> dict[str, object]:  # noqa: N803  # AWS's own name
        self.asked += 1
        if SecretId not in self.held:
            raise NotFound(SecretId)
        return {"SecretString": self.held[SecretId]}

    def cache(self) -> CachedSecrets:
        return CachedSecrets(self, prefix="quittance", ticks=lambda: self.at)


def held(*secrets: object) -> dict[str, object]:
    return {"quittance/acme/stripe": json.dumps({"secrets": secrets})}


def test_secrets_are_fetched_once_and_again_after_five_minutes():
    manager = Manager(**held("a", "b"))
    cache = manager.cache()
    assert [cache.of("acme", "stripe") for _ in range(3)] == [("a", "b")] * 3
    assert manager.asked == 1
    manager.at += 301
    cache.of("acme", "stripe")
    assert manager.asked == 2


def test_suspicion_fetches_again_at_most_once_a_minute():
    manager = Manager(**held("a"))
    cache = manager.cache()
    cache.of("acme", "stripe")
    assert cache.newer("acme", "stripe") is None
    manager.held = held("b")
    assert cache.newer("acme", "stripe") is None
    assert manager.asked == 2
    manager.at += 61
    assert cache.newer("acme", "stripe") == ("b",)
    assert cache.of("acme", "stripe") == ("b",)


@pytest.mark.parametrize(
    "stored", [None, "", "[]", "no JSON", '{"secrets": "a"}', '{"secrets": []}', '{"secrets": ["", 5, null]}']
)
def test_nothing_usable_is_no_webhook(stored):
    manager = Manager(**{"quittance/acme/stripe": stored})
    cache = manager.cache()
    for _ in range(3):
        with pytest.raises(NotFound):
            cache.of("acme", "stripe")
    assert manager.asked == 1


def test_absence_is_remembered_for_half_a_minute():
    manager = Manager()
    cache = manager.cache()
    with pytest.raises(NotFound):
        cache.of("acme", "stripe")
    manager.held, manager.at = held("a"), manager.at + 31
    assert cache.of("acme", "stripe") == ("a",)


def test_strangers_cannot_fill_the_memory():
    cache = Manager().cache()
    for number in range(1500):
        with pytest.raises(NotFound):
            cache.of(f"partner-{number}", "stripe")
    assert len(cache._entries) <= 1000
