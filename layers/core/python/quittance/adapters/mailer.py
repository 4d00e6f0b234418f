"""Notices by mail through SES: text and HTML in one message, with an identity that stays the same when sent again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from quittance.adapters.formats import language
from quittance.adapters.mail_events import HEADERS
from quittance.adapters.mails import (
    Mail,
    NextStep,
    NoticeContent,
    OpenInvoice,
    Payment,
    Sender,
    render_mail,
)
from quittance.adapters.pay_links import PayLinks
from quittance.domain import account
from quittance.domain.errors import Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.partner import Partner
from quittance.usecases.deliver_invoice import Parcel
from quittance.usecases.deliver_notice import Letter

if TYPE_CHECKING:  # alerts are seldom, and their figures load much
    from quittance.usecases.alert_payables import VendorWarning

# What SES answers when this very mail will never be taken; anything else is taken later.
_NEVER = frozenset({"MessageRejected", "BadRequestException", "NotFoundException"})


class SesMailer:
    """Sends letters from one address in the name of each partner."""

    def __init__(
        self,
        client: Any,
        *,
        sender: str,
        public_base: str = "",
        configuration: str = "",
        links: PayLinks | None = None,
    ) -> None:
        self._client = client
        self._links = links
        self._sender = sender
        self._public_base = public_base.rstrip("/")
        self._configuration = configuration

    def send(self, letter: Letter) -> None:
        """Send a letter; Transient while SES does not take mails, Rejected when it refuses this one."""
        mail = render_mail(self._content(letter))
        message = mime(letter.id, letter.partner, letter.profile.email, mail, sender=self._sender, at=letter.at)
        about = {
            "partner": letter.partner.id,
            "account": letter.profile.id,
            "notice": letter.about,
        }
        for name, header in HEADERS.items():
            message[header] = about[name]
        self._post(message)

    def send_parcel(self, parcel: Parcel, partner: Partner, content: bytes, at: datetime) -> None:
        """Send an issued document as an attachment; Transient and Rejected as for a letter."""
        url = self._pay_url(partner, parcel.profile.id, (parcel.invoice,)) if parcel.kind == "invoice_issued" else ""
        mail = render_mail(announcement(parcel, partner, policy_url=self._policy_url(partner), pay_url=url))
        name = f"{parcel.name}.{parcel.profile.id}.{parcel.partner}"
        message = mime(name, partner, parcel.profile.email, mail, sender=self._sender, at=at)
        message.add_attachment(content, maintype="application", subtype="pdf", filename=_filename(parcel))
        self._post(message)

    def send_warning(self, warning: VendorWarning) -> None:
        """Send the partner an alert; Transient and Rejected as for a letter."""
        from quittance.adapters.mails.vendor_alert import render_alert  # noqa: PLC0415  # seldom sent

        mail = render_alert(warning)
        owner = warning.partner
        self._post(mime(warning.id, owner, warning.email, mail, sender=self._sender, at=warning.at))

    def _post(self, message: EmailMessage) -> None:
        request: dict[str, Any] = {
            "FromEmailAddress": message["From"],
            "Destination": {"ToAddresses": [message["To"]]},
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
        owed = tuple(one.id for one, _ in letter.outlook.owed or letter.outlook.ahead)
        url = self._pay_url(letter.partner, letter.profile.id, owed)
        return content(letter, policy_url=self._policy_url(letter.partner), pay_url=url)

    def _pay_url(self, partner: Partner, account: str, invoices: tuple[str, ...]) -> str:
        """Return the payment page of one invoice; there is none for several."""
        return self._links.url(partner.id, account, invoices[0]) if self._links and len(invoices) == 1 else ""

    def _policy_url(self, partner: Partner) -> str:
        return f"{self._public_base}/public/{partner.id}/collections" if self._public_base else ""


def _filename(parcel: Parcel) -> str:
    return f"{parcel.number}-receipt.pdf" if parcel.receipt else f"{parcel.number}.pdf"


def content(letter: Letter, *, policy_url: str = "", pay_url: str = "") -> NoticeContent:
    """Return what a letter's mail says."""
    told = letter.outlook
    main, beside = (told.owed, told.ahead) if told.owed else (told.ahead, ())
    return NoticeContent(
        kind=letter.kind,
        locale=letter.profile.locale,
        tone=_tone(letter.partner, letter.profile.locale),
        sender=_sender(letter.partner),
        account_name=letter.profile.name,
        currency=letter.profile.currency,
        invoices=_open(main),
        ahead=_open(beside),
        fee=_fee(letter),
        interest=told.policy.interest(letter.profile.country) or None if told.owed else None,
        total=told.total.decimal,
        pay_by=told.pay_by,
        next_step=_next_step(letter),
        services=told.next_step.services if told.next_step else (),
        payment=_payment(letter.partner, main[0][0].number if len(main) == 1 else letter.profile.id, pay_url),
        policy_name=told.policy.ref.name,
        policy_url=policy_url,
    )


