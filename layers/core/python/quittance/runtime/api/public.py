"""Routes of the public pages: what a partner publishes, for people and, with Accept, for machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from quittance.adapters.formats import language
from quittance.adapters.pages import Contact, as_json, policy_page, render_page, support_page
from quittance.adapters.pages.content import Page
from quittance.domain.errors import NotFound, Rejected
from quittance.domain.partner import Partner
from quittance.domain.policy_parsing import parse_policy, policy_to_mapping
from quittance.runtime.clock import clock_from_env, parse_iso
from quittance.runtime.http import JSON_TYPE, Request, Response, Router
from quittance.store import partners

HTML_TYPE = "text/html; charset=utf-8"
# The pages carry their style in themselves and load nothing from anywhere.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "vary": "accept, accept-language",
}
_FRESH = "public, max-age=300"
_ABSENT = {
    "de": ("Nicht gefunden", "Hier ist nichts veröffentlicht."),
    "en": ("Not found", "Nothing is published."),
    "fr": ("Introuvable", "Rien n'est publié ici."),
}


def show_collections(request: Request) -> Response:
    """Show a partner's collections policy: the version in force, before the first has started the one to come."""
    partner = partners.read_partner(request.names["partner"])
    name = request.query.get("policy") or _first(partners.policy_names(partner.id))
    found = _shown(partner.id, name) if name else None
    if name is None or found is None:
        raise NotFound("no collections policy is published")
    normal = policy_to_mapping(parse_policy(name, found.version, found.definition, partner.currency))
    page = policy_page(
        normal,
        contact=_contact(partner),
        name=name,
        version=str(found.version),
        currency=partner.currency,
        timezone=partner.timezone,
        effective_from=_published_on(found.starts_at, partner),
    )
    return _answer(request, page, partner)


def _shown(partner: str, name: str) -> partners.PolicyVersion | None:
    in_force = partners.policy_in_force(partner, name, clock_from_env().now())
    return in_force or next(partners.policy_versions(partner, name), None)


def show_support(request: Request) -> Response:
    """Show a partner's support plan."""
    partner = partners.read_partner(request.names["partner"])
    name = request.query.get("plan") or _first(partners.support_plan_names(partner.id))
    if name is None:
        raise NotFound("no support plan is published")
    plan, published_at = partners.read_support_plan(partner.id, name, partner.currency)
    page = support_page(
        plan.definition,
        contact=_contact(partner),
        name=name,
        version=_published_on(published_at, partner).isoformat(),
        currency=partner.currency,
        effective_from=_published_on(published_at, partner),
        vehicles=tuple(entitlement.vehicle for entitlement in partner.entitlements),
    )
    return _answer(request, page, partner)


def _published_on(moment: str, partner: Partner) -> date:
    """Return the day on which something was published where the partner is."""
    return parse_iso(moment).astimezone(partner.zone).date()


def _first(names: list[str]) -> str | None:
    return min(names, default=None)


def _contact(partner: Partner) -> Contact:
    given: Mapping[str, Any] = partner.definition
    ways = {name: str(given.get(name) or "") for name in ("email", "phone", "website")}
    return Contact(name=partner.name, **ways)


def _answer(request: Request, page: Page, partner: Partner) -> Response:
    wanted = _language(request, partner.locale)
    headers = {**HEADERS, "cache-control": _FRESH, "content-language": wanted}
    if JSON_TYPE in request.headers.get("accept", ""):
        return Response(body=as_json(page, wanted), headers=headers)
    return Response(text=render_page(page, wanted), content_type=HTML_TYPE, headers=headers)


def _language(request: Request, fallback: str) -> str:
    """The language asked for in the address, else the browser's first, else the partner's."""
    asked = request.query.get("lang") or request.headers.get("accept-language", "").partition(",")[0]
    return language(asked[:35] if asked else fallback)


class PublicRouter(Router):
    """Answers people: what is not there, or not a name at all, is a page that says so and tells no more."""

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to an event."""
        try:
            return self._answer(event, str(event.get("rawPath", ""))).as_lambda()
        except (NotFound, Rejected):
            query = event.get("queryStringParameters") or {}
            headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
            return absent(str(query.get("lang") or headers.get("accept-language", ""))).as_lambda()


def absent(asked: str) -> Response:
    """Return the page that says that there is nothing, in the language asked for."""
    asked = asked[:35]
    wanted = language(asked) if asked else "en"
    title, text = (escape(part) for part in _ABSENT[wanted])
    page = (
        f'<!doctype html><html lang="{wanted}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>body{{font:1.1rem/1.5 system-ui;margin:15vh auto;max-width:30rem}}"
        f"</style></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    )
    headers = {**HEADERS, "cache-control": "public, max-age=60"}
    return Response(status=404, text=page, content_type=HTML_TYPE, headers=headers)
