"""English."""

from quittance.adapters.mails.words.shape import MailWords, Tone

WORDS = MailWords(
    tones={
        "formal": Tone("Hello,", "Hello {name},", "Kind regards"),
        "friendly": Tone("Hi,", "Hi {name},", "Best wishes"),
    },
    subjects={
        "invoice_issued": "Invoice {number} from {sender}: {total}",
        "credit_note_issued": "Credit note {number} from {sender}: {total}",
        "upcoming": "Coming up: {total} for {account}, to be paid by {pay_by}",
        "receipt": "Receipt: invoice {number} is paid",
        "reminder": "Payment reminder: {total} is overdue for {account}",
        "final": "Final notice: {total} is overdue for {account}",
        "suspended": "Access disabled: {total} is overdue for {account}",
        "restored": "Thank you: access restored for {account}",
    },
    leads={
        "invoice_issued": ("Here is invoice {number} of {issued} for {account}. The amount of {total} is due {due}.",),
        "credit_note_issued": (
            (
                "We have issued credit note {number} of {issued} for {account}. The amount of {total} is credited to "
                "your account; you need not do anything."
            ),
        ),
        "upcoming": (
            "{total} for {account} will soon be due. Nothing is late: this only tells you in time.",
            "If your payment is on its way, thank you; please disregard this mail.",
        ),
        "receipt": (
            "Thank you: invoice {number} of {issued} for {account} over {total} is paid in full.",
            "The receipt confirms it.",
        ),
        "reminder": (
            "This is a friendly reminder: {total} for {account} is past its due date.",
            "If you have paid in the last few days, thank you; please disregard this mail.",
        ),
        "final": ("This is our final notice. {total} for {account} is still unpaid although we have reminded you.",),
        "suspended": (
            (
                "We have disabled access to {services} for {account}, because {total} is still unpaid after our "
                "final notice."
            ),
        ),
        "restored": (
            (
                "Thank you for your payment. We are restoring access to {services} for {account} now. It can take a "
                "few minutes until everyone can sign in again."
            ),
        ),
    },
    due_on="on {date}",
    due_now="on receipt",
    attached="You find the document attached as a PDF.",
    headings=("Invoice", "Date", "Due", "Open"),
    total_row="Total",
    owed_title="What you owe",
    owed="{total} for {account}. The invoices are listed above.",
    deadline_title="Pay by",
    deadline="Please pay the full amount so that it reaches us by {pay_by}.",
    deadline_now="Please pay the full amount now.",
    otherwise_title="What happens otherwise",
    otherwise={
        "reminder": "If the amount is still open on {next_at}, we will remind you again.",
        "final": "If the amount is still open on {next_at}, we will send you a final notice.",
        "suspend": "If the amount is still open, we will disable access to {services} on {next_at}, or soon after. "
        "Users will then no longer be able to sign in or use these services.",
        "suspend_unpaid": (
            "If the amount is still open, we will disable access to the unpaid services ({services}) on {next_at}, "
            "or soon after. Users will then no longer be able to sign in or use them."
        ),
    },
    costs_title="What paying late costs",
    fee="For this notice we charge {fee}.",
    interest="Interest of {percent} a year runs on what is overdue until it is paid.",
    costs_billed="You will find it on one of your next invoices.",
    ahead_title="Due soon",
    ahead="These invoices are not late. You need not pay them together with the above, but in time.",
    all_services="all services of this account",
    data_title="Your data",
    data=(
        "Disabling access deletes nothing: your data stays in place, and everything works again once you have paid. "
        "Only if access stays disabled for long does the vendor delete data, as a rule not before {days} days have "
        "passed."
    ),
    data_now=(
        "Nothing has been deleted: your data is still there. Only if access stays disabled for long does the vendor "
        "delete data, as a rule not before {days} days have passed."
    ),
    back_title="How to get access back",
    back=(
        "Pay the amount below. We start restoring access as soon as we see your payment, day and night, at weekends "
        "too."
    ),
    pay_title="How to pay",
    pay_transfer="By bank transfer to this account:",
    pay_url="Pay online",
    reference_hint="Please quote the payment reference {reference}.",
    account_holder="Account holder",
    reference="Payment reference",
    amount="Amount",
    call_title="Questions, or unable to pay?",
    call_phone="Please talk to us early: {phone}. We will find a way.",
    call_email="Please write to us early: {email}. We will find a way.",
    call_both="Please talk to us early: {phone} or {email}. We will find a way.",
    call_reply="Just answer this mail, and early. We will find a way.",
    policy="Our collections policy “{policy}”",
)
