"""Notices as mails a person can read: one content, the same words as text and as HTML, in the reader's language."""

from quittance.adapters.mails.compose import render_mail
from quittance.adapters.mails.content import Mail, NextStep, NoticeContent, OpenInvoice, Payment, Sender

__all__ = ["Mail", "NextStep", "NoticeContent", "OpenInvoice", "Payment", "Sender", "render_mail"]
