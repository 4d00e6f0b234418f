"""Reads the mails that the stack has sent, as their recipients would."""

import base64
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any


@dataclass(frozen=True)
class Mail:
    """One mail; `sent_at` is the stack's time (ISO 8601, UTC), `raw` what a mail program would open."""

    id: str
    sent_at: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail parsed, with its attachments."""
        return BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(self.raw)


def read(sent: dict[str, Any]) -> Mail:
    """Return a mail from what SES was asked to send, simple or raw."""
    content = sent["Content"]
    raw = base64.b64decode(content["Raw"]["Data"]) if "Raw" in content else _written(sent, content["Simple"])
    message = BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(raw)
    return Mail(
        id=sent["id"],
        sent_at=sent["sent_at"],
        sender=sent.get("FromEmailAddress") or str(message["From"]),
        to=tuple(sent.get("Destination", {}).get("ToAddresses", ())) or _addresses(message),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        raw=raw,
    )


def _written(sent: dict[str, Any], simple: dict[str, Any]) -> bytes:
    """Write the message that SES makes of a simple request."""
    message = EmailMessage()
    message["From"] = sent.get("FromEmailAddress", "")
    message["To"] = ", ".join(sent.get("Destination", {}).get("ToAddresses", ()))
    message["Subject"] = simple["Subject"]["Data"]
    body = simple["Body"]
    message.set_content(body.get("Text", {}).get("Data", ""))
    if "Html" in body:
        message.add_alternative(body["Html"]["Data"], subtype="html")
    for file in simple.get("Attachments", ()):
        kind, _, subtype = file.get("ContentType", "application/octet-stream").partition("/")
        message.add_attachment(
            base64.b64decode(file["RawContent"]), maintype=kind, subtype=subtype, filename=file["FileName"]
        )
    return message.as_bytes()


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _addresses(message: EmailMessage) -> tuple[str, ...]:
    return tuple(address.strip() for address in str(message["To"] or "").split(",") if address.strip())
