"""How an account pays: references to what a provider keeps, a mandate or a token; card data itself is never taken.

A number of 13 to 19 digits with a right Luhn check digit (ISO/IEC 7812-1) may be a card's and is refused wherever it
stands; so are fields that only card data has. An account has at most one default. What befell a method stays told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from quittance.domain.errors import NotFound, Rejected
from quittance.domain.names import checked
from quittance.domain.payment_reference import is_iban
from quittance.domain.reading import Fields

KINDS = ("sepa_mandate", "card_token", "bank", "paypal")
STATES = ("pending", "active", "failed", "cancelled", "expired")
USABLE = frozenset(("pending", "active"))
REMOVED = "removed"
MOST = 20
_MOST_HISTORY = 200
_MANDATE = r"[A-Za-z0-9+?/\-:().,' ]{1,35}"  # what a SEPA mandate reference may be written with
_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\-\u00a0]?\d){12,18}(?![ .\-\u00a0]?\d)")
_CARD_FIELDS = frozenset(
    "cvc cvv cvv2 cvc2 cid csc security_code card_number pan number expiry exp_month exp_year".split()
)
_NEVER = "card data is never taken here; let the provider keep the card, and give the token it returns"

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method: who keeps it (provider) under which reference, and for SEPA the mandate with the day of signing."""

    id: str
    provider: str
    kind: str
    reference: str
    state: str = "active"
    label: str | None = None
    mandate: str | None = None
    signed_on: date | None = None
    state_at: str | None = None
    """When it came into its state, so that news that comes late does not undo later news."""

    def to_mapping(self) -> Entry:
        """Return what is stored and shown."""
        shown: Entry = {"id": self.id, "provider": self.provider, "kind": self.kind, "reference": self.reference}
        if self.mandate and self.signed_on:
            shown["mandate"] = {"reference": self.mandate, "signed_on": self.signed_on.isoformat()}
        return {**shown, "state": self.state, "state_at": self.state_at, "label": self.label}


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """All methods of an account, which of them is the default, and what befell them, the oldest first."""

    known: Mapping[str, Method] = field(default_factory=dict)
    default: str | None = None
    history: tuple[Mapping[str, str], ...] = ()

    def get(self, name: str) -> Entry:
        """Return a method as it is shown; NotFound where there is none of that id."""
        if name not in self.known:
            raise NotFound(f"payment method {name!r}: the account has none of that id", field="method")
        return {**self.known[name].to_mapping(), "default": name == self.default}

    def listed(self) -> list[Entry]:
        """Return all methods as they are shown, in the order of their ids."""
        return [self.get(name) for name in sorted(self.known)]

    def put(self, method: Method, *, default: bool, at: datetime) -> Methods:
        """Return the methods with one added or changed; Rejected for one too many or a default that cannot pay."""
        if default and method.state not in USABLE:
            raise Rejected(f"default: a method that is {method.state} pays nothing; choose another", field="default")
        if method.id not in self.known and len(self.known) >= MOST:
            raise Rejected(f"id: an account has at most {MOST} payment methods; remove one first", field="id")
        before = self.known.get(method.id)
        kept = before is not None and before.state == method.state
        method = replace(method, state_at=before.state_at if before and kept else f"{at:%Y-%m-%dT%H:%M:%SZ}")
        chosen = method.id if default else None if self.default == method.id else self.default
        lines = list(_changes(before, method, chosen=chosen == method.id and chosen != self.default))
        return self._with({**self.known, method.id: method}, chosen, lines, at)

    def remove(self, name: str, *, at: datetime) -> Methods:
        """Return the methods without one; NotFound where there is none of that id."""
        gone = self.known[str(self.get(name)["id"])]
        rest = {other: one for other, one in self.known.items() if other != name}
        return self._with(rest, None if self.default == name else self.default, [f"{_told(gone)} removed"], at)

    def tell(self, provider: str, reference: str, state: str, *, at: datetime) -> Methods:
        """Return the methods after a provider's news of a mandate or token; news older than what is known is nothing.

        A default that pays no more is a default no more.
        """
        told, moment = self, f"{at:%Y-%m-%dT%H:%M:%SZ}"
        for one in self.known.values():
            ours = (one.provider, one.reference) == (provider, reference)
            if ours and one.state != state and moment >= (one.state_at or ""):
                now = replace(one, state=state, state_at=moment)
                default = None if told.default == one.id and state not in USABLE else told.default
                lines = list(_changes(one, now, chosen=False))
                told = told._with({**told.known, one.id: now}, default, lines, at)
        return told

    def _with(self, known: Mapping[str, Method], default: str | None, lines: list[str], at: datetime) -> Methods:
        told = tuple({"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "text": f"Payment method {line}."} for line in lines)
        return replace(self, known=known, default=default, history=(*self.history, *told)[-_MOST_HISTORY:])


def _changes(before: Method | None, now: Method, *, chosen: bool) -> Iterator[str]:
    if before is None:
        yield f"{_told(now)} added"
    elif before.state != now.state:
        yield f"{_told(now)} is {now.state}"
    elif before != now:
        yield f"{_told(now)} changed"
    if chosen:
        yield f"{_told(now)} is the default"


def _told(method: Method) -> str:
    return f"{method.id} ({method.kind} at {method.provider})"


def read(name: str, request: object, *, today: date) -> tuple[Method, bool]:
    """Read what somebody wants a method to be, and whether it is to be the default; Rejected names the field."""
    _refuse_cards(request, "")
    refuse_number(name, "id")
    fields = Fields(request)
    kind = fields.choice("kind", KINDS)
    mandate, signed_on = _mandate(fields, kind, today)
    method = Method(
        id=checked(name, "id"),
        provider=fields.name("provider"),
        kind=kind,
        reference=fields.text("reference", most=128),
        state=fields.choice("state", STATES, "active"),
        label=fields.text("label", None, most=60),
        mandate=mandate,
        signed_on=signed_on,
    )
    default = fields.flag("default", False)
    fields.done()
    return method, default


def _mandate(fields: Fields, kind: str, today: date) -> tuple[str | None, date | None]:
    if kind != "sepa_mandate":
        if fields.has("mandate"):
            raise fields.refuse("mandate", "only a sepa_mandate has one; leave it out")
        return None, None
    inner = fields.under("mandate")
    reference, signed_on = inner.text("reference", most=35), inner.day("signed_on")
    if not re.fullmatch(_MANDATE, reference):
        raise inner.refuse("reference", "use 1 to 35 letters, digits and + ? / - : ( ) . , ' as SEPA allows")
    if signed_on > today:
        raise inner.refuse("signed_on", f"{signed_on} is yet to come; give the day of the signature")
    inner.done()
    return reference, signed_on


def _refuse_cards(value: object, path: str) -> None:
    """Refuse card data wherever it stands, before anything else is said about the request."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            place = f"{path}.{name}" if path else str(name)
            if str(name).lower().replace("-", "_") in _CARD_FIELDS:
                raise Rejected(f"{place}: {_NEVER}", code="card_data", field=place)
            refuse_number(str(name), place)
            _refuse_cards(inner, place)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _refuse_cards(inner, f"{path}[{i}]")
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        refuse_number(str(value), path)


def refuse_number(text: str, path: str) -> None:
    """Refuse a text with what may be a card's number; the refusal does not repeat it. An IBAN is none."""
    if is_iban(re.sub(r"\s", "", text).upper()):
        return
    for found in _DIGITS.findall(text):
        if _luhn([int(digit) for digit in found if digit.isdigit()]):
            raise Rejected(f"{path}: holds what may be a card number; {_NEVER}", code="card_data", field=path)


def _luhn(digits: list[int]) -> bool:
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])  # noqa: PLR2004  # twice 5 has two digits
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def stored(methods: Methods) -> Entry:
    """Return what is kept of an account's methods."""
    known = [one.to_mapping() for _, one in sorted(methods.known.items())]
    return {"methods": known, "default": methods.default, "history": [dict(line) for line in methods.history]}


def from_stored(body: Mapping[str, Any]) -> Methods:
    """Read what is kept."""
    known = (_from_mapping(one) for one in body["methods"])
    return Methods(known={one.id: one for one in known}, default=body["default"], history=tuple(body["history"]))


def _from_mapping(body: Mapping[str, Any]) -> Method:
    mandate = body.get("mandate") or {}
    return Method(
        **{name: body[name] for name in ("id", "provider", "kind", "reference", "state")},
        label=body["label"],
        state_at=body.get("state_at"),
        mandate=mandate.get("reference"),
        signed_on=date.fromisoformat(mandate["signed_on"]) if mandate else None,
    )
