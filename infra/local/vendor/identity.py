"""The token endpoint and the bearer check."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.local.vendor.faults import SignInError, VendorFault
from infra.local.vendor.model import Partner, State

AUDIENCES = ("https://api.partnercenter.microsoft.com", "https://partner.partnercenterapi.microsoftonline.cn")
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Session:
    """What a token stands for."""

    tenant: str
    user: bool
    audience: str
    ends: datetime


class Identity:
    """Issues opaque tokens and knows them again; nothing of a token or secret is ever shown."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._sessions: dict[str, Session] = {}

    def token(self, tenant: str, form: dict[str, str], now: datetime) -> dict[str, Any]:
        """Return a token answer; times are text, as the directory sends them."""
        partner = self._partner(tenant, form)
        grant = form.get("grant_type", "")
        match grant:
            case "client_credentials":
                user = False
            case "refresh_token":
                user = self._check_refresh(partner, form)
            case _:
                raise SignInError(400, "unsupported_grant_type", 70003, f"The grant type {grant!r} is not supported")
        return self._issue(Session(tenant, user, _resource(form), now + self._lifetime()), now)

    def session(self, authorization: str | None, now: datetime) -> Session:
        """Return the session of a bearer header; VendorFault 401 for a missing, unknown or outlived one."""
        scheme, _, token = (authorization or "").partition(" ")
        session = self._sessions.get(token) if scheme.lower() == "bearer" else None
        if session is None or session.ends < now:
            raise VendorFault("400")
        if session.audience.rstrip("/").lower() not in AUDIENCES:
            raise VendorFault("900420")
        return session

    def forget_all(self) -> None:
        """Make every token unknown, as a change of signing keys would."""
        self._sessions.clear()

    def _lifetime(self) -> timedelta:
        return timedelta(seconds=self._state.limits.token_seconds)

    def _partner(self, tenant: str, form: dict[str, str]) -> Partner:
        partner = self._state.partners.get(tenant)
        if partner is None:
            raise SignInError(400, "invalid_request", 90002, f"Tenant {tenant!r} is not found")
        if form.get("client_id") != partner.client_id:
            raise SignInError(400, "unauthorized_client", 700016, "The application is not found in the directory")
        if not secrets.compare_digest(form.get("client_secret", "").encode(), partner.client_secret.encode()):
            raise SignInError(401, "invalid_client", 7000215, "Invalid client secret provided")
        return partner

    @staticmethod
    def _check_refresh(partner: Partner, form: dict[str, str]) -> bool:
        if not partner.refresh_token or form.get("refresh_token") != partner.refresh_token:
            raise SignInError(400, "invalid_grant", 70000, "The refresh token is not valid")
        return True

    def _issue(self, session: Session, now: datetime) -> dict[str, Any]:
        token = secrets.token_urlsafe(24)
        self._sessions[token] = session
        lifetime = str(self._state.limits.token_seconds)
        answer = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "expires_on": str(int(session.ends.timestamp())),
            "not_before": str(int((now - _CLOCK_SKEW).timestamp())),
            "resource": session.audience,
            "access_token": token,
        }
        return answer | ({"scope": "user_impersonation", "id_token": "stand-in"} if session.user else {})


def _resource(form: dict[str, str]) -> str:
    if not (resource := form.get("resource")):
        raise SignInError(400, "invalid_resource", 500011, "The resource parameter is missing")
    return resource


def sign_in_body(error: SignInError, now: datetime, trace: str) -> dict[str, Any]:
    """Return the directory's error shape."""
    return {
        "error": error.error,
        "error_description": f"{error}\r\nTrace ID: {trace}",
        "error_codes": [error.aadsts],
        "timestamp": now.strftime("%Y-%m-%d %H:%M:%SZ"),
        "trace_id": trace,
        "correlation_id": trace,
    }
