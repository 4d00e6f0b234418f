"""An account as a partner registers it: who it is and which vendor subscriptions it has."""

from __future__ import annotations

from dataclasses import dataclass

from quittance.domain.account import Profile, Subscription
from quittance.domain.money import exponent
from quittance.domain.partner import Partner, currency
from quittance.domain.places import country, vat_id
from quittance.domain.reading import Fields

SUBSCRIPTION_KINDS = (
    "nce_license",
    "legacy_license",
    "legacy_azure",
    "azure_plan",
    "add_on",
    "software",
    "perpetual",
    "marketplace",
)
_MOST_SUBSCRIPTIONS = 60  # one transaction writes them all together with the account


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An account and its subscriptions, ready to store."""

    profile: Profile
    subscriptions: tuple[Subscription, ...]


def parse_account(account: str, definition: object, partner: Partner) -> Registration:
    """Read an account's definition; Rejected names the field. Currency and locale default to the partner's."""
    fields = Fields(definition)
    if fields.text("id", account) != account:
        raise fields.refuse("id", f"differs from {account!r} in the address")
    profile = _profile(account, fields, partner)
    subscriptions = fields.each("subscriptions", _subscription, most=_MOST_SUBSCRIPTIONS)
    if len({subscription.id for subscription in subscriptions}) != len(subscriptions):
        raise fields.refuse("subscriptions", "two have the same id")
    fields.done()
    return Registration(profile=profile, subscriptions=subscriptions)


def _profile(account: str, fields: Fields, partner: Partner) -> Profile:
    profile = Profile(
        id=account,
        name=fields.text("name", most=200),
        country=country(fields.raw("country"), "country"),
        timezone=fields.zone("timezone", partner.timezone),
        currency=currency(fields, "currency", partner.currency),
        email=fields.email("email"),
        policy=fields.name("policy"),
        support_plan=fields.name("support_plan", None),
        vat_id=vat_id(fields.raw("vat_id"), "vat_id") if fields.raw("vat_id", None) else None,
        vendor_customer=fields.name("vendor_customer", None),
        parent=fields.name("parent", None),
        locale=fields.text("locale", partner.locale, most=35),
        address=_address(fields),
        rates=_rates(fields),
        second_email=fields.email("second_email", None),
        next_policy=_next_policy(fields),
    )
    if profile.parent == account:
        raise fields.refuse("parent", "an account cannot pay for itself; leave parent out")
    return profile


def _next_policy(fields: Fields) -> dict[str, str] | None:
    """Read which policy is assigned from a day on."""
    if not fields.has("next_policy"):
        return None
    following = fields.under("next_policy")
    found = {"policy": following.name("policy"), "from": following.day("from").isoformat()}
    following.done()
    return found


def _rates(fields: Fields) -> dict[str, str]:
    """Read the rates agreed for payments in other currencies."""
    if not fields.has("rates"):
        return {}
    rates = fields.under("rates")
    found = {}
    for name in fields.raw("rates"):
        exponent(str(name))
        rate = rates.decimal(name)
        if rate <= 0:
            raise rates.refuse(name, "write a rate above zero")
        found[str(name)] = format(rate, "f")
    return found


def _address(fields: Fields) -> tuple[str, ...]:
    lines = fields.items("address", (), most=6)
    for i, line in enumerate(lines):
        if not isinstance(line, str) or len(line) > 200:  # noqa: PLR2004  # a line of an envelope
            raise fields.refuse(f"address[{i}]", "write each line of the address as a text")
    return tuple(lines)


def _subscription(fields: Fields) -> Subscription:
    found = Subscription(
        id=fields.name("id"),
        product=fields.text("product", most=100),
        name=fields.text("name", most=200),
        kind=fields.choice("kind", SUBSCRIPTION_KINDS),
        quantity=fields.whole("quantity", 1),
        vendor_customer=fields.name("vendor_customer", None),
        vendor_subscription=fields.name("vendor_subscription", None),
        term_ends=fields.day("term_ends", None),
        auto_renew=fields.flag("auto_renew", None),
    )
    fields.done()
    return found
