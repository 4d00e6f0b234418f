"""Every key of the single table is computed here and nowhere else.

    partition                                   sort keys
    P#<partner>                                 PROFILE, POLICY#, DRAFT#, PLAN#, PRICES, SERIES#, RUN#, FILE#, PAYABLE#,
                                                VENDORPAY#, PARKED#, STATEMENT#: bank statements read,
                                                PERIOD#: closed ones, DATEV: account numbers of exports,
                                                ENTITLEMENT#: incidents used of a support benefit
    P#<partner>#A#<account>                     C#DISPUTE#, C#HEAD, C#HOLD#, C#NOT#, C#PAUSE#, C#PROFILE, C#PROMISE#,
                                                C#SUB#: what collections read at once;
                                                AFT#, ATT#, DEC#, DOC#, INV#, MOV#, PAY#, RCP#, TKT#: the rest;
                                                OLD#: promises and pauses that were over long ago;
                                                PMT: payment methods; TSK#: tasks for a person that were closed
    P#<partner>#A#<account>#CHARGES             <vendor invoice>#<chunk>; LATE#: fees and interest for paying late
    P#<partner>#OPEN#<vendor customer>          <vendor invoice>#<chunk>: charges of a customer nobody knows yet
    P#<partner>#CUSTOMER#<vendor customer>      ACCOUNT: which account it is
    P#<partner>#PAYMENT#<provider>#<payment>    ACCOUNT: whose payment it is; PARKED#: movements that came before it
    P#<partner>#BILL#<period>                   FILE#<vendor invoice>: its accounts have a draft for the period;
                                                <account>: one that has a draft for another reason
    P#<partner>#ACCOUNTS                        <account>: the list of accounts
    P#<partner>#NUMBER#<number>                 INVOICE: which invoice of which account a document number is
    P#<partner>#METHOD#<provider>#<reference>   <account>: has this payment method
    P#<partner>#PAYER#<IBAN>                    ACCOUNT: which accounts a payer's IBAN has stood for
    P#<partner>#BANK#<bank account>             LINE#: movements of a bank account; E2E#: those of an end-to-end id
    PARKED                                      PARKED#stream#: stream records that the relay could not read

The sparse index `due` (hash `due_lane`, range `due_at`) lists what needs attention and when; each lane is
spread over SHARDS partitions so that no key grows hot. Beside the lanes that schedules sweep, `task#<partner>` lists
the partner's tasks for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from quittance.domain.names import checked as checked  # noqa: PLC0414  # part of this module for its users
from quittance.domain.names import compact
from quittance.runtime.clock import iso

COLLECTIONS_PREFIX = "C#"
NOTICE_PREFIX = "C#NOT#"
DOCUMENT_PREFIX = "DOC#"
SUBSCRIPTION_PREFIX = "C#SUB#"
BANK_PREFIX = "bank:"
PARKED_PREFIX = "PARKED#"
PAYMENT_OWNERS = "#PAYMENT#"
LATE_PREFIX = "LATE#"
VENDOR_PAYMENT = "VENDORPAY#"
RECEIPT_PREFIX = "RCP#"
JOURNAL = ("INV#", "PAY$")
"""The range of sort keys that holds whatever is posted: INV#, MOV#, PAY#. A journal of an account is one query."""
SHARDS = 16
LANES = ("account", "access", "ticket", "billing")


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of one item."""

    pk: str
    sk: str


def partner_pk(partner: str) -> str:
    """Return the partition of what belongs to the partner as a whole."""
    return f"P#{checked(partner, 'partner')}"


def account_pk(partner: str, account: str) -> str:
    """Return the partition of an account: its timeline is one query."""
    return f"{partner_pk(partner)}#A#{checked(account, 'account')}"


def partner(partner: str) -> Key:
    """Return the key of the partner's profile."""
    return Key(partner_pk(partner), "PROFILE")


def policy(partner: str, name: str, version: int) -> Key:
    """Return the key of one published version of a collections policy."""
    return Key(partner_pk(partner), f"POLICY#{checked(name, 'policy')}#{version:06d}")


def policy_prefix(name: str) -> str:
    """Return the sort-key prefix of all versions of a policy."""
    return f"POLICY#{checked(name, 'policy')}#"


def support_plan(partner: str, name: str) -> Key:
    """Return the key of a published support plan."""
    return Key(partner_pk(partner), f"PLAN#{checked(name, 'support_plan')}")


def price_rules(partner: str) -> Key:
    """Return the key of the partner's price rules."""
    return Key(partner_pk(partner), "PRICES")


