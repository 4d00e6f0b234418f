"""Policies from draft to publication: drafted, looked over, published as an immutable version with a start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import NotFound, Rejected
from quittance.domain.names import checked
from quittance.domain.partner import Partner
from quittance.domain.policy_parsing import parse_policy
from quittance.domain.policy_review import review
from quittance.domain.reading import Fields
from quittance.domain.support_plan import plain


class Version(Protocol):
    """A published version (store.partners.PolicyVersion)."""

    @property
    def version(self) -> int:
        """Its number."""
        ...

    @property
    def published_at(self) -> str:
        """When it was published."""
        ...

    @property
    def starts_at(self) -> str:
        """From when it is in force."""
        ...

    @property
    def definition(self) -> dict[str, Any]:
        """What it says."""
        ...


class Shelf(Protocol):
    """The partner's policies (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner; NotFound before it was put."""
        ...

    def policy_versions(self, partner: str, name: str) -> Iterator[Version]:
        """Yield the versions, the newest first."""
        ...

    def policy_in_force(self, partner: str, name: str, at: datetime) -> Version | None:
        """Return the newest version that has started."""
        ...

    def read_draft(self, partner: str, name: str) -> tuple[str, dict[str, Any]] | None:
        """Return when the draft was written and its definition."""
        ...

    def write_draft(self, partner: str, name: str, definition: object, at: datetime) -> None:
        """Store the draft."""
        ...

    def publish_policy(
        self, partner: str, name: str, version: int, definition: object, at: datetime, starts: datetime | None = None
    ) -> None:
        """Store a version that does not exist yet."""
        ...


def put_draft(partner: str, name: str, definition: object, *, now: datetime, shelf: Shelf) -> dict[str, Any]:
    """Store a draft that can be read, with what is worth a second look; Rejected where it contradicts itself."""
    found = _findings(partner, checked(name, "policy"), definition, shelf)
    shelf.write_draft(partner, name, definition, now)
    return {"name": name, "definition": plain(definition), "findings": found}


def get_draft(partner: str, name: str, *, shelf: Shelf) -> dict[str, Any]:
    """Return the draft and its findings; NotFound where nothing is drafted."""
    definition = _draft(partner, name, shelf)
    found = _findings(partner, name, definition, shelf)
    return {"name": name, "definition": definition, "findings": found}


def publish_draft(partner: str, name: str, request: object, *, now: datetime, shelf: Shelf) -> tuple[int, bool]:
    """Publish the draft as the next version, in force from `{starts?}` on; return it and whether it is new.

    Publishing again what is the latest already, with the same start, gives that version: the call may be repeated.
    """
    fields = Fields(request)
    starts = fields.moment("starts", None)
    fields.done()
    definition = _draft(partner, name, shelf)
    latest = next(shelf.policy_versions(partner, name), None)
    if latest and latest.definition == definition and starts in (None, datetime.fromisoformat(latest.starts_at)):
        return latest.version, False
    if starts is not None and starts < now:
        raise Rejected(f"starts: {starts.isoformat()} is past; name a moment to come, or none for now", field="starts")
    version = latest.version + 1 if latest else 1
    shelf.publish_policy(partner, name, version, definition, now, starts)
    return version, True


def versions(partner: str, name: str, *, now: datetime, shelf: Shelf) -> dict[str, Any]:
    """Return all versions of a policy, the newest first, and which is in force; NotFound for an unknown policy."""
    found = list(shelf.policy_versions(partner, checked(name, "policy")))
    if not found:
        raise NotFound(f"there is no policy {name!r}")
    current = shelf.policy_in_force(partner, name, now)
    listed = [{"version": o.version, "published_at": o.published_at, "starts_at": o.starts_at} for o in found]
    return {"name": name, "in_force": current.version if current else None, "versions": listed}


def _draft(partner: str, name: str, shelf: Shelf) -> dict[str, Any]:
    found = shelf.read_draft(partner, checked(name, "policy"))
    if found is None:
        raise NotFound(f"nothing is drafted of policy {name!r}; put a draft first")
    return found[1]


def _findings(partner: str, name: str, definition: object, shelf: Shelf) -> list[dict[str, str]]:
    policy = parse_policy(name, 1, definition, shelf.read_partner(partner).currency)
    return [{"place": one.place, "text": one.text} for one in review(policy)]
