"""All items of the single table, in one module: PynamoDB silently drops kinds it has not imported.

Amounts are integer minor units of the item's currency. Moments are ISO 8601 UTC text with `Z`, dates are ISO dates:
both sort as text and read well in a console. Whatever is never touched by an expression lives in a JSON attribute,
packed where it is long.
"""

from __future__ import annotations

import os
from typing import Any

from pynamodb.attributes import (
    DiscriminatorAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.connection import TableConnection
from pynamodb.models import Model

from quittance.store.packed import PackedJSON


class Item(Model):
    """What every item has: its key, its kind, and, where it needs attention, when."""

    class Meta:
        """The table; its name comes from the environment, its place from the SDK's own settings."""

        table_name = os.environ.get("TABLE_NAME", "Quittance")
        region = os.environ.get("AWS_REGION", "eu-central-1")
        connect_timeout_seconds = 2
        read_timeout_seconds = 5
        max_retry_attempts = 4

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    due_lane = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Share one client among all kinds: left to itself the library builds one for each kind that comes first."""
        return super()._get_connection() if cls is Item else Item._get_connection()


class PartnerItem(Item, discriminator="partner"):
    """A reseller: name, country, VAT id, time zone, currency, locale, cloud, bank, entitlements in `body`."""

    body: Any = JSONAttribute()


class PolicyItem(Item, discriminator="policy"):
    """One published, immutable version of a collections policy; it is in force from `starts_at` (else at once)."""

    name = UnicodeAttribute()
    version = NumberAttribute()
    published_at = UnicodeAttribute()
    starts_at = UnicodeAttribute(null=True)
    body: Any = JSONAttribute()


class PolicyDraftItem(Item, discriminator="policy_draft"):
    """What the next version of a policy may become; nothing rests on it."""

    drafted_at = UnicodeAttribute()
    body: Any = JSONAttribute()


class SupportPlanItem(Item, discriminator="support_plan"):
    """A published support plan."""

    name = UnicodeAttribute()
    published_at = UnicodeAttribute()
    body: Any = JSONAttribute()


class PriceRulesItem(Item, discriminator="price_rules"):
    """The partner's price rules in their order."""

    body: Any = JSONAttribute()


class SeriesItem(Item, discriminator="series"):
    """The last number given in a series."""

    last = NumberAttribute()


class BillingRunItem(Item, discriminator="billing_run"):
    """One billing run: its period, state (planned | running | done) and what it found.

    `request` counts how often it was asked for, so that no queue takes a later message for a copy of an earlier one.
    """

    period = UnicodeAttribute()
    state = UnicodeAttribute()
    requested_at = UnicodeAttribute()
    request = NumberAttribute(default=1)
    body: Any = JSONAttribute(null=True)


class VendorFileItem(Item, discriminator="vendor_file"):
    """A reconciliation file that was imported whole: its hash, rows and totals."""

    sha256 = UnicodeAttribute()
    state = UnicodeAttribute()
    body: Any = PackedJSON(null=True)


class PayableItem(Item, discriminator="payable"):
    """What is owed to the vendor: gross in minor units, dated, due (net 60), `paid` by the payments allocated to it.

    While it is unpaid it waits in the due index for its next alert; `alerts` counts them, `told` is the last one sent.
    """

    currency = UnicodeAttribute()
    amount = NumberAttribute()
    paid = NumberAttribute(null=True)
    alerts = NumberAttribute(null=True)
    told = NumberAttribute(null=True)
    dated = UnicodeAttribute()
    due = UnicodeAttribute()
    body: Any = JSONAttribute(null=True)


class VendorPaymentItem(Item, discriminator="vendor_payment"):
    """A payment to the vendor; `shares` are minor units by vendor invoice, the rest is unallocated."""

    currency = UnicodeAttribute()
    amount = NumberAttribute()
    paid_on = UnicodeAttribute()
    reference = UnicodeAttribute(null=True)
    recorded_at = UnicodeAttribute()
    shares: Any = JSONAttribute()
    version = NumberAttribute(default=1)


class ParkedItem(Item, discriminator="parked"):
    """Something that waits for a person, with the reason; while it does, the due index lists it among the tasks.

    `done_by` closed it, and `note` says why; it stays, so that the same is not asked again.
    """

    reason = UnicodeAttribute()
    parked_at = UnicodeAttribute()
    done_at = UnicodeAttribute(null=True)
    done_by = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    body: Any = JSONAttribute()


class TaskItem(Item, discriminator="task"):
    """A task of an account that a person closed: its kind and reason, since when it waited, who closed it and why."""

    task = UnicodeAttribute()
    reason = UnicodeAttribute()
    since = UnicodeAttribute()
    done_at = UnicodeAttribute()
    done_by = UnicodeAttribute()
    note = UnicodeAttribute()


class EntitlementItem(Item, discriminator="entitlement"):
    """How many incidents of one term of a support benefit are used."""

    used = NumberAttribute(default=0)


class PeriodItem(Item, discriminator="period"):
    """A period of the books that was closed: what is booked from `closed_at` on is posted after it."""

    period = UnicodeAttribute()
    closed_at = UnicodeAttribute()
    body: Any = JSONAttribute(null=True)


class DatevItem(Item, discriminator="datev"):
    """Client data and account numbers of DATEV exports."""

    body: Any = JSONAttribute()


class AccountItem(Item, discriminator="account"):
    """Who the account is: name, address, country, VAT id, time zone, e-mail, policy, plan, parent in `body`."""

    body: Any = JSONAttribute()


class AccountEntryItem(Item, discriminator="account_entry"):
    """A line of the partner's list of accounts."""

    name = UnicodeAttribute()


class CustomerItem(Item, discriminator="customer"):
    """Which account a vendor's customer is."""

    account = UnicodeAttribute()


class HeadItem(Item, discriminator="head"):
    """The account's hot state, changed in the transaction of every fact.

    `open` maps an invoice's id to {number, issued, due, gross, remaining, disputed, policy, policy_version, reopened},
    with `order` where its policy allocates payments otherwise than to the oldest due;
    an entry stays, with remaining 0, until the next assessment prunes it. balance = sum of remaining - credit.
    `pays_for` are the accounts that this one pays for, `paid_by` is the one that pays for it; never both.

    `calm` is 1 while less debt can change nothing but the debt (domain.arrears_terms.is_calm), as the last assessment
    found; `due_if_paid` is then when the account is due, whatever is paid. Every fact but a claim or a payment takes
    both away, and without them a payment makes the account due at once. `paid` names the last payment that was booked
    without reading, `change` what changed the head last (store.attention).
    """

    currency = UnicodeAttribute()
    balance = NumberAttribute(default=0)
    credit = NumberAttribute(default=0)
    open: Any = MapAttribute(default=dict)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    stage = UnicodeAttribute(default="clear")
    stage_since = UnicodeAttribute(null=True)
    version = NumberAttribute(default=0)
    assessed_at = UnicodeAttribute(null=True)
    pays_for = UnicodeSetAttribute(null=True)
    paid_by = UnicodeAttribute(null=True)
    due_if_paid = UnicodeAttribute(null=True)
    calm = NumberAttribute(null=True)
    paid = UnicodeAttribute(null=True)
    change = UnicodeAttribute(null=True)


class ChargesItem(Item, discriminator="charges"):
    """A chunk of one account's charges from one vendor invoice; `body` is the list of charges.

    `period` and `slot` (account and slot that adopted it) are an open chunk's; an account's is named by its slot.
    """

    vendor_invoice = UnicodeAttribute()
    vendor_customer = UnicodeAttribute()
    period = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    slot = UnicodeAttribute(null=True)
    body: Any = PackedJSON()


class LateChargeItem(Item, discriminator="late_charge"):
    """A fee or interest for paying late, named by the draft invoice (`slot`) that took it (domain.late_charges)."""

    currency = UnicodeAttribute()
    slot = UnicodeAttribute()
    body: Any = JSONAttribute()


class BillableItem(Item, discriminator="billable"):
    """Who has a draft invoice for a period: an account, or all of a vendor file, in the period's own partition."""

    account = UnicodeAttribute(null=True)
    period = UnicodeAttribute()


class InvoiceItem(Item, discriminator="invoice"):
    """An invoice: a draft slot that collects charge chunks, or an issued document that never changes again.

    `postings` are the balanced double entry; `body` holds parties, lines and VAT as issued. A credit note that corrects
    an invoice tells in `allocations` and `recovered` what it took off it. `assess` is 1 where collections have to look
    at its issue at once.
    """

    state = UnicodeAttribute()
    period = UnicodeAttribute(null=True)
    chunks: Any = ListAttribute(of=UnicodeAttribute, null=True)
    number = UnicodeAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    issued = UnicodeAttribute(null=True)
    issued_at = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    net = NumberAttribute(null=True)
    vat = NumberAttribute(null=True)
    gross = NumberAttribute(null=True)
    policy = UnicodeAttribute(null=True)
    policy_version = NumberAttribute(null=True)
    postings: Any = JSONAttribute(null=True)
    allocations: Any = JSONAttribute(null=True)
    recovered: Any = JSONAttribute(null=True)
    assess = NumberAttribute(null=True)
    body: Any = PackedJSON(null=True)


class DocumentItem(Item, discriminator="document"):
    """The stored bytes of an issued document: where and with which SHA-256, written once; and how its mail goes."""

    invoice = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    location = UnicodeAttribute()
    rendered_at = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    refused = UnicodeAttribute(null=True)


class PaymentItem(Item, discriminator="payment"):
    """One provider payment, booked once: allocations {invoice: minor units}, what went to credit, postings.

    Invoices of accounts that this one pays for stand as `account/invoice`.

    `recovered` is what it pays of invoices that were written off; `paid` what was paid where it was another currency;
    `lines` {invoice: {line: minor units}} what of an allocation is on lines that were named; `part` the provider's id
    of this part where a payment may come in several; `blind` is 1 for one that was booked without reading: what follows
    from it shows in the head.
    """

    provider = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    event_id = UnicodeAttribute()
    currency = UnicodeAttribute()
    amount = NumberAttribute()
    to_credit = NumberAttribute(default=0)
    received_at = UnicodeAttribute()
    occurred_at = UnicodeAttribute(null=True)
    booked_at = UnicodeAttribute(null=True)
    allocations: Any = JSONAttribute()
    recovered: Any = JSONAttribute(null=True)
    lines: Any = JSONAttribute(null=True)
    paid: Any = JSONAttribute(null=True)
    part = UnicodeAttribute(null=True)
    postings: Any = JSONAttribute()
    blind = NumberAttribute(default=0)


class MovementItem(Item, discriminator="movement"):
    """What happened to money later, booked once: what it was, and by how much that changed which invoice and credit.

    `amount` is positive; allocations and `to_credit` carry the customer's sign: negative where something is owed again
    or credit is taken. Without `payment_id` it is no provider's: use of credit, a write-off. A transfer is what another
    account, `payer`, paid of this one's invoices, on the day of its payment where that tells one (`occurred_at`), which
    is also kept of late failures and of what came again: they are told apart by their moments. Allocations name
    invoices of accounts that this one pays for as `account/invoice`.
    """

    movement = UnicodeAttribute()
    provider = UnicodeAttribute(null=True)
    payment_id = UnicodeAttribute(null=True)
    movement_id = UnicodeAttribute(null=True)
    event_id = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    amount = NumberAttribute()
    to_credit = NumberAttribute(default=0)
    booked_at = UnicodeAttribute()
    occurred_at = UnicodeAttribute(null=True)
    payer = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    allocations: Any = JSONAttribute()
    recovered: Any = JSONAttribute(null=True)
    lines: Any = JSONAttribute(null=True)
    postings: Any = JSONAttribute()


class AttemptItem(Item, discriminator="attempt"):
    """A payment that failed, was cancelled or is on its way: a fact of the timeline, no money."""

    provider = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    status = UnicodeAttribute()
    currency = UnicodeAttribute(null=True)
    amount = NumberAttribute(default=0)
    received_at = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)


