"""The book a scenario begins with, read by the same rules as the API reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.local.scenario.at_vendor import registered
from infra.local.scenario.model import Scenario
from infra.local.scenario.place import Path_, Source, parts
from quittance.domain.errors import Rejected
from quittance.domain.partner import Partner, parse_partner
from quittance.domain.policy import Policy
from quittance.domain.policy_parsing import parse_policy
from quittance.domain.pricing import PriceRule, parse_rules
from quittance.domain.registration import Registration, parse_account
from quittance.domain.support_plan import SupportPlan, parse_support_plan


@dataclass(frozen=True, slots=True)
class Book:
    """Partner, policies, plans, prices and accounts as domain objects."""

    partner: Partner
    policies: dict[str, Policy]
    plans: dict[str, SupportPlan]
    rules: tuple[PriceRule, ...]
    accounts: dict[str, Registration]


def read_book(scenario: Scenario, source: Source | None = None) -> Book:
    """Read the book of a scenario; Rejected with the place where `source` can tell it."""
    return _Reader(scenario, source).book()


class _Reader:
    def __init__(self, scenario: Scenario, source: Source | None) -> None:
        self._scenario = scenario
        self._source = source

    def book(self) -> Book:
        told = self._scenario
        self._partner = self._read(("partner",), parse_partner, told.partner.get("id", ""), told.partner)
        book = Book(
            partner=self._partner,
            policies={name: self._policy(name, body) for name, body in told.policies.items()},
            plans={name: self._plan(name, body) for name, body in told.support_plans.items()},
            rules=self._read(("price_rules",), parse_rules, told.price_rules),
            accounts={str(body.get("id")): self._account(i, body) for i, body in enumerate(told.accounts)},
        )
        _check_names(self._source, told, book)
        return book

    def _policy(self, name: str, body: Any) -> Policy:
        parse = partial(parse_policy, published_at=self._scenario.start)
        return self._read(("policies", name), parse, name, 1, body, self._partner.currency)

    def _plan(self, name: str, body: Any) -> SupportPlan:
        return self._read(("support_plans", name), parse_support_plan, name, body, self._partner.currency)

    def _account(self, index: int, body: dict[str, Any]) -> Registration:
        return self._read(("accounts", index), parse_account, str(body.get("id")), registered(body), self._partner)

    def _read[T](self, path: Path_, parse: Callable[..., T], *given: Any) -> T:
        try:
            return parse(*given)
        except Rejected as problem:
            if self._source is None:
                raise
            raise self._source.error((*path, *parts(problem.field or "")), problem.message) from None


def _check_names(source: Source | None, scenario: Scenario, book: Book) -> None:
    for i, body in enumerate(scenario.accounts):
        profile = book.accounts[str(body["id"])].profile
        _known(source, ("accounts", i, "policy"), profile.policy, book.policies)
        if profile.support_plan:
            _known(source, ("accounts", i, "support_plan"), profile.support_plan, book.plans)
        if profile.parent:
            _known(source, ("accounts", i, "parent"), profile.parent, book.accounts)


def _known(source: Source | None, path: Path_, name: str, names: dict[str, Any]) -> None:
    if name not in names:
        message = f"{name!r} is not in this scenario; known here: {', '.join(names)}"
        raise source.error(path, message) if source else Rejected(message)