def series(partner: str, entity: str, series: str, year: int) -> Key:
    """Return the counter of document numbers of a legal entity, series and year."""
    return Key(partner_pk(partner), f"SERIES#{checked(entity, 'legal_entity')}#{series}#{year:04d}")


def billing_run(partner: str, run: str) -> Key:
    """Return the key of a billing run; the run of a period carries the period's name."""
    return Key(partner_pk(partner), f"RUN#{checked(run, 'run')}")


def vendor_file(partner: str, vendor_invoice: str) -> Key:
    """Return the record of the reconciliation file of one vendor invoice."""
    return Key(partner_pk(partner), f"FILE#{checked(vendor_invoice, 'vendor_invoice')}")


def payable(partner: str, vendor_invoice: str) -> Key:
    """Return the key of what the partner owes the vendor for one vendor invoice."""
    return Key(partner_pk(partner), f"PAYABLE#{checked(vendor_invoice, 'vendor_invoice')}")


def vendor_payment(partner: str, payment: str) -> Key:
    """Return the key of a payment to the vendor."""
    return Key(partner_pk(partner), f"{VENDOR_PAYMENT}{checked(payment, 'vendor_payment')}")


def parked(partner: str, source: str, name: str) -> Key:
    """Return the key of something that waits for a person: money nobody could place, a message nobody could read."""
    return Key(partner_pk(partner), f"PARKED#{source}#{name}")


def task_lane(partner: str) -> str:
    """Return the index partition that lists a partner's tasks for a person in the order of time."""
    return f"task#{checked(partner, 'partner')}"


def task(partner: str, account: str, since: datetime, name: str) -> Key:
    """Return the key under which an account's timeline tells of a task that was closed."""
    return Key(account_pk(partner, account), f"TSK#{iso(since)}#{name}")


def parked_record(name: str) -> Key:
    """Return the key of a stream record that the relay could not read; it may belong to nobody."""
    return Key("PARKED", f"PARKED#stream#{name}")


def account(partner: str, account: str) -> Key:
    """Return the key of who the account is."""
    return Key(account_pk(partner, account), "C#PROFILE")


def accounts_pk(partner: str) -> str:
    """Return the partition that lists the partner's accounts."""
    return f"{partner_pk(partner)}#ACCOUNTS"


def account_entry(partner: str, account: str) -> Key:
    """Return the key of an account's line in the list of accounts."""
    return Key(accounts_pk(partner), checked(account, "account"))


def head(partner: str, account: str) -> Key:
    """Return the key of the account's hot state: balance, credit, unsettled invoices, stage, due moment."""
    return Key(account_pk(partner, account), "C#HEAD")


def invoice(partner: str, account: str, invoice: str) -> Key:
    """Return the key of an invoice; a billing run's invoice carries the period's name, so it exists once."""
    return Key(account_pk(partner, account), f"INV#{checked(invoice, 'invoice')}")


def payment(partner: str, account: str, provider: str, payment_id: str) -> Key:
    """Return the key of a provider's payment: the business key that makes it count once."""
    return Key(account_pk(partner, account), f"PAY#{provider_name(provider)}#{payment_id}")


def provider_name(provider: str) -> str:
    """Return a provider as keys hold it: a name, or that of a bank account behind `bank:`; Rejected otherwise."""
    checked(provider.removeprefix(BANK_PREFIX), "provider")
    return provider


def payments_prefix() -> str:
    """Return the sort-key prefix of an account's payments and their movements."""
    return "PAY#"


def movement(partner: str, account: str, provider: str, payment_id: str, kind: str, movement_id: str) -> Key:
    """Return the key of what happened to a payment later: a refund, a chargeback; it sorts behind its payment."""
    paid = payment(partner, account, provider, payment_id)
    return Key(paid.pk, f"{paid.sk}#{kind}#{movement_id}")


def correction(partner: str, account: str, kind: str, version: int) -> Key:
    """Return the key of a movement that belongs to no payment; the head's version it makes tells two apart."""
    return Key(account_pk(partner, account), f"MOV#{kind}#{version:08d}")


def attempt(partner: str, account: str, provider: str, payment_id: str, status: str) -> Key:
    """Return the key of the fact that a payment failed, was cancelled or is on its way: no money moved."""
    return Key(account_pk(partner, account), f"ATT#{provider_name(provider)}#{payment_id}#{status}")


def aftermath(partner: str, account: str, invoice: str) -> Key:
    """Return the key of what befell an invoice after its issue."""
    return Key(account_pk(partner, account), f"AFT#{checked(invoice, 'invoice')}")


