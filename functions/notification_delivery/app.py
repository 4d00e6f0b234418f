"""Sends notices, documents and receipts by mail and records when; a final notice's full days count from there."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from quittance.adapters.mailer import SesMailer
from quittance.adapters.objects import S3Objects
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.links import pay_links
from quittance.runtime.log import logger, metrics
from quittance.store.accounts import AccountStore
from quittance.store.mailing import DocumentPost, ReceiptPost
from quittance.store.notices import NoticeStore
from quittance.store.partners import read_partner
from quittance.store.policies import PolicyStore
from quittance.usecases.deliver_invoice import deliver_invoice, deliver_receipt
from quittance.usecases.deliver_notice import deliver_notice
from quittance.usecases.messages import DeliverInvoice, DeliverNotice, DeliverReceipt


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Deliver the notices of a batch."""
    return run_batch(
        event, {DeliverNotice: _deliver, DeliverInvoice: _deliver_invoice, DeliverReceipt: _deliver_receipt}
    )


def _deliver(message: DeliverNotice) -> None:
    outcome = deliver_notice(
        message,
        notices=NoticeStore(),
        accounts=_accounts(),
        partners=read_partner,
        mailer=_mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Notices{outcome.capitalize()}", "Count", 1)
    logger.info("notice", extra={"notice": message.notice, "outcome": outcome})


def _deliver_invoice(message: DeliverInvoice) -> None:
    outcome = deliver_invoice(
        message,
        documents=DocumentPost(),
        files=S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"]),
        partners=read_partner,
        mailer=_mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Documents{outcome.capitalize()}", "Count", 1)
    logger.info("document", extra={"invoice": message.invoice, "outcome": outcome})


def _deliver_receipt(message: DeliverReceipt) -> None:
    outcome = deliver_receipt(
        message,
        receipts=ReceiptPost(),
        files=S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"]),
        partners=read_partner,
        mailer=_mailer(),
        now=compose.clock().now(),
    )
    metrics.add_metric(f"Receipts{outcome.capitalize()}", "Count", 1)
    logger.info("receipt", extra={"receipt": message.receipt, "outcome": outcome})


@cache
def _accounts() -> AccountStore:
    return AccountStore(PolicyStore())


@cache
def _mailer() -> SesMailer:
    return SesMailer(
        compose.client("sesv2"),
        sender=os.environ["MAIL_FROM"],
        public_base=os.environ.get("PUBLIC_BASE_URL", ""),
        configuration=os.environ.get("MAIL_CONFIGURATION", ""),
        links=pay_links(),
    )
