"""What belongs to the partner as a whole: who it is, policies and plans, price rules, the list of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quittance.domain.errors import Conflict, NotFound
from quittance.domain.partner import Partner, parse_partner
from quittance.domain.pricing import parse_rules
from quittance.domain.support_plan import SupportPlan, parse_support_plan, plain
from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import (
    AccountEntryItem,
    PartnerItem,
    PolicyDraftItem,
    PolicyItem,
    PriceRulesItem,
    SupportPlanItem,
)
from quittance.store.transact import Transaction, unavailable_is_transient


def read_partner(partner: str) -> Partner:
    """Return the partner; NotFound before it was put."""
    key = keys.partner(partner)
    try:
        with unavailable_is_transient():
            item = PartnerItem.get(key.pk, key.sk)
    except PartnerItem.DoesNotExist:
        raise NotFound(f"partner {partner!r} is not set up; put it first (PUT /v1/partner)") from None
    return parse_partner(partner, item.body)


def write_partner(partner: Partner, billed_at: datetime | None) -> None:
    """Store the partner's definition, replacing an earlier one, and when its next automatic billing is due."""
    key = keys.partner(partner.id)
    item = PartnerItem(
        key.pk,
        key.sk,
        body=plain(partner.definition),
        due_lane=keys.due_lane("billing", key) if billed_at else None,
        due_at=iso(billed_at) if billed_at else None,
    )
    with unavailable_is_transient():
        item.save()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """A published version of a policy and its moments, as they are stored."""

    version: int
    published_at: str
    starts_at: str
    definition: dict[str, Any]


def policy_in_force(partner: str, name: str, at: datetime) -> PolicyVersion | None:
    """Return the newest version that has started by a moment; None before the first has."""
    versions = policy_versions(partner, name)
    return next((one for one in versions if one.starts_at <= iso(at)), None)


def policy_versions(partner: str, name: str) -> Iterator[PolicyVersion]:
    """Yield the versions of a policy, the newest first, read as far as they are asked for."""
    prefix = PolicyItem.sk.startswith(keys.policy_prefix(name))
    with unavailable_is_transient():
        for item in PolicyItem.query(keys.partner_pk(partner), prefix, scan_index_forward=False, page_size=2):
            yield PolicyVersion(
                version=int(item.version),
                published_at=item.published_at,
                starts_at=item.starts_at or item.published_at,
                definition=item.body,
            )


def read_draft(partner: str, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return when the draft of a policy was written and its definition; None where there is none."""
    key = keys.policy_draft(partner, name)
    try:
        with unavailable_is_transient():
            item = PolicyDraftItem.get(key.pk, key.sk)
    except PolicyDraftItem.DoesNotExist:
        return None
    return item.drafted_at, item.body


def write_draft(partner: str, name: str, definition: object, at: datetime) -> None:
    """Store the draft of a policy, replacing an earlier one."""
    key = keys.policy_draft(partner, name)
    with unavailable_is_transient():
        PolicyDraftItem(key.pk, key.sk, drafted_at=iso(at), body=plain(definition)).save()


def latest_policy(partner: str, name: str) -> tuple[int, str, dict[str, Any]] | None:
    """Return the latest version of a policy, when it was published and its definition; None before the first."""
    found = next(policy_versions(partner, name), None)
    return (found.version, found.published_at, found.definition) if found else None


def policy_names(partner: str) -> list[str]:
    """Return the names of the partner's published policies."""
    with unavailable_is_transient():
        found = PolicyItem.query(keys.partner_pk(partner), PolicyItem.sk.startswith("POLICY#"))
        return sorted({item.name for item in found})


def publish_policy(
    partner: str, name: str, version: int, definition: object, at: datetime, starts: datetime | None = None
) -> None:
    """Store a version that must not exist yet, in force from `starts` or at once; Conflict when it was published."""
    key = keys.policy(partner, name, version)
    item = PolicyItem(key.pk, key.sk, name=name, version=version, published_at=iso(at), body=plain(definition))
    item.starts_at = iso(starts) if starts else None
    taken = Conflict(f"policy {name!r} got version {version} from somebody else meanwhile; try again")
    transaction = Transaction()
    transaction.put(item, PolicyItem.pk.does_not_exist(), taken)
    transaction.commit()


def read_support_plan(partner: str, name: str, currency: str) -> tuple[SupportPlan, str]:
    """Return a plan and when it was published; NotFound where there is none of that name."""
    key = keys.support_plan(partner, name)
    try:
        with unavailable_is_transient():
            item = SupportPlanItem.get(key.pk, key.sk)
    except SupportPlanItem.DoesNotExist:
        raise NotFound(f"there is no support plan {name!r}") from None
    return parse_support_plan(name, item.body, currency), item.published_at


def write_support_plan(partner: str, plan: SupportPlan, at: datetime) -> None:
    """Publish a plan; tickets that are open keep the targets they were opened with."""
    key = keys.support_plan(partner, plan.name)
    with unavailable_is_transient():
        SupportPlanItem(key.pk, key.sk, name=plan.name, published_at=iso(at), body=plan.definition).save()


def support_plan_names(partner: str) -> list[str]:
    """Return the names of the partner's published plans."""
    with unavailable_is_transient():
        return [
            item.name
            for item in SupportPlanItem.query(keys.partner_pk(partner), SupportPlanItem.sk.startswith("PLAN#"))
        ]


def read_price_rules(partner: str) -> list[Any]:
    """Return the price rules in their order, none before they were put."""
    key = keys.price_rules(partner)
    try:
        with unavailable_is_transient():
            return list(PriceRulesItem.get(key.pk, key.sk).body)
    except PriceRulesItem.DoesNotExist:
        return []


def write_price_rules(partner: str, rules: object) -> None:
    """Store the price rules, replacing earlier ones; Rejected where one cannot be read."""
    parse_rules(rules)
    key = keys.price_rules(partner)
    with unavailable_is_transient():
        PriceRulesItem(key.pk, key.sk, body=plain(rules)).save()


def account_entries(partner: str, *, after: str | None, limit: int) -> list[tuple[str, str]]:
    """Return ids and names of the partner's accounts in the order of their ids, from after one on."""
    pk = keys.accounts_pk(partner)
    beyond = AccountEntryItem.sk > keys.account_entry(partner, after).sk if after else None
    with unavailable_is_transient():
        return [(item.sk, item.name) for item in AccountEntryItem.query(pk, beyond, limit=limit, page_size=limit)]
