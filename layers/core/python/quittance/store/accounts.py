"""An account's facts in one consistent query, and the decision on them in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Protocol, cast

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.operand import Path

from quittance.domain.account import AccountFile, Notice, NoticeState, Profile, Subscription, Wanted
from quittance.domain.arrears import Assessment, apply, is_settled
from quittance.domain.arrears_terms import is_calm
from quittance.domain.decision import decision_body
from quittance.domain.errors import Conflict, NotFound
from quittance.domain.money import Money
from quittance.domain.policy import Policy, PolicyRef
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys
from quittance.store.attention import DECISION
from quittance.store.entries import open_invoice as open_invoice  # noqa: PLC0414  # part of this module for its users
from quittance.store.measures import archive, facts_of, item_of
from quittance.store.models import (
    AccountItem,
    DecisionItem,
    HeadItem,
    Item,
    NoticeItem,
    PromiseItem,
    SubscriptionItem,
)
from quittance.store.transact import Transaction, unavailable_is_transient

if TYPE_CHECKING:
    from types import ModuleType

    from quittance.domain.effect import Effect, Position
    from quittance.domain.forbearance import Pause, Promise
    from quittance.domain.late_charges import LateCharge, Move

# A toggle message that never arrives is made up for by the access schedule after this long.
TOGGLE_GRACE = timedelta(minutes=2)
# A delivery message that never arrives is made up for by the next sweep after this long.
DELIVERY_GRACE = timedelta(minutes=10)
_PROFILE = (
    "name country timezone currency email second_email policy support_plan vat_id vendor_customer parent locale "
    "rates next_policy".split()
)
_CHANGED = Conflict("the account's facts changed meanwhile; assess it again")


class Policies(Protocol):
    """Finds a published policy."""

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        """Return a version; None when it was never published."""
        ...


class AccountStore:
    """Loads account files and writes what was decided on them."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def load(self, partner: str, account: str) -> AccountFile:
        """Return all facts collections decide on, as of one moment; NotFound when there is no such account."""
        pk = keys.account_pk(partner, account)
        with unavailable_is_transient():
            items = list(Item.query(pk, Item.sk.startswith(keys.COLLECTIONS_PREFIX), consistent_read=True))
        heads = [item for item in items if isinstance(item, HeadItem)]
        who = [item for item in items if isinstance(item, AccountItem)]
        if not heads or not who:
            raise NotFound(f"there is no account {account!r}", field="account")
        return self._file(partner, profile_of(account, who[0].body), heads[0], items)

    def _file(self, partner: str, profile: Profile, head: HeadItem, items: Iterable[Item]) -> AccountFile:
        opened = {name: open_invoice(name, entry, profile.currency) for name, entry in head.open.as_dict().items()}
        refs = {one.policy for one in opened.values()}
        found = {ref: self._policies.get(partner, ref, profile.currency) for ref in refs}
        return AccountFile(
            partner=partner,
            profile=profile,
            balance=Money(int(head.balance), profile.currency),
            credit=Money(int(head.credit), profile.currency),
            open=opened,
            notices=tuple(notice_of(item) for item in items if isinstance(item, NoticeItem)),
            subscriptions=tuple(subscription_of(item) for item in items if isinstance(item, SubscriptionItem)),
            policies={ref: policy for ref, policy in found.items() if policy},
            **facts_of(items),
            stage=head.stage,
            stage_since=_moment(head.stage_since),
            version=int(head.version),
            due_at=_moment(head.due_at),
            assessed_at=_moment(head.assessed_at),
            pays_for=tuple(sorted(head.pays_for or ())),
        )

    def position(self, partner: str, account: str) -> Position | None:
        """Return what an account and those that it pays for owe; None when there is no such account."""
        from quittance.store import positions  # noqa: PLC0415  # who only reads files need not load it

        return positions.read_with_others(partner, account)

    def write(self, file: AccountFile, assessment: Assessment, cause: str) -> None:
        """Write a decision whole, or Conflict when any fact changed since the file was loaded."""
        partner, account = file.partner, file.profile.id
        transaction = Transaction()
        decision = keys.decision(partner, account, assessment.at, file.version + 1)
        body = decision_body(file, assessment, cause)
        item = DecisionItem(decision.pk, decision.sk, decided_at=iso(assessment.at), stage=assessment.stage, body=body)
        transaction.put(item, DecisionItem.pk.does_not_exist(), _CHANGED)
        for notice in assessment.notices:
            free = NoticeItem.pk.does_not_exist() | (NoticeItem.state == "withdrawn")
            transaction.put(_notice_item(partner, account, notice), free, _CHANGED)
        before = {one.id: one for one in file.subscriptions}
        for one in assessment.subscriptions:
            _switch(transaction, file, before[one.id], one, assessment.at)
        for promise in assessment.promises:
            transaction.put(item_of(file, promise), PromiseItem.state == "open", _CHANGED)
        head = keys.head(partner, account)
        actions = _head_actions(file, assessment)
        transaction.update(HeadItem(head.pk, head.sk), actions, HeadItem.version == file.version, _CHANGED)
        transaction.commit()

    def settle(self, partner: str, account: str, kind: str, effect: Effect, seen: Position, at: datetime) -> None:
        """Book what needs nobody's word, or Conflict when any fact changed since the position was read."""
        from quittance.store import positions  # noqa: PLC0415  # as above

        transaction = Transaction()
        positions.correct(transaction, partner, account, kind, effect, seen, at)
        transaction.commit()

    def moves(self, partner: str, account: str, invoice: str, zone: tzinfo) -> Sequence[Move]:
        """Return what settled an invoice, in the order of booking."""
        found: Sequence[Move] = _late().moves(partner, account, invoice, zone)
        return found

    def charge(self, partner: str, account: str, owed: LateCharge, *, period: str) -> bool:
        """Put a late charge on the account's next draft from a period on; False when it is on one already."""
        return bool(_late().charge(partner, account, owed, period=period))

    def send_again(self, file: AccountFile, notice: Notice, at: datetime) -> bool:
        """Queue a notice that failed for the account's new contacts; False when it has changed since."""
        from quittance.store.notices import NoticeStore  # noqa: PLC0415  # it builds on this module; seldom needed

        return NoticeStore().send_again(file.partner, file.profile.id, notice, at=at, second=False)

    def archive(self, file: AccountFile, bygone: Sequence[Promise | Pause]) -> None:
        """Move promises and pauses that were over long ago out of what each assessment reads."""
        archive(file, bygone)

    def reschedule(self, file: AccountFile, assessment: Assessment) -> None:
        """Write only when the account is next due; Conflict when any fact changed since the file was loaded."""
        key = keys.head(file.partner, file.profile.id)
        actions = [*_due_actions(file, assessment), HeadItem.assessed_at.set(iso(assessment.at))]
        unchanged = (HeadItem.version == file.version) & _was_due(file)
        try:
            with unavailable_is_transient():
                HeadItem(key.pk, key.sk).update(actions, condition=unchanged)
        except UpdateError as problem:
            if problem.cause_response_code == "ConditionalCheckFailedException":
                raise _CHANGED from problem
            raise