class AftermathItem(Item, discriminator="aftermath"):
    """What befell an invoice after its issue: times reopened, minor units written off and credited.

    `lines` are [gross, product, paid by name] of each line, once a payment has named some.
    """

    invoice = UnicodeAttribute()
    reopened = NumberAttribute(default=0)
    written_off = NumberAttribute(default=0)
    credited = NumberAttribute(default=0)
    gross = NumberAttribute(default=0)
    lines: Any = JSONAttribute(null=True)


class PaymentOwnerItem(Item, discriminator="payment_owner"):
    """Whose payment it is."""

    account = UnicodeAttribute()


class ReceiptItem(Item, discriminator="receipt"):
    """The quittance of one settlement of an invoice: what it says in `body`, its bytes' hash, and how its mail goes.

    `printed` is its JSON form, from which the same bytes are printed again; `location` tells where they are once they
    are stored: when its mail did not go out at once, or somebody asked for it.
    """

    invoice = UnicodeAttribute()
    number = UnicodeAttribute()
    settled_at = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    location = UnicodeAttribute(null=True)
    printed: Any = PackedJSON(null=True)
    rendered_at = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    refused = UnicodeAttribute(null=True)
    body: Any = JSONAttribute()


class NoticeItem(Item, discriminator="notice"):
    """A notice to the customer: kind, cause, the invoices it is about, and how its delivery went.

    `claimed_at` tells since when a delivery is under way; while mail is down the notice waits in the due index.
    `contact` is 2 once it bounced and goes to the second contact. `mail` is the identity of the mail that gave it,
    `charged` the draft invoice that takes its fee, `failed` the contacts that it could not be given to.
    """

    notice = UnicodeAttribute()
    notice_kind = UnicodeAttribute()
    cause = UnicodeAttribute()
    state = UnicodeAttribute()
    decided_at = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    attempts = NumberAttribute(default=0)
    claimed_at = UnicodeAttribute(null=True)
    contact = NumberAttribute(null=True)
    mail = UnicodeAttribute(null=True)
    charged = UnicodeAttribute(null=True)
    failed = UnicodeAttribute(null=True)
    body: Any = JSONAttribute()


