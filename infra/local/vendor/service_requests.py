"""Tickets at the vendor: read, add a note, change the status; never created here, and only for app+user tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from infra.local.vendor.faults import VendorFault
from infra.local.vendor.model import ServiceRequest, State
from infra.local.vendor.render import collection, service_request_body, service_request_row, stamp
from infra.local.vendor.wire import Request, Response, json_response

_UNCHANGED = ("none", None)
_STATUSES = ("open", "closed", "attention_needed")


class ServiceRequests:
    """Serves what lies under /v1/servicerequests."""

    def __init__(self, state: State) -> None:
        self._state = state

    def listed(self, tenant: str, customer: str | None) -> Response:
        """Answer GET of the collection, of one customer or of the partner."""
        mine = [r for r in self._state.service_requests.values() if r.tenant == tenant]
        rows = [service_request_row(r) for r in mine if customer in (None, r.customer)]
        return json_response(200, collection(rows))

    def shown(self, tenant: str, name: str) -> Response:
        """Answer GET of one."""
        return json_response(200, service_request_body(self._find(tenant, name)))

    def patched(self, tenant: str, name: str, request: Request, now: datetime) -> Response:
        """Answer PATCH: a note, a status, or both; nothing else of a service request can change."""
        found = self._find(tenant, name)
        wanted = {key[:1].lower() + key[1:]: value for key, value in request.json().items()}
        notes = [_note(note, now)] if (note := wanted.get("newNote")) is not None else []
        if (status := wanted.get("status")) not in _UNCHANGED:
            self._change_status(found, status, now)
        found.notes.extend(notes)
        found.modified = now
        return json_response(200, service_request_body(found))

    def _find(self, tenant: str, name: str) -> ServiceRequest:
        found = self._state.service_requests.get(name)
        if found is None or found.tenant != tenant:
            raise VendorFault("1000", f"service request {name}")
        return found

    @staticmethod
    def _change_status(found: ServiceRequest, status: Any, now: datetime) -> None:
        if status not in _STATUSES:
            raise VendorFault("3000", f"status must be one of {', '.join(_STATUSES)}")
        found.status = status
        found.closed = now if status == "closed" else None


def _note(note: Any, now: datetime) -> dict[str, str]:
    text = {key.lower(): value for key, value in note.items()}.get("text") if isinstance(note, dict) else None
    if not isinstance(text, str) or not text:
        raise VendorFault("3000", "newNote.text is missing")
    return {"createdByName": "Partner", "createdDate": stamp(now).removesuffix("Z"), "text": text}
