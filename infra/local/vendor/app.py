"""The stand-in without its sockets: a request goes in, an answer comes out, under one lock."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from infra.local.vendor.billing import find_invoice, invoice_body, invoices_page, lines_page
from infra.local.vendor.clock import VendorClock
from infra.local.vendor.disturbance import Disturbance, MinuteLimit, throttled, unavailable
from infra.local.vendor.faults import SignInError, VendorFault
from infra.local.vendor.identity import Identity, Session, sign_in_body
from infra.local.vendor.journal import Journal
from infra.local.vendor.model import Customer, State
from infra.local.vendor.render import collection, customer_body, stamp
from infra.local.vendor.seeding import seed
from infra.local.vendor.service_requests import ServiceRequests
from infra.local.vendor.subscriptions import Subscriptions
from infra.local.vendor.wire import Request, Response, json_response

_TOKEN_PATH = re.compile(r"/([^/]+)/oauth2/token")
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


class VendorApp:
    """Partner Center's API over a State; `control` may be put beside it by the server."""

    def __init__(self, clock: VendorClock, state: State | None = None) -> None:
        self.clock = clock
        self.state = state or State()
        self.journal = Journal()
        self.identity = Identity(self.state)
        self.subscriptions = Subscriptions(self.state)
        self.service_requests = ServiceRequests(self.state)
        self.disturbance: Disturbance | None = None
        self.lock = threading.RLock()
        self._limit = MinuteLimit()
        self._answers: dict[tuple[str, str, str, str], tuple[str, Response]] = {}

    def seed(self, data: Mapping[str, Any]) -> None:
        """Add to the state (see seeding.seed); a subscription put in anew has no past that answers could repeat."""
        seed(self.state, data, self.clock.now())
        for customer in data.get("customers", ()):
            past = f"/v1/customers/{customer.get('id')}/".lower()
            self._answers = {key: kept for key, kept in self._answers.items() if not key[2].lower().startswith(past)}

    def handle(self, request: Request) -> Response:
        """Answer one request and write it down."""
        with self.lock:
            now = self.clock.now()
            facts: dict[str, Any] = {"tenant": None, "code": None, "replayed": False}
            response = self._answer(request, now, facts)
            self.journal.add(request, response, stamp(now), **facts)
        response.headers["MS-RequestId"] = request.headers.get("ms-requestid") or str(uuid.uuid4())
        response.headers["MS-CorrelationId"] = request.headers.get("ms-correlationid") or str(uuid.uuid4())
        return response

    def _answer(self, request: Request, now: datetime, facts: dict[str, Any]) -> Response:
        fault = self.disturbance if self.disturbance and self.disturbance.strikes(request.path, now) else None
        if fault and fault.mode == "down":
            return unavailable()
        if fault and fault.mode == "throttled":
            return throttled(int(fault.seconds))
        try:
            response = self._serve(request, now, facts, fault)
        except VendorFault as refused:
            facts["code"] = refused.code
            response = json_response(refused.http, refused.body())
        except SignInError as refused:
            response = json_response(refused.http, sign_in_body(refused, now, str(uuid.uuid4())))
        if fault:
            response.delay = fault.seconds if fault.mode == "slow" else 0
            response.lost = fault.mode == "lost"
        return response

    def _serve(self, request: Request, now: datetime, facts: dict[str, Any], fault: Disturbance | None) -> Response:
        if (match := _TOKEN_PATH.fullmatch(request.path)) and request.method == "POST":
            facts["tenant"] = match[1]
            return json_response(200, self.identity.token(match[1], request.form(), now), Cache_Control="no-store")
        session = self.identity.session(request.headers.get("authorization"), now)
        facts["tenant"] = session.tenant
        if seconds := self._limit.wait(session.tenant, self.state.limits.requests_per_minute, now):
            return throttled(seconds)
        later = timedelta(seconds=fault.seconds) if fault and fault.mode == "async" else None
        return self._once(request, session, facts, lambda: self._route(request, session, now, later))

    def _once(
        self, request: Request, session: Session, facts: dict[str, Any], serve: Callable[[], Response]
    ) -> Response:
        """Answer a repeated write with its first answer; refusals are not remembered, so a later try may pass."""
        request_id = request.headers.get("ms-requestid")
        if request.method not in _WRITES or not request_id:
            return serve()
        _check_request_id(request_id)
        key = (session.tenant, request.method, request.path, request_id.lower())
        digest = hashlib.sha256(request.body).hexdigest()
        if key in self._answers:
            seen, answer = self._answers[key]
            if seen != digest:
                raise VendorFault("800002", "MS-RequestId was used with another body")
            facts["replayed"] = True
            return Response(answer.status, answer.body, dict(answer.headers))
        answer = serve()
        self._answers[key] = (digest, answer)
        return Response(answer.status, answer.body, dict(answer.headers))

    def _route(self, request: Request, session: Session, now: datetime, later: timedelta | None) -> Response:
        parts = request.path.strip("/").split("/")
        match request.method, parts:
            case "GET", ["v1", "customers"]:
                mine = [c for c in self.state.customers.values() if c.tenant == session.tenant]
                return json_response(200, collection([customer_body(c) for c in mine]))
            case "GET", ["v1", "customers", customer]:
                return json_response(200, customer_body(self._customer(customer, session)))
            case _, ["v1", "customers", customer, "subscriptions", *rest]:
                return self._subscription(request, self._customer(customer, session).id, rest, now, later)
            case "GET", ["v1", "customers", customer, "servicerequests"]:
                _check_user(session)
                return self.service_requests.listed(session.tenant, self._customer(customer, session).id)
            case _, ["v1", "servicerequests", *rest]:
                return self._service_request(request, session, rest, now)
            case "GET", ["v1", "invoices", *rest]:
                return self._invoice(request, session, rest)
            case _:
                raise VendorFault("1000", request.path)

    def _customer(self, name: str, session: Session) -> Customer:
        customer = self.state.customers.get(name.lower())
        if customer is None or customer.tenant != session.tenant:
            raise VendorFault("20002", session.tenant, name)
        return customer

    def _subscription(
        self, request: Request, customer: str, rest: list[str], now: datetime, later: timedelta | None
    ) -> Response:
        match request.method, rest:
            case "GET", []:
                return self.subscriptions.listed(customer, now)
            case "GET", [name]:
                return self.subscriptions.shown(customer, name, now)
            case "PATCH", [name]:
                return self.subscriptions.patched(customer, name, request, now, later)
            case "GET", [name, "azureEntitlements"]:
                return self.subscriptions.entitlements(customer, name, now)
            case "POST", [name, "azureEntitlements", entitlement, "cancel"]:
                return self.subscriptions.cancelled(customer, name, entitlement, request, now)
            case "POST", [name, "azureEntitlements", entitlement, "reactivate"]:
                return self.subscriptions.reactivated(customer, name, entitlement, now)
            case _:
                raise VendorFault("1000", request.path)

    def _service_request(self, request: Request, session: Session, rest: list[str], now: datetime) -> Response:
        _check_user(session)
        if self.state.partners[session.tenant].cloud == "china":
            raise VendorFault("1000", request.path)
        match request.method, rest:
            case "GET", []:
                return self.service_requests.listed(session.tenant, None)
            case "GET", [name]:
                return self.service_requests.shown(session.tenant, name)
            case "PATCH", [name]:
                return self.service_requests.patched(session.tenant, name, request, now)
            case _:  # creation by POST went away in 2020
                raise VendorFault("1000", request.path)

    def _invoice(self, request: Request, session: Session, rest: list[str]) -> Response:
        match rest:
            case []:
                return json_response(200, invoices_page(self.state, session.tenant, request.query))
            case [name]:
                return json_response(200, invoice_body(self.state, find_invoice(self.state, session.tenant, name)))
            case [name, "lineitems"]:
                query = request.query
            case [name, "lineitems", provider, kind]:
                query = {"provider": provider, "invoicelineitemtype": kind} | request.query
            case _:
                raise VendorFault("1000", request.path)
        invoice = find_invoice(self.state, session.tenant, name)
        return json_response(200, lines_page(invoice, query, request.headers.get("ms-continuationtoken")))


def _check_user(session: Session) -> None:
    if not session.user:
        raise VendorFault("900329")


def _check_request_id(text: str) -> None:
    try:
        uuid.UUID(text)
    except ValueError as problem:
        raise VendorFault("800002", "MS-RequestId must be a GUID") from problem