def _open(listed: Iterable[tuple[account.OpenInvoice, Money]]) -> tuple[OpenInvoice, ...]:
    return tuple(
        OpenInvoice(number=one.number, issued=one.issued, due=one.due, open_amount=amount.decimal)
        for one, amount in listed
    )


def _tone(partner: Partner, locale: str) -> Literal["formal", "friendly"]:
    """Return how the partner speaks in a language: formally, unless it has said otherwise."""
    friendly = partner.definition.get("tone", {}).get(language(locale)) == "friendly"
    return "friendly" if friendly else "formal"


def _fee(letter: Letter) -> Decimal | None:
    """Return what the notices cost together."""
    return sum((one.fee.decimal for one in letter.notices if one.fee), Decimal(0)) or None


def _next_step(letter: Letter) -> NextStep | None:
    step = letter.outlook.next_step
    if step is None:
        return None
    kind: Literal["reminder", "final", "suspend", "suspend_unpaid"] = "final" if step.notice == "final" else "reminder"
    if step.reach:
        kind = "suspend" if step.reach == "all" else "suspend_unpaid"
    return NextStep(kind=kind, at=step.at)


def announcement(parcel: Parcel, partner: Partner, *, policy_url: str = "", pay_url: str = "") -> NoticeContent:
    """Return what the mail with an issued document says."""
    document = OpenInvoice(number=parcel.number, issued=parcel.issued, due=parcel.due, open_amount=parcel.gross.decimal)
    return NoticeContent(
        kind=parcel.kind,
        locale=parcel.profile.locale,
        tone=_tone(partner, parcel.profile.locale),
        sender=_sender(partner),
        account_name=parcel.profile.name,
        currency=parcel.gross.currency,
        invoices=(document,),
        total=parcel.gross.decimal,
        pay_by=parcel.due,
        payment=_payment(partner, parcel.number, pay_url),
        policy_name=parcel.policy,
        policy_url=policy_url,
        attached=True,
    )


def _sender(partner: Partner) -> Sender:
    definition = partner.definition
    return Sender(
        name=partner.name,
        email=definition.get("email", ""),
        phone=definition.get("phone", ""),
        address=tuple(definition.get("address", ())),
    )


def _payment(partner: Partner, reference: str, url: str) -> Payment:
    bank = partner.definition.get("bank", {})
    return Payment(
        reference=reference,
        account_holder=bank.get("holder", ""),
        iban=bank.get("iban", ""),
        bic=bank.get("bic", ""),
        url=url,
    )


def mime(name: str, partner: Partner, to: str, mail: Mail, *, sender: str, at: datetime) -> EmailMessage:
    """Return the message: answers go to the partner, machines are told that nobody types these.

    `name` is the mail's identity: the same however often it is sent.
    """
    message = EmailMessage()
    mailbox, _, domain = sender.partition("@")
    message["From"] = Address(partner.name, mailbox, domain)
    message["To"] = to
    if reply := partner.definition.get("email"):
        message["Reply-To"] = reply
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{name}@{domain}>"
    message["X-Quittance-Notice"] = name
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
