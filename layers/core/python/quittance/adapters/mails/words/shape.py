"""The shape of a language's mail words; the constructor holds that no language lacks one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Tone(NamedTuple):
    """How a mail greets, with and without a name, and takes its leave."""

    greeting: str
    greeting_named: str
    regards: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWords:
    """Every text of the mails.

    Names in braces are filled with finished texts: total, account, sender, number, issued, due, pay_by, next_at,
    services, days. Keys of `subjects` and `leads` are the kinds of notice, of `otherwise` the kinds of next step,
    of `tones` formal and friendly.
    """

    tones: dict[str, Tone]
    subjects: dict[str, str]
    leads: dict[str, tuple[str, ...]]
    due_on: str
    due_now: str
    attached: str
    headings: tuple[str, str, str, str]
    total_row: str
    owed_title: str
    owed: str
    deadline_title: str
    deadline: str
    deadline_now: str
    otherwise_title: str
    otherwise: dict[str, str]
    costs_title: str
    fee: str
    interest: str
    costs_billed: str
    ahead_title: str
    ahead: str
    all_services: str
    data_title: str
    data: str
    data_now: str
    back_title: str
    back: str
    pay_title: str
    pay_transfer: str
    pay_url: str
    reference_hint: str
    account_holder: str
    reference: str
    amount: str
    call_title: str
    call_phone: str
    call_email: str
    call_both: str
    call_reply: str
    policy: str