class PromiseItem(Item, discriminator="promise"):
    """A promise to pay: open, kept, broken or withdrawn."""

    state = UnicodeAttribute()
    body: Any = JSONAttribute()


class PauseItem(Item, discriminator="pause"):
    """A pause of collecting: set or ended."""

    state = UnicodeAttribute()
    body: Any = JSONAttribute()


class HoldItem(Item, discriminator="hold"):
    """A hold on all access for a reason of its own: held or released."""

    state = UnicodeAttribute()
    body: Any = JSONAttribute()


class DisputeItem(Item, discriminator="dispute"):
    """A disputed invoice or some of its lines: open, upheld or rejected."""

    state = UnicodeAttribute()
    body: Any = JSONAttribute()


class DecisionItem(Item, discriminator="decision"):
    """What collections decided and on which facts: stage, numbers, policy version, notices relied on."""

    decided_at = UnicodeAttribute()
    stage = UnicodeAttribute()
    body: Any = PackedJSON()


class SubscriptionItem(Item, discriminator="subscription"):
    """A vendor subscription and its access: what is wanted, what the vendor says, why, and what to put back.

    `operation` is where a change that the vendor has taken on is looked up; `attempts` counts tries of a generation.
    `history` has a line "<moment> <state>" for each change that the vendor confirmed, and each drift found.
    While a suspension is watched (`watched_since`) the due moment is the next look; `drift` is what that found, `asked`
    the generation for which a person has a task, `warned` the last warning of the term's end. `look_asked` is when
    somebody last asked to look at it.
    """

    subscription = UnicodeAttribute()
    desired = UnicodeAttribute(default="active")
    actual = UnicodeAttribute(default="active")
    reasons: Any = ListAttribute(of=UnicodeAttribute, default=list)
    generation = NumberAttribute(default=0)
    attempts = NumberAttribute(default=0)
    changed_at = UnicodeAttribute(null=True)
    history: Any = ListAttribute(of=UnicodeAttribute, null=True)
    snapshot: Any = JSONAttribute(null=True)
    operation = UnicodeAttribute(null=True)
    watched_since = UnicodeAttribute(null=True)
    drift: Any = ListAttribute(of=UnicodeAttribute, null=True)
    asked = NumberAttribute(null=True)
    warned = UnicodeAttribute(null=True)
    look_asked = UnicodeAttribute(null=True)
    why: Any = JSONAttribute(null=True)
    body: Any = JSONAttribute()


