"""The shape of a language's words: mypy and the constructor hold that no language lacks one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every text of the documents; names in braces are filled by `view`, with texts that stay inert."""

    invoice: str
    credit_note: str
    page: str
    of: str
    number: dict[str, str]
    issued: str
    due: str
    period: str
    customer_number: str
    your_vat_id: str
    order_reference: str
    corrects: str
    intro_period: dict[str, str]
    intro: dict[str, str]
    headings: tuple[str, str, str, str, str, str]
    vat_headings: tuple[str, str, str]
    category: dict[str, str]
    net_total: str
    vat_line: str
    total: str
    already_paid: str
    amount_due: str
    notes: dict[str, str]
    payment: str
    pay_amount: str
    pay_until: str
    account_holder: str
    reference: str
    qr_caption: str
    pay_online: str
    qr_alt: str
    please_pay: str
    please_pay_now: str
    nothing_due: str
    credited: str
    policy: str
    vat_id: str
    tax_number: str