def _late() -> ModuleType:
    from quittance.store import late_charges  # noqa: PLC0415  # few accounts owe such charges: start-up is for the rest

    return late_charges


def _was_due(file: AccountFile) -> Any:
    return HeadItem.due_at == iso(file.due_at) if file.due_at else HeadItem.due_at.does_not_exist()


def _head_actions(file: AccountFile, assessment: Assessment) -> list[Any]:
    actions = [
        HeadItem.version.set(file.version + 1),
        HeadItem.assessed_at.set(iso(assessment.at)),
        *_due_actions(file, assessment),
    ]
    if assessment.stage != file.stage:
        actions += [HeadItem.stage.set(assessment.stage), HeadItem.stage_since.set(iso(assessment.at))]
    return actions


def _due_actions(file: AccountFile, assessment: Assessment) -> list[Any]:
    """Set or lift the next due moment, now and after a payment, and prune invoices that are settled."""
    calm = is_calm(apply(file, assessment, assessment.at), assessment.at)
    actions: list[Any] = [Path(["open", name]).remove() for name, one in file.open.items() if is_settled(one)]
    actions += [HeadItem.calm.set(1) if calm else HeadItem.calm.remove(), HeadItem.change.set(DECISION)]
    if assessment.next_due is None:
        return [HeadItem.due_lane.remove(), HeadItem.due_at.remove(), HeadItem.due_if_paid.remove(), *actions]
    lane, due = keys.due_lane("account", keys.head(file.partner, file.profile.id)), iso(assessment.next_due)
    actions.append(HeadItem.due_if_paid.set(due) if calm else HeadItem.due_if_paid.remove())
    return [HeadItem.due_lane.set(lane), HeadItem.due_at.set(due), *actions]