def payment_owner(partner: str, provider: str, payment_id: str) -> Key:
    """Return the key that tells whose payment it is: refunds and disputes often name nothing but the payment."""
    return Key(f"{partner_pk(partner)}#PAYMENT#{provider_name(provider)}#{payment_id}", "ACCOUNT")


def early(partner: str, provider: str, payment_id: str, kind: str, movement_id: str) -> Key:
    """Return the key of a movement that waits for its payment, beside the one that tells whose the payment is."""
    return Key(payment_owner(partner, provider, payment_id).pk, f"PARKED#{kind}#{movement_id}")


def notice(partner: str, account: str, notice: str) -> Key:
    """Return the key of a notice to the customer."""
    return Key(account_pk(partner, account), f"{NOTICE_PREFIX}{notice}")


def decision(partner: str, account: str, at: datetime, version: int) -> Key:
    """Return the key of a collections decision; the head's version tells two of one second apart."""
    return Key(account_pk(partner, account), f"DEC#{iso(at)}#{version:08d}")


def measure(partner: str, account: str, kind: str, name: str) -> Key:
    """Return the key of a promise, pause, hold or dispute of an account."""
    return Key(account_pk(partner, account), f"{COLLECTIONS_PREFIX}{kind.upper()}#{checked(name, kind)}")


def bygone_measure(partner: str, account: str, kind: str, name: str) -> Key:
    """Return the key of a promise or pause that was over long ago: beside what collections read."""
    return Key(account_pk(partner, account), f"OLD#{kind.upper()}#{checked(name, kind)}")


def payment_methods(partner: str, account: str) -> Key:
    """Return the key of the item that holds all payment methods of an account."""
    return Key(account_pk(partner, account), "PMT")


def method_owner(partner: str, provider: str, reference: str, account: str) -> Key:
    """Return the key under which a payment method's reference at its provider finds the account."""
    return Key(f"{partner_pk(partner)}#METHOD#{provider}#{reference}", checked(account, "account"))


def policy_draft(partner: str, name: str) -> Key:
    """Return the key of the draft of a collections policy's next version."""
    return Key(partner_pk(partner), f"DRAFT#POLICY#{checked(name, 'policy')}")


def subscription(partner: str, account: str, subscription: str) -> Key:
    """Return the key of a subscription and its access."""
    return Key(account_pk(partner, account), f"{SUBSCRIPTION_PREFIX}{checked(subscription, 'subscription')}")


def ticket(partner: str, account: str, ticket: str) -> Key:
    """Return the key of a support ticket."""
    return Key(account_pk(partner, account), f"TKT#{checked(ticket, 'ticket')}")


def charges(partner: str, account: str, vendor_invoice: str, chunk: int) -> Key:
    """Return the key of one chunk of an account's vendor charges."""
    pk = f"{account_pk(partner, account)}#CHARGES"
    return Key(pk, f"{checked(vendor_invoice, 'vendor_invoice')}#{chunk:05d}")


def late_charge(partner: str, account: str, name: str) -> Key:
    """Return the key of a fee or of interest for paying late: one a notice, one an invoice's opening."""
    return Key(f"{account_pk(partner, account)}#CHARGES", f"{LATE_PREFIX}{checked(name, 'late_charge')}")


def open_charges(partner: str, vendor_customer: str, vendor_invoice: str, chunk: int) -> Key:
    """Return the key of one chunk of charges whose customer nobody has claimed."""
    pk = f"{partner_pk(partner)}#OPEN#{checked(vendor_customer, 'vendor_customer').lower()}"
    return Key(pk, f"{checked(vendor_invoice, 'vendor_invoice')}#{chunk:05d}")


def customer(partner: str, vendor_customer: str) -> Key:
    """Return the key that tells which account a vendor's customer is; its GUIDs come in either letter case."""
    pk = f"{partner_pk(partner)}#CUSTOMER#{checked(vendor_customer, 'vendor_customer').lower()}"
    return Key(pk, "ACCOUNT")


def due_lane(lane: str, key: Key) -> str:
    """Return the index partition of an item in a lane: the lane and a shard drawn from the item's key."""
    if lane not in LANES:
        raise ValueError(f"{lane!r} is not a lane")
    return shard_of(lane, crc32(f"{key.pk}|{key.sk}".encode()) % SHARDS)


def shard_of(lane: str, shard: int) -> str:
    """Return the index partition of one shard of a lane."""
    return f"{lane}#{shard:02d}"


def owner(pk: str) -> tuple[str, str | None]:
    """Return the partner and, where the partition is an account's, the account that a partition key names."""
    _, partner, *rest = pk.split("#")
    return partner, rest[1] if rest and rest[0] == "A" else None


