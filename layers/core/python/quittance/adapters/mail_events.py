"""What SES tells of a mail by EventBridge: delivered, bounced or complained about; the mail's headers say which it was.

Detail types "Email Delivered", "Email Bounced" and "Email Complaint Received" of source aws.ses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from quittance.usecases.messages import MailTold

HEADERS = {"partner": "X-Quittance-Partner", "account": "X-Quittance-Account", "notice": "X-Quittance-About"}
_EVENTS = {"Delivery": "delivered", "Bounce": "bounced", "Complaint": "complained"}


def as_messages(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the batch with SES's events in the form of our own messages; others as they are."""
    return {**event, "Records": [{**record, "body": _message(record["body"])} for record in event["Records"]]}


def _message(body: str) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return body
    if not isinstance(told, dict) or told.get("source") != "aws.ses":
        return body
    try:
        return _read(told["detail"]).to_json()
    except (KeyError, TypeError, AttributeError):
        return body


def _read(detail: Mapping[str, Any]) -> MailTold:
    """Read an event; a mail that is about no notice leaves its names empty, and nothing follows from it."""
    headers = {str(one["name"]).lower(): str(one["value"]) for one in detail["mail"].get("headers", ())}
    names = {name: headers.get(header.lower(), "") for name, header in HEADERS.items()}
    event = _EVENTS.get(str(detail["eventType"]), "")
    return MailTold(event=event, recipient=str(detail["mail"]["destination"][0]), **names)
