"""Routes of the bank: statements in, the lines that wait for a person, and what the person decides."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from quittance.adapters.files import S3Files
from quittance.adapters.objects import S3Objects
from quittance.domain.bank import digest
from quittance.domain.errors import NotFound
from quittance.domain.money import Money
from quittance.domain.names import checked
from quittance.runtime import compose
from quittance.runtime.clock import iso
from quittance.runtime.http import JSON_TYPE, Request, Response
from quittance.runtime.problems import Malformed
from quittance.store import bank
from quittance.usecases import exchange
from quittance.usecases.bank_records import LineRecord, StatementRecord
from quittance.usecases.decide_line import decide_line, parse_decision

_KINDS = {"application/xml": "xml", "text/xml": "xml", "text/plain": "sta", "application/octet-stream": "dat"}


def take_statement(request: Request) -> Response:
    """Take a statement in the body, or tell where a larger one can be put."""
    kind = request.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()
    client = compose.client("s3")
    bucket = os.environ["IMPORTS_BUCKET"]
    if kind == JSON_TYPE:
        ordered = exchange.order_statement(request.partner, request.json(), files=S3Files(client, bucket))
        return Response(status=201, body=ordered)
    if kind not in _KINDS:
        raise Malformed(f"content-type: {kind!r} is no statement's; send one of {', '.join(_KINDS)}")
    if not request.content:
        raise Malformed("body: empty; send the statement, or JSON that names the file to be put")
    name = request.idempotency_key or f"{digest(request.content.hex())}.{_KINDS[kind]}"
    place = f"{request.partner}/{exchange.STATEMENTS}/{name}"
    S3Objects(client, bucket).put(place, request.content, kind)
    headers = {"location": f"/v1/bank-statements/{name}"}
    return Response(status=202, body={"statement": name}, headers=headers)


def list_statements(request: Request) -> Response:
    """List the statements that were read or refused."""
    return Response(body={"statements": [_statement(record) for record in bank.statements(request.partner)]})


def get_statement(request: Request) -> Response:
    """Show what became of a statement."""
    name = request.names["statement"]
    found = bank.statements(request.partner, name)
    if not found:
        raise NotFound(f"nothing is known of statement {name!r}; it is read a moment after its upload")
    return Response(body=_statement(found[0]))


def _statement(record: StatementRecord) -> dict[str, Any]:
    told = {"statement": record.name, "state": record.state, "sha256": record.sha256, "read_at": iso(record.read_at)}
    return {**told, **record.body}


def list_lines(request: Request) -> Response:
    """List the bank lines that wait for a person, with proposals."""
    after = request.query.get("after")
    if after is not None:
        checked(after, "after")
    found, following = bank.waiting(request.partner, after=after, limit=request.limit())
    return Response(body={"lines": [_line(record) for record in found], "next": following})


def get_line(request: Request) -> Response:
    """Show a bank line."""
    name = request.names["line"]
    own, _, line = name.rpartition(".")
    record = bank.line(request.partner, own, line) if own and line else None
    if record is None:
        raise NotFound(f"there is no bank line {name!r}")
    return Response(body=_line(record))


def decide(request: Request) -> Response:
    """Place a waiting line, or set it aside."""
    decision = parse_decision(request.json())
    now = compose.clock().now()
    record = decide_line(request.partner, request.names["line"], decision, by=request.role, now=now, book=bank)
    return Response(body=_line(record))


def _line(record: LineRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "bank_account": record.bank,
        "state": record.state,
        "kind": record.kind,
        "amount": str(Money(record.amount, record.currency)),
        "currency": record.currency,
        "payment": record.payment_id,
        "movement": record.movement_id,
        "account": record.account,
        "invoice": record.invoice,
        **({"parts": [_part(part, record.currency) for part in record.parts]} if record.parts else {}),
        **record.body,
    }


def _part(part: Mapping[str, Any], currency: str) -> dict[str, Any]:
    amount = str(Money(int(part["amount"]), currency))
    return {"account": part["account"], "invoice": part["invoice"], "amount": amount, "payment": part["payment_id"]}