def document(partner: str, account: str, invoice: str) -> Key:
    """Return the key of the record of an invoice's stored document."""
    return Key(account_pk(partner, account), f"{DOCUMENT_PREFIX}{checked(invoice, 'invoice')}")


def entitlement(partner: str, entitlement: str) -> Key:
    """Return the key of how much of a support benefit's term is used."""
    return Key(partner_pk(partner), f"ENTITLEMENT#{checked(entitlement, 'entitlement')}")


def billable(partner: str, period: str, account: str) -> Key:
    """Return the key that lists an account among those with a draft for a period: a run reads them in one query."""
    return Key(billable_pk(partner, period), checked(account, "account"))


def billable_pk(partner: str, period: str) -> str:
    """Return the partition that lists the accounts with a draft for a period."""
    return f"{partner_pk(partner)}#BILL#{checked(period, 'period')}"


def billable_file(partner: str, period: str, vendor_invoice: str) -> Key:
    """Return the key that lists all accounts of a vendor file for a period; no account's name holds a `#`."""
    return Key(billable_pk(partner, period), f"FILE#{checked(vendor_invoice, 'vendor_invoice')}")


def chunk_ref(key: Key) -> str:
    """Return how an invoice names a chunk of charges: with the vendor customer in front while it was open."""
    _, _, kind, name, *_ = key.pk.split("#")
    return f"{name}#{key.sk}" if kind == "OPEN" else key.sk


def chunk_key(partner: str, account: str, ref: str) -> Key:
    """Return the key of the chunk that an invoice names, or of the late charge."""
    if ref.startswith(LATE_PREFIX):
        return late_charge(partner, account, ref.removeprefix(LATE_PREFIX))
    *customer, vendor_invoice, chunk = ref.split("#")
    if customer:
        return open_charges(partner, customer[0], vendor_invoice, int(chunk))
    return charges(partner, account, vendor_invoice, int(chunk))


def number(partner: str, number: str) -> Key:
    """Return the key that tells which invoice a document number is, with or without its separators."""
    return Key(f"{partner_pk(partner)}#NUMBER#{checked(compact(number), 'number')}", "INVOICE")


def payer(partner: str, iban: str) -> Key:
    """Return the key that tells which accounts a payer's IBAN has stood for."""
    return Key(f"{partner_pk(partner)}#PAYER#{checked(iban, 'iban')}", "ACCOUNT")


def bank_line(partner: str, bank: str, line: str) -> Key:
    """Return the key of a movement of a bank account; its name makes it count once."""
    return Key(bank_pk(partner, bank), f"LINE#{checked(line, 'line')}")


def bank_pk(partner: str, bank: str) -> str:
    """Return the partition of a bank account of the partner."""
    return f"{partner_pk(partner)}#BANK#{checked(bank, 'bank')}"


def end_to_end(partner: str, bank: str, transfer: str, line: str) -> Key:
    """Return the key that lists a movement under its end-to-end id and amount, both in one digest."""
    return Key(bank_pk(partner, bank), f"{end_to_end_prefix(transfer)}{checked(line, 'line')}")


def end_to_end_prefix(transfer: str) -> str:
    """Return the sort-key prefix of the movements of an end-to-end id and amount."""
    return f"E2E#{checked(transfer, 'transfer')}#"


def statement(partner: str, name: str) -> Key:
    """Return the key of the record of a bank statement's file."""
    return Key(partner_pk(partner), f"STATEMENT#{checked(name, 'statement')}")


def period(partner: str, period: str) -> Key:
    """Return the key of a closed period of the books."""
    return Key(partner_pk(partner), f"PERIOD#{checked(period, 'period')}")


def datev(partner: str) -> Key:
    """Return the key of the account numbers and client data of DATEV exports."""
    return Key(partner_pk(partner), "DATEV")


def receipt(partner: str, account: str, invoice: str, times: int) -> Key:
    """Return the key of the receipt of an invoice's settlement; one that was undone and settled again has another."""
    return receipt_named(partner, account, f"{checked(invoice, 'invoice')}#{times:04d}")


def receipt_named(partner: str, account: str, name: str) -> Key:
    """Return the key of a receipt by the name that messages give it."""
    return Key(account_pk(partner, account), f"{RECEIPT_PREFIX}{name}")


def receipts_prefix(invoice: str) -> str:
    """Return the sort-key prefix of an invoice's receipts."""
    return f"{RECEIPT_PREFIX}{checked(invoice, 'invoice')}#"