class PaymentMethodsItem(Item, discriminator="payment_methods"):
    """How an account pays: `body` is {methods, default, history}; `version` keeps changes apart."""

    version = NumberAttribute()
    body: Any = JSONAttribute()


class MethodOwnerItem(Item, discriminator="method_owner"):
    """An account that has, or had, a payment method of this reference; the account's own item says whether it has."""

    account = UnicodeAttribute()


class TicketItem(Item, discriminator="ticket"):
    """A support ticket: the events it went through in `body`, and a version that makes each step happen once."""

    ticket = UnicodeAttribute()
    state = UnicodeAttribute()
    version = NumberAttribute(default=0)
    body: Any = JSONAttribute()


class NumberItem(Item, discriminator="number"):
    """Which invoice a document number is, over how much; written by the relay when the invoice is issued."""

    account = UnicodeAttribute()
    invoice = UnicodeAttribute()
    number = UnicodeAttribute()
    currency = UnicodeAttribute()
    gross = NumberAttribute()


class PayerItem(Item, discriminator="payer"):
    """Which accounts a payer's IBAN has stood for, by a person's decision."""

    accounts: Any = ListAttribute(of=UnicodeAttribute)
    learned_at = UnicodeAttribute()


class BankLineItem(Item, discriminator="bank_line"):
    """One movement of a bank account, kept once.

    state: waiting (a person decides) | placed (its money was handed to the booking) | outgoing | set_aside. `content`
    tells a repeated line from another one with the same name. `payment_kind`, `payment_id` and `movement_id` are what
    the booking is told; `body` is the line as read, and why it was placed or what is proposed; `parts` whose money it
    is where a person split it.
    """

    state = UnicodeAttribute()
    payment_kind = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    movement_id = UnicodeAttribute(null=True)
    account = UnicodeAttribute(null=True)
    invoice = UnicodeAttribute(null=True)
    reference = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    amount = NumberAttribute()
    content = UnicodeAttribute()
    received_at = UnicodeAttribute()
    parts: Any = JSONAttribute(null=True)
    body: Any = JSONAttribute()


class EndToEndItem(Item, discriminator="end_to_end"):
    """A movement listed under its end-to-end id and amount, so that a return finds what it undoes."""

    line = UnicodeAttribute()


class StatementItem(Item, discriminator="statement"):
    """A bank statement's file as it was read: its hash, state (read | refused), figures or the refusal."""

    sha256 = UnicodeAttribute()
    state = UnicodeAttribute()
    read_at = UnicodeAttribute()
    body: Any = JSONAttribute()
