"""Notices by mail through SES: text and HTML in one message, with an identity that stays the same when sent again."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from quittance.adapters.mails import (
    Mail,
    NextStep,
    NoticeContent,
    OpenInvoice,
    Payment,
    Sender,
    render_mail,
)
from quittance.domain.errors import Rejected, Transient
from quittance.usecases.deliver_notice import Letter

# What SES answers when this very mail will never be taken; anything else is taken later.
_NEVER = frozenset({"MessageRejected", "BadRequestException", "NotFoundException"})


class SesMailer:
    """Sends letters from one address in the name of each partner."""

    def __init__(self, client: Any, *, sender: str, public_base: str = "", configuration: str = "") -> None:
        self._client = client
        self._sender = sender
        self._public_base = public_base.rstrip("/")
        self._configuration = configuration

    def send(self, letter: Letter) -> None:
        """Send a letter; Transient while SES does not take mails, Rejected when it refuses this one."""
        message = mime(letter, render_mail(self._content(letter)), self._sender)
        request: dict[str, Any] = {
            "FromEmailAddress": message["From"],
            "Destination": {"ToAddresses": [letter.profile.email]},
            "Content": {"Raw": {"Data": message.as_bytes(policy=SMTP)}},
        }
        if self._configuration:
            request["ConfigurationSetName"] = self._configuration
        try:
            self._client.send_email(**request)
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code", "")
            if code in _NEVER:
                raise Rejected(f"mail refused: {code}; check the account's e-mail address", code=code) from problem
            raise Transient(f"mail not taken: {code}", code=code) from problem
        except BotoCoreError as problem:
            raise Transient(f"mail not reached: {type(problem).__name__}") from problem

    def _content(self, letter: Letter) -> NoticeContent:
        url = f"{self._public_base}/public/{letter.partner.id}/collections" if self._public_base else ""
        return content(letter, policy_url=url)


def content(letter: Letter, *, policy_url: str = "") -> NoticeContent:
    """Return what a letter's mail says."""
    told, definition = letter.outlook, letter.partner.definition
    return NoticeContent(
        kind=letter.notice.kind,
        locale=letter.profile.locale,
        sender=Sender(
            name=letter.partner.name,
            email=definition.get("email", ""),
            phone=definition.get("phone", ""),
            address=tuple(definition.get("address", ())),
        ),
        account_name=letter.profile.name,
        currency=letter.profile.currency,
        invoices=tuple(
            OpenInvoice(number=one.number, issued=one.issued, due=one.due, open_amount=amount.decimal)
            for one, amount in told.owed
        ),
        total=told.total.decimal,
        pay_by=told.pay_by,
        next_step=_next_step(letter),
        services=told.next_step.services if told.next_step else (),
        payment=_payment(letter),
        policy_name=told.policy.ref.name,
        policy_url=policy_url,
    )


def _next_step(letter: Letter) -> NextStep | None:
    step = letter.outlook.next_step
    if step is None:
        return None
    kind: Literal["reminder", "final", "suspend", "suspend_unpaid"] = "final" if step.notice == "final" else "reminder"
    if step.reach:
        kind = "suspend" if step.reach == "all" else "suspend_unpaid"
    return NextStep(kind=kind, at=step.at)


def _payment(letter: Letter) -> Payment:
    bank = letter.partner.definition.get("bank", {})
    return Payment(
        reference=letter.outlook.owed[0][0].number if len(letter.outlook.owed) == 1 else letter.profile.id,
        account_holder=bank.get("holder", ""),
        iban=bank.get("iban", ""),
        bic=bank.get("bic", ""),
    )


def mime(letter: Letter, mail: Mail, sender: str) -> EmailMessage:
    """Return the message: answers go to the partner, machines are told that nobody types these."""
    message = EmailMessage()
    mailbox, _, domain = sender.partition("@")
    message["From"] = Address(letter.partner.name, mailbox, domain)
    message["To"] = letter.profile.email
    if reply := letter.partner.definition.get("email"):
        message["Reply-To"] = reply
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    message["X-Quittance-Notice"] = letter.id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
