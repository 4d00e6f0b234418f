"""SES's mailbox simulator: addresses that bounce or complain, and the events that SES tells of such mails.

The addresses are those of AWS (SES developer guide, "Using the mailbox simulator"); locally the embedded stack and the
simulator act as they do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

OUTCOMES: Mapping[str, str] = {
    "bounce@simulator.amazonses.com": "Bounce",
    "complaint@simulator.amazonses.com": "Complaint",
    "success@simulator.amazonses.com": "Delivery",
}
_TITLES = {
    "Bounce": "Email Bounced",
    "Complaint": "Email Complaint Received",
    "Delivery": "Email Delivered",
}


def event(recipient: str, headers: Mapping[str, str]) -> str | None:
    """Return the event of a mail, as EventBridge hands it to a queue; None for an address outside the simulator."""
    outcome = OUTCOMES.get(recipient.lower())
    if outcome is None:
        return None
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    detail = {"eventType": outcome, "mail": {"destination": [recipient], "headers": listed}}
    return json.dumps({"source": "aws.ses", "detail-type": _TITLES[outcome], "detail": detail})
