"""Sends notices, documents and receipts by mail and records when; a final notice's full days count from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from quittance.adapters.mail_events import as_messages
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.runtime.mailing import mailer
from quittance.store.accounts import AccountStore
from quittance.store.notices import NoticeStore
from quittance.store.partners import read_partner
from quittance.store.policies import PolicyStore
from quittance.usecases.deliver_notice import deliver_notice
from quittance.usecases.messages import (
    AlertPayable,
    DeliverInvoice,
    DeliverNotice,
    DeliverReceipt,
    MailTold,
    Message,
)


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Deliver the notices of a batch."""
    return run_batch(as_messages(event), _WORK)


def _deliver(message: DeliverNotice) -> None:
    outcome = deliver_notice(
        message,
        notices=NoticeStore(),
        accounts=_accounts(),
        partners=read_partner,
        mailer=mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Notices{outcome.capitalize()}", "Count", 1)
    note("notice", notice=message.notice, outcome=outcome)


def _deliver_invoice(message: DeliverInvoice) -> None:
    from quittance.adapters.objects import S3Objects  # noqa: PLC0415  # seldom: whoever prints a document sends it
    from quittance.store.mailing import DocumentPost  # noqa: PLC0415  # as above
    from quittance.usecases.deliver_invoice import deliver_invoice  # noqa: PLC0415  # as above

    outcome = deliver_invoice(
        message,
        documents=DocumentPost(),
        files=S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"]),
        partners=read_partner,
        mailer=mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Documents{outcome.capitalize()}", "Count", 1)
    note("document", account=message.account, invoice=message.invoice, outcome=outcome)


def _deliver_receipt(message: DeliverReceipt) -> None:
    from quittance.adapters.objects import S3Objects  # noqa: PLC0415  # as above
    from quittance.store.mailing import ReceiptPost  # noqa: PLC0415  # as above
    from quittance.usecases.deliver_invoice import deliver_receipt  # noqa: PLC0415  # as above

    outcome = deliver_receipt(
        message,
        receipts=ReceiptPost(),
        files=S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"]),
        partners=read_partner,
        mailer=mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Receipts{outcome.capitalize()}", "Count", 1)
    note("receipt", receipt=message.receipt, outcome=outcome)


def _note(message: MailTold) -> None:
    from quittance.usecases.note_mail import note_mail  # noqa: PLC0415  # seldom: start-up is for notices and documents

    noted = note_mail(message, notices=NoticeStore(), accounts=_accounts(), now=compose.clock().now())
    metrics.add_metric(f"Mails{message.event.capitalize() or 'Others'}", "Count", 1)
    note("mail event", notice=message.notice, event=message.event, outcome=noted)


def _alert(message: AlertPayable) -> None:
    from quittance.store import receivables, vendor_debts  # noqa: PLC0415  # as above
    from quittance.usecases.alert_payables import send_alert  # noqa: PLC0415  # as above

    sent = send_alert(
        message,
        debts=vendor_debts,
        receivables=receivables,
        partners=read_partner,
        mailer=mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric("VendorAlertsSent", "Count", 1 if sent else 0)
    note("vendor alert", invoice=message.vendor_invoice, number=message.number, sent=sent)


_WORK: dict[type[Message], Callable[[Any], None]] = {
    DeliverNotice: _deliver,
    DeliverInvoice: _deliver_invoice,
    DeliverReceipt: _deliver_receipt,
    AlertPayable: _alert,
    MailTold: _note,
}


@cache
def _accounts() -> AccountStore:
    return AccountStore(PolicyStore())
