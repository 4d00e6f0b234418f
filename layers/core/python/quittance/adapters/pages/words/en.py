"""English."""

from quittance.adapters.pages.words.shape import PageWords

WORDS = PageWords(
    language_name="English",
    conjunction="and",
    we="",
    version="Version {version}",
    valid_from="valid from {date}",
    contact_title="Talk to us",
    contact_intro={
        "policy": (
            "If you cannot pay in time, or if you think that an invoice is wrong, please tell us early. We will find "
            "a way."
        ),
        "support": (
            "Tell us what happened, since when, and whom it hinders; the more we know, the faster we can help."
        ),
    },
    phone="Phone",
    email="Email",
    website="Website",
    policy_title="How we collect payments",
    policy_intro=(
        "This page says what {name} does when an invoice is not paid in time, step by step. An invoice keeps the "
        "rules that were published when it was issued."
    ),
    paying_title="Paying",
    clock={
        "due_date": (
            "We count days from the due date that is written on the invoice. The due day itself still counts as in "
            "time."
        ),
        "issue_date": "We count days from the date of the invoice.",
    },
    midnight="A day ends at midnight in the time zone {zone}.",
    payment_days=(
        "You have {n} day from the date of the invoice to pay.",
        "You have {n} days from the date of the invoice to pay.",
    ),
    allocation=(
        "A payment that names an invoice pays that invoice. Any other payment pays {order}. Whatever is left over is "
        "kept as your credit."
    ),
    allocation_order={
        "oldest_due": "the invoice that has been due for longest",
        "newest_due": "the invoice that is due last",
        "largest_first": "the invoice on which most is owed",
        "smallest_first": "the invoice on which least is owed",
        "proportional": "a part of each invoice, by what is owed on it",
    },
    steps_title="What happens when a payment is late",
    steps_intro=(
        "Only what is really overdue counts: what you dispute, and what you have paid or been credited, does not. If "
        "part is paid, the step follows the rest."
    ),
    from_day={
        "due_date": ("From {n} day after the due date", "From {n} days after the due date"),
        "issue_date": ("From {n} day after the invoice date", "From {n} days after the invoice date"),
    },
    always="While anything is overdue",
    if_amount="{amount} or more is open",
    if_invoices=("{n} or more invoices are open", "{n} or more invoices are open"),
    stage_sentence="{when}, we {what}.",
    stage_conditions="{when}, if {conditions}, we {what}.",
    actions={
        "notice": "send {notice}",
        "suspend_all": "disable access to all services of the account",
        "suspend_unpaid_lines": "disable access to the services that are not paid",
        "fee": "charge the fee named below",
        "interest": "charge the interest named below",
        "write_off": "write the debt off in our books",
        "collections": "hand the claim to a collection agency",
        "nothing": "watch the account",
    },
    notices={"reminder": "a reminder", "final": "a final notice", "": "the notice “{name}”"},
    after_notice=(
        "We never do this before {notice} has been delivered to you and {n} full day has passed since.",
        "We never do this before {notice} has been delivered to you and {n} full days have passed since.",
    ),
    in_business_hours="We do this only during business hours, so that somebody can help you at once.",
    fairness_title="What protects you",
    fairness=(
        "While you dispute an invoice, or a line of it, we neither collect that part nor disable anything for it.",
        "While we have agreed a later date with you, or a pause, we take no further step.",
        "If we ourselves are late with a step, your notice days are never shortened.",
        "We keep a record of every step and why we took it, and explain it to you on request.",
    ),
    restore_title="Getting access back",
    restore_all="As soon as everything that is overdue is paid, we restore access.",
    restore_below="As soon as less than {amount} is overdue, we restore access.",
    restore_speed=(
        "We start at once when your payment is booked, at night and at weekends too. Disabling access alone deletes "
        "no data."
    ),
    costs_title="Fees and interest",
    no_fee="We charge no fees for reminders and notices.",
    fee="For {notice} we charge {amount}.",
    no_interest="We charge no interest for late payment.",
    interest="We charge {percent} interest a year on what is overdue.",
    upcoming=(
        "{n} day before an invoice is due we remind you of it, once.",
        "{n} days before an invoice is due we remind you of it, once.",
    ),
    agreements_title="If you need time, or disagree",
    promise={
        "all": (
            "If we have accepted your promise to pay by a day, at once or in parts, we send no reminders and "
            "disable nothing until then."
        ),
        "suspension": (
            "If we have accepted your promise to pay by a day, at once or in parts, we disable nothing until then; "
            "reminders still come."
        ),
        "nothing": "We note a promise to pay, but it does not stop the steps above.",
    },
    promise_longest=(
        "A promise may lie {n} day ahead at most.",
        "A promise may lie {n} days ahead at most.",
    ),
    promise_restores="Access that was disabled comes back as soon as your promise is accepted.",
    promise_keeps="Access that was disabled before your promise comes back when you have paid.",
    promise_broken=(
        "If a promised amount has not reached us when its day ends, we go on with the step that applies without "
        "the promise. Your notice days are kept."
    ),
    pause=(
        "While a pause is agreed we send no reminders and disable nothing; what is due stays due, and access stays "
        "as it is."
    ),
    dispute=(
        "What you dispute does not get older while we look into it. If you are right, you get a credit note; if "
        "not, its days count from the due date."
    ),
    fee_country="{country}: {notice} costs {amount}.",
    no_fee_country="{country}: {notice} costs nothing.",
    interest_country="{country}: the interest is {percent} a year.",
    no_interest_country="{country}: there is no interest.",
    interest_how=(
        "Interest runs by the day, from the day after the due date until you pay, also while a promise or a pause "
        "stands. What is credited to you never bore any."
    ),
    costs_billed=(
        "Fees and interest are charged without VAT on one of your next invoices. A notice that could not be "
        "delivered costs nothing."
    ),
    support_title="How we support you",
    support_intro="This page says what help you get from {name}, when, and how fast.",
    provider_title="Who helps you",
    provider={
        "own": "Our own team answers your tickets.",
        "outsourced": "Our service partner {provider} answers your tickets on our behalf.",
        "resold": "{provider} answers your tickets; we sell you this support and remain responsible for it.",
    },
    hours_title="Business hours",
    hours_zone="All times are in the time zone {zone}.",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    day_range="{first} to {last}",
    closed="closed",
    closed_days="Other days",
    no_hours="No business hours have been published for this plan.",
    holidays="Closed on these holidays: {days}.",
    targets_title="How fast we act",
    targets_intro=(
        "Times count in business hours only. A ticket that comes in at night starts counting the next morning."
    ),
    target_headings=("Severity", "First answer", "Updates every", "Solution"),
    severities={
        "A": "Critical: an important service is down and work has stopped",
        "B": "Serious: a service works only in part, or only slowly",
        "C": "Minor: a question, or a fault that hardly hinders work",
        "": "Severity {code}",
    },
    hours=("{n} hour", "{n} hours"),
    minutes=("{n} minute", "{n} minutes"),
    no_target="no fixed time",
    clock_rules=(
        "An automatic confirmation does not count as our first answer.",
        "While we wait for an answer from you, the clock stands still.",
        "If a ticket is reopened, the clock goes on where it stopped.",
    ),
    price_title="What it costs",
    included=("{n} incident is included in the plan.", "{n} incidents are included in the plan."),
    per_incident="Each further incident costs {amount}.",
    per_hour="Work beyond that costs {amount} an hour.",
    all_included="Support is included in the price of your services.",
    vehicles_title="If we need the vendor",
    vehicles_intro=(
        "If only the vendor can solve a problem, we hand it over with everything they need, in this order of "
        "preference:"
    ),
    vehicles={
        "partner-cloud-support": "our support contract for cloud partners with the vendor",
        "premier": "our premier support contract with the vendor",
        "unified": "our unified support contract with the vendor",
        "commercial": "the vendor's support for billing questions",
        "pay-per-incident": "a single paid incident, only with your consent",
    },
)