def _switch(transaction: Transaction, file: AccountFile, before: Subscription, one: Subscription, at: datetime) -> None:
    """Change what is wanted of a subscription; a new generation is due at once, so that it cannot be forgotten."""
    key = keys.subscription(file.partner, file.profile.id, one.id)
    actions = [SubscriptionItem.reasons.set(sorted(one.reasons))]
    actions.append(SubscriptionItem.why.set(dict(one.why)) if one.why else SubscriptionItem.why.remove())
    if one.generation != before.generation:
        actions += [
            SubscriptionItem.desired.set(one.desired),
            SubscriptionItem.generation.set(one.generation),
            SubscriptionItem.attempts.set(0),
            SubscriptionItem.changed_at.set(iso(at)),
            SubscriptionItem.watched_since.remove(),
            SubscriptionItem.due_lane.set(keys.due_lane("access", key)),
            SubscriptionItem.due_at.set(iso(at + TOGGLE_GRACE)),
        ]
    unchanged = SubscriptionItem.generation == before.generation
    transaction.update(SubscriptionItem(key.pk, key.sk), actions, unchanged, _CHANGED)


def _notice_item(partner: str, account: str, notice: Notice) -> NoticeItem:
    key = keys.notice(partner, account, notice.id)
    return NoticeItem(
        key.pk,
        key.sk,
        notice=notice.id,
        notice_kind=notice.kind,
        cause=notice.cause,
        state=notice.state,
        decided_at=iso(notice.decided_at),
        due_lane=keys.due_lane("account", key),
        due_at=iso(notice.decided_at + DELIVERY_GRACE),
        body=_notice_body(notice),
    )


def _notice_body(notice: Notice) -> dict[str, Any]:
    body = {"invoices": list(notice.invoices), "openings": dict(notice.openings)}
    if notice.fee is None:
        return body
    return {**body, "about": notice.about, "fee": notice.fee.minor, "currency": notice.fee.currency}


def profile_of(account: str, body: Mapping[str, Any]) -> Profile:
    """Read who an account is from its item's body."""
    given = {name: body[name] for name in _PROFILE if body.get(name) is not None}
    return Profile(id=account, address=tuple(body.get("address", ())), **given)


def notice_of(item: NoticeItem) -> Notice:
    """Read a notice from its item."""
    return Notice(
        id=item.notice,
        kind=item.notice_kind,
        cause=item.cause,
        invoices=tuple(item.body["invoices"]),
        openings={name: int(count) for name, count in item.body.get("openings", {}).items()},
        decided_at=parse_iso(item.decided_at),
        state=cast("NoticeState", item.state),
        sent_at=_moment(item.sent_at),
        second=bool(item.contact),
        tries=int(item.attempts),
        mail=item.mail,
        charged=bool(item.charged),
        failed=item.failed,
        about=item.body.get("about", ""),
        fee=Money(int(item.body["fee"]), item.body["currency"]) if item.body.get("fee") else None,
    )


def subscription_of(item: SubscriptionItem) -> Subscription:
    """Read a subscription and its access from its item."""
    body = item.body
    return Subscription(
        id=item.subscription,
        product=body["product"],
        name=body["name"],
        kind=body["kind"],
        quantity=int(body["quantity"]),
        vendor_customer=body.get("vendor_customer"),
        vendor_subscription=body.get("vendor_subscription"),
        term_ends=date.fromisoformat(body["term_ends"]) if body.get("term_ends") else None,
        auto_renew=body.get("auto_renew"),
        desired=cast("Wanted", item.desired),
        actual=item.actual,
        reasons=frozenset(item.reasons),
        generation=int(item.generation),
        drift=tuple(item.drift or ()),
        why=item.why,
    )


def _moment(text: str | None) -> datetime | None:
    return parse_iso(text) if text else None
