"""The embedded stack as a world: every step goes through the doors that partners, customers and providers use."""

from __future__ import annotations

import json
import urllib.parse
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import urllib3

from infra.local.providers import mail_events, movements, senders
from infra.local.providers.sent import Order
from infra.local.providers.stripe_movements import Movement
from infra.local.scenario import at_vendor
from infra.local.scenario.agreements import request_of
from infra.local.scenario.api import ApiError, PartnerApi
from infra.local.scenario.model import Scenario, Step
from infra.local.scenario.play import Observation
from infra.local.scenario.schedules import Schedule, parse_schedule
from infra.local.scenario.steps import TICKET_ACTIONS
from infra.local.stack.embedded import EmbeddedStack
from infra.local.vendor import StandInVendor
from quittance.domain.assignment import reassigned
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.timeline import in_order
from quittance.runtime.clock import iso, parse_iso

LINK_SECRET = "links_embedded_stack"  # noqa: S105  # a secret of the embedded stack only
_SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


class StackWorld:
    """Plays on a deployed embedded stack with its stand-in vendor."""

    def __init__(self, stack: EmbeddedStack, vendor: StandInVendor) -> None:
        self.stack = stack
        self.vendor = vendor
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=30))
        self._due: dict[str, datetime] | None = None
        self._tickets: dict[str, str] = {}
        self._paid: dict[str, tuple[str, Order]] = {}
        self._turns: Counter[tuple[str, str]] = Counter()
        self._simulated = False
        self._mails_seen = 0

    def schedules(self) -> list[Schedule]:
        """Return the schedules of the deployed template, as the Scheduler knows them."""
        self._targets: dict[str, dict[str, Any]] = {}
        found = []
        for entry in self.stack.schedules():
            name = json.loads(entry["Target"]["Input"])["schedule"]
            self._targets[name] = entry["Target"]
            found.append(parse_schedule(name, entry["ScheduleExpression"]))
        return found

    def set_up(self, scenario: Scenario) -> None:
        """Create the book through the API, and its subscriptions at the vendor."""
        self._scenario = scenario
        addresses = {str(account.get(name)) for account in scenario.accounts for name in ("email", "second_email")}
        self._simulated = not addresses.isdisjoint(mail_events.OUTCOMES)
        partner = scenario.partner["id"]
        self.api = PartnerApi(self.stack.api_url, self.stack.tokens.issue_token(partner, "admin_agent"))
        self.stack.seed_secrets(partner, providers=senders.secrets(), vendor=at_vendor.PARTNER, links=[LINK_SECRET])
        self.vendor.seed(**at_vendor.seed_of(scenario.partner, scenario.accounts))
        self.api.put("/partner", scenario.partner)
        for name, definition in scenario.policies.items():
            self.api.post(f"/policies/{name}", definition)
        for name, plan in scenario.support_plans.items():
            self.api.put(f"/support-plans/{name}", plan)
        self.api.put("/price-rules", scenario.price_rules)
        for account in sorted(scenario.accounts, key=lambda one: one.get("parent") is not None):  # who pays comes first
            self.api.put(f"/accounts/{account['id']}", at_vendor.registered(account))
        self._rest()

    def open_book(self, scenario: Scenario, now: datetime) -> None:
        """Set up a scenario's book on a stack that runs on the machine's time."""
        self.now = now
        self.set_up(scenario)

    def timeline(self, account: str) -> list[dict[str, Any]]:
        """Return everything that happened to an account, in order of time."""
        entries: list[dict[str, Any]] = []
        place = ""
        while True:
            page = self.api.get(f"/accounts/{account}/timeline{place}")
            entries += page["entries"]
            if not page["next"]:
                return in_order(entries)
            place = f"?after={urllib.parse.quote(page['next'])}"

    def tasks(self) -> list[dict[str, Any]]:
        """Return what waits for a person, the longest waiting first; a page of it."""
        found: list[dict[str, Any]] = self.api.get("/tasks?limit=200")["tasks"]
        return found

    def move_to(self, moment: datetime) -> None:
        """Set the virtual clock that all functions and the vendor read."""
        self.now = moment
        self._moment = moment
        self.stack.set_clock(moment)

    def next_due(self) -> Mapping[str, datetime]:
        """Read the due index whole: it is small, and this is the test's own look, not the product's."""
        if self._due is None:
            self._due = {}
            pages = self.stack.client("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self.stack.outputs["TableName"], IndexName="due"):
                for item in page["Items"]:
                    lane = item["due_lane"]["S"].partition("#")[0]
                    at = parse_iso(item["due_at"]["S"])
                    self._due[lane] = min(at, self._due.get(lane, at))
        return self._due

    def fire(self, schedule: Schedule, at: datetime) -> None:
        """Invoke a schedule's target with its input, as the Scheduler would at that time."""
        target = self._targets[schedule.name]
        event = json.loads(target["Input"].replace(_SCHEDULED_TIME, iso(at)))
        self.stack.invoke(target["Arn"].rpartition(":")[2].removeprefix(f"{self.stack.name}-"), event)
        self._rest()

    def perform(self, step: Step) -> None:
        """Do a step through the door it uses in real life, and wait until all that follows has come to rest."""
        try:
            _VERBS[step.verb](self, step.fields)
        except ApiError as problem:
            raise Rejected(f"steps[{step.index}].{step.verb}: {problem.message}") from problem
        self._rest()

    def observe(self, account: str, label: datetime) -> Observation:
        """Ask the API for the account's status."""
        status: Observation = self.api.get(f"/accounts/{account}/status")
        return {**status, "at": label.isoformat()}

    def _rest(self) -> None:
        self.stack.wait_idle()
        while self._simulated and self._tell_of_mails():
            self.stack.wait_idle()
        self._due = None

    def _tell_of_mails(self) -> bool:
        """Tell, as SES does, what became of new mails to its mailbox simulator; False when there are none."""
        mails = self.stack.mails()
        new, self._mails_seen = mails[self._mails_seen :], len(mails)
        events = [mail_events.event(mail.to[0], dict(mail.message.items())) for mail in new if mail.to]
        told = [event for event in events if event]
        for event in told:
            self.stack.client("sqs").send_message(QueueUrl=self.stack.outputs["NoticesQueueUrl"], MessageBody=event)
        return bool(told)

    def _import(self, fields: dict[str, Any]) -> None:
        dated = fields["dated"].isoformat()
        order = {"vendor_invoice": fields["vendor_invoice"], "filename": fields["file"], "dated": dated}
        target = self.api.post("/imports", order)
        self.api.upload(target, (self._scenario.folder / fields["file"]).read_bytes())
        self._rest()
        outcome = self.api.get(f"/imports/{fields['vendor_invoice']}")
        if outcome["state"] == "refused":
            raise ApiError(f"the file was refused: {outcome}")

    def _bill(self, fields: dict[str, Any]) -> None:
        self.api.post("/billing-runs", {"period": fields["period"]})

    def _invoice(self, fields: dict[str, Any]) -> None:
        body = {key: value.isoformat() if key in ("issued", "due") else value for key, value in fields.items()}
        account = body.pop("account")
        self.api.post(f"/accounts/{account}/invoices", body)

    def _pay(self, fields: dict[str, Any]) -> None:
        partner = self._scenario.partner
        amount = Money.parse(fields["amount"], fields.get("currency", partner["currency"]))
        via = fields.get("via", "stripe")
        order = Order(
            payment=fields["id"],
            account=fields["account"],
            invoice=fields.get("invoice"),
            lines=tuple(fields.get("lines", ())),
            amount=amount,
            at=self.now,
            attempt=1 + self._turns[fields["id"], movements.FAILED],
        )
        self._paid[fields["id"]] = via, order
        sent = senders.send(via, order, self.stack.providers)
        self._webhook(sent.headers, sent.body, via)

    def _webhook(self, headers: Mapping[str, str], body: bytes, via: str = "stripe") -> None:
        url = f"{self.stack.api_url}/webhooks/{via}/{self._scenario.partner['id']}"
        answer = self._http.request("POST", url, body=body, headers=headers)
        if answer.status != 200:  # noqa: PLR2004  # what a provider takes for accepted
            raise ApiError(f"webhook: {answer.status} {answer.data.decode(errors='replace')}")

    def _pay_failed(self, fields: dict[str, Any]) -> None:
        nothing = Money.zero(self._scenario.partner["currency"])
        unpaid = Order(payment=fields["id"], account=fields.get("account"), amount=nothing, at=self.now)
        via, order = self._paid.get(fields["id"], (fields.get("via", "stripe"), unpaid))
        self._tell(via, order, movements.FAILED, order.amount)

    def moved(self, fields: dict[str, Any], kind: str) -> None:
        """Let the provider tell that money of a payment has moved: what it was over where no amount is given."""
        via, order = self._paid[fields["payment"]]
        amount = Money.parse(fields["amount"], order.amount.currency) if fields.get("amount") else order.amount
        self._tell(via, order, kind, amount)

    def _tell(self, via: str, order: Order, kind: str, amount: Money) -> None:
        self._turns[order.payment, kind] += 1
        movement = Movement(kind=kind, payment=order.payment, amount=amount, turn=self._turns[order.payment, kind])
        sent = movements.send(via, movement, replace(order, at=self.now), self.stack.providers)
        # What happened later is told by Mollie's classic webhook, whichever told of the payment.
        self._webhook(sent.headers, sent.body, "mollie_classic" if via == "mollie" else via)

    def _credit(self, fields: dict[str, Any]) -> None:
        invoice = fields["invoice"]
        self._turns[invoice, "credit"] += 1
        note = fields.get("id") or f"CN-{invoice}-{self._turns[invoice, 'credit']}"
        given = {name: fields[name] for name in ("amount", "lines", "reason") if name in fields}
        self.api.post(f"{self._invoice_path(fields)}/credit-notes", {"id": note, **given})

    def decide(self, fields: dict[str, Any], action: str) -> None:
        """Post a decision on an invoice."""
        self.api.post(f"{self._invoice_path(fields)}/{action}", {})

    def _bank_statement(self, fields: dict[str, Any]) -> None:
        target = self.api.post("/bank-statements", {"filename": fields["file"]})
        self.api.upload(target, (self._scenario.folder / fields["file"]).read_bytes())
        self._rest()
        outcome = self.api.get(f"/bank-statements/{target['statement']}")
        if outcome["state"] == "refused":
            raise ApiError(f"the statement was refused: {outcome}")

    def _publish(self, fields: dict[str, Any]) -> None:
        self.api.post(f"/policies/{fields['policy']}", fields["definition"])

    def _assign(self, fields: dict[str, Any]) -> None:
        account = self.api.get(f"/accounts/{fields['account']}")
        changed = reassigned(account, fields["policy"], fields.get("from"), self._moment)
        self.api.put(f"/accounts/{fields['account']}", changed)

    def _agree(self, fields: dict[str, Any], action: str) -> None:
        self.api.post(f"/accounts/{fields['account']}/{action}", request_of(fields))

    def _promise(self, fields: dict[str, Any]) -> None:
        self._agree(fields, "promises")

    def _pause(self, fields: dict[str, Any]) -> None:
        self._agree(fields, "pause")

    def _unpause(self, fields: dict[str, Any]) -> None:
        self._agree(fields, "unpause")

    def _hold(self, fields: dict[str, Any]) -> None:
        self._agree(fields, "holds")

    def _release(self, fields: dict[str, Any]) -> None:
        self.api.post(f"/accounts/{fields['account']}/holds/{fields['reason']}/release", {})

    def _dispute(self, fields: dict[str, Any]) -> None:
        self.api.post(f"{self._invoice_path(fields)}/dispute", request_of(fields))

    def _dispute_closed(self, fields: dict[str, Any]) -> None:
        self.api.post(f"{self._invoice_path(fields)}/dispute/close", request_of(fields))

    def _invoice_path(self, fields: dict[str, Any]) -> str:
        """Find an invoice: in the account that the step names, else in the only one that has it."""
        name, named = fields["invoice"], fields.get("account")
        accounts = [named] if named else [account["id"] for account in self._scenario.accounts]
        owners = [account for account in accounts if self._has_invoice(account, name)]
        if len(owners) != 1:
            raise ApiError(f"invoice {name!r} is {'in no account' if not owners else 'in several: name the account'}")
        return f"/accounts/{owners[0]}/invoices/{name}"

    def _has_invoice(self, account: str, name: str) -> bool:
        return any(one["id"] == name for one in self.api.get(f"/accounts/{account}/invoices")["invoices"])

    def _ticket(self, fields: dict[str, Any]) -> None:
        account = fields["account"]
        self._tickets[fields["id"]] = account
        self.api.post(f"/accounts/{account}/tickets", {k: v for k, v in fields.items() if k != "account"})

    def _fault(self, fields: dict[str, Any]) -> None:
        if fields["target"] == "mail":
            self.stack.break_mail(fields["until"])
        elif fields["target"] == "queue":
            self.stack.disturb_queues(fields["mode"], fields["until"])
        else:
            self.vendor.fault(fields["mode"], until=fields["until"])

    def _change_at_vendor(self, fields: dict[str, Any]) -> None:
        customer, name, changes = at_vendor.place_of(self._scenario.accounts, fields)
        self.vendor.change(customer, name, **changes)

    def _run(self, fields: dict[str, Any]) -> None:
        schedule = next((one for one in self.schedules() if one.name == fields["schedule"]), None)
        if schedule is None:
            raise ApiError(f"no schedule {fields['schedule']!r}")
        self.fire(schedule, self.now)

    def on_ticket(self, fields: dict[str, Any], action: str) -> None:
        """Post an action to a ticket of the scenario."""
        ticket = fields["ticket"]
        body = {k: iso(v) if isinstance(v, datetime) else v for k, v in fields.items() if k != "ticket"}
        self.api.post(f"/accounts/{self._tickets[ticket]}/tickets/{ticket}/{action}", body)


def _ticket_action(action: str) -> Callable[[StackWorld, dict[str, Any]], None]:
    return lambda world, fields: world.on_ticket(fields, action)


def _movement(kind: str) -> Callable[[StackWorld, dict[str, Any]], None]:
    return lambda world, fields: world.moved(fields, kind)


def _decision(action: str) -> Callable[[StackWorld, dict[str, Any]], None]:
    return lambda world, fields: world.decide(fields, action)


_VERBS: Mapping[str, Callable[[StackWorld, dict[str, Any]], None]] = {
    "import": StackWorld._import,  # noqa: SLF001  # the table of this module's own class
    "bill": StackWorld._bill,  # noqa: SLF001
    "invoice": StackWorld._invoice,  # noqa: SLF001
    "pay": StackWorld._pay,  # noqa: SLF001
    "pay_failed": StackWorld._pay_failed,  # noqa: SLF001
    "refund": _movement("refund"),
    "chargeback": _movement("chargeback"),
    "chargeback_reversed": _movement("chargeback_reversed"),
    "credit": StackWorld._credit,  # noqa: SLF001
    "write_off": _decision("write-off"),
    "reinstate": _decision("reinstatement"),
    "bank_statement": StackWorld._bank_statement,  # noqa: SLF001
    "publish": StackWorld._publish,  # noqa: SLF001
    "assign": StackWorld._assign,  # noqa: SLF001
    "promise": StackWorld._promise,  # noqa: SLF001
    "pause": StackWorld._pause,  # noqa: SLF001
    "unpause": StackWorld._unpause,  # noqa: SLF001
    "hold": StackWorld._hold,  # noqa: SLF001
    "release": StackWorld._release,  # noqa: SLF001
    "dispute": StackWorld._dispute,  # noqa: SLF001
    "dispute_closed": StackWorld._dispute_closed,  # noqa: SLF001
    "ticket": StackWorld._ticket,  # noqa: SLF001
    "fault": StackWorld._fault,  # noqa: SLF001
    "change_at_vendor": StackWorld._change_at_vendor,  # noqa: SLF001
    "run": StackWorld._run,  # noqa: SLF001
    **{verb: _ticket_action(action) for verb, action in TICKET_ACTIONS.items()},
}
