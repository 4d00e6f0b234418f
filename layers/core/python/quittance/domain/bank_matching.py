"""Whose money a bank line is, and for which invoice: a confidence from 0 to 100 with its reasons.

What reaches SURE is booked without a person. A reference counts for what it is worth by itself; the amount and the
payer's IBAN confirm or contradict it. A name alone never decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import combining, normalize

from quittance.domain.allocation import Debt, allocate
from quittance.domain.bank import BankLine
from quittance.domain.claim import Claim
from quittance.domain.money import Money, total
from quittance.domain.payment import Standing
from quittance.domain.payment_reference import Found
from quittance.domain.transfers import qualified

SURE = 90
_AMOUNT, _PAYER, _STRANGER = 10, 15, 10
_SEVERAL, _SPLIT = 95, 80
_KNOWN_EXACT, _KNOWN = 95, 90
_ONE_OF_SEVERAL, _NAME = 60, 40
_OTHER_CURRENCY = 60
_MOST_PROPOSALS = 5
_LEGAL_FORMS = frozenset(
    "AG GMBH MBH CO KG SE OHG EK UG LTD LIMITED INC LLC BV NV SA SARL SRL SPA PLC AB OY AS".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A proposal: an account, perhaps an invoice (None: the policy's order), how sure, and why."""

    account: str
    invoice: str | None
    confidence: int
    reasons: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Whether it may be booked without a person."""
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known around a line: claims by compact number, accounts the payer's IBAN stood for, what they owe."""

    found: Sequence[Found] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)
    payer: tuple[str, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    names: Callable[[], Mapping[str, str]] = dict


def match(line: BankLine, facts: Facts) -> list[Match]:
    """Return whose money it may be, the surest first; empty when nothing speaks for anybody."""
    named = [(found, facts.claims[found.number]) for found in facts.found if found.number in facts.claims]
    if named:
        matches = _by_number(line, named, facts)
    elif facts.payer:
        matches = _by_payer(line, facts)
    else:
        matches = _by_name(line, facts)
    if line.doubt:
        matches = [_capped(one, _SPLIT, line.doubt) for one in matches]
    return sorted(matches, key=lambda one: (-one.confidence, one.account, one.invoice or ""))[:_MOST_PROPOSALS]


def _capped(one: Match, most: int, reason: str) -> Match:
    reasons = (*one.reasons, reason)
    return Match(account=one.account, invoice=one.invoice, confidence=min(one.confidence, most), reasons=reasons)


def _by_number(line: BankLine, named: Sequence[tuple[Found, Claim]], facts: Facts) -> list[Match]:
    matches = [_weighed(line, found, claim, facts) for found, claim in named]
    best = [one for one in matches if one.confidence >= _SPLIT] or matches
    if len({one.account for one in best}) > 1:
        return [_capped(one, _SPLIT, "the text names invoices of several accounts") for one in matches]
    if len(best) == 1:
        return matches
    together = _together(line, best, facts)
    return [together] if together else [_capped(one, _SPLIT, "the text names several invoices") for one in matches]


def _weighed(line: BankLine, found: Found, claim: Claim, facts: Facts) -> Match:
    score, reasons = found.strength, [found.how]
    account, invoice = claim.account, claim.invoice
    left = _left(facts.standings.get(claim.account), claim.invoice)
    if claim.gross.currency != line.amount.currency:
        score, reasons = _OTHER_CURRENCY, [*reasons, f"paid in {line.amount.currency}, owed in {claim.gross.currency}"]
    elif left is not None and left == line.amount:
        score, reasons = score + _AMOUNT, [*reasons, f"{line.amount} is what is left to pay"]
    else:
        reasons.append(f"{left if left is not None else 'nothing'} is left to pay, {line.amount} came")
    if claim.account in facts.payer:
        score, reasons = score + _PAYER, [*reasons, "this IBAN paid for the account before"]
    elif payer := _pays_for(claim.account, facts):
        account, invoice = payer, qualified(claim.account, claim.invoice)
        score, reasons = score + _PAYER, [*reasons, f"this IBAN is {payer}'s, which pays for {claim.account}"]
    elif facts.payer:
        score, reasons = score - _STRANGER, [*reasons, f"this IBAN is known as that of {', '.join(facts.payer)}"]
    return Match(account=account, invoice=invoice, confidence=min(100, max(0, score)), reasons=tuple(reasons))


def _pays_for(account: str, facts: Facts) -> str | None:
    """Return the account of the payer's IBAN that pays for another."""
    standings = ((payer, facts.standings.get(payer)) for payer in facts.payer)
    return next((payer for payer, standing in standings if standing and account in standing.pays_for), None)


def _together(line: BankLine, named: Sequence[Match], facts: Facts) -> Match | None:
    """Several invoices of one account, where the money is what they need and would go to exactly these."""
    standing = facts.standings.get(named[0].account)
    if standing is None or standing.currency != line.amount.currency:
        return None
    wanted = {one.invoice for one in named}
    debts = [debt for debt in standing.debts if debt.invoice in wanted]
    if len(debts) < len(wanted) or _sum(debts, standing.currency) != line.amount:
        return None
    first = min(debts, key=lambda debt: (debt.due, debt.number)).invoice
    if set(allocate(line.amount, standing.debts, named=first).invoices) != wanted:
        return None
    reasons = (*(one.reasons[0] for one in named), f"{line.amount} is what they need together")
    return Match(account=named[0].account, invoice=first, confidence=_SEVERAL, reasons=reasons)


def _by_payer(line: BankLine, facts: Facts) -> list[Match]:
    if len(facts.payer) > 1:
        reason = "this IBAN pays for several accounts"
        return [_capped(_of_account(line, name, facts, reason), _SPLIT, reason) for name in facts.payer]
    return [_of_account(line, facts.payer[0], facts, "this IBAN paid for the account before")]


def _of_account(line: BankLine, account: str, facts: Facts, reason: str) -> Match:
    standing = facts.standings.get(account)
    if standing is None or standing.currency != line.amount.currency:
        wrong = "the account does not exist" if standing is None else f"the account is kept in {standing.currency}"
        return Match(account=account, invoice=None, confidence=_OTHER_CURRENCY, reasons=(reason, wrong))
    several = len(facts.payer) > 1
    exact = _exact(line, standing.debts)
    if exact is not None:
        how = f"{line.amount} is what is left of {exact.number} only"
        return _payer_match(account, exact.invoice, several, _KNOWN_EXACT, (reason, how))
    if _sum(standing.debts, standing.currency) == line.amount:
        return _payer_match(account, None, several, _KNOWN_EXACT, (reason, "the amount is all that is owed"))
    return _payer_match(account, None, several, _KNOWN, (reason, "no invoice is named: the policy's order"))


def _payer_match(account: str, invoice: str | None, several: bool, score: int, reasons: tuple[str, ...]) -> Match:  # noqa: FBT001  # private
    least = _ONE_OF_SEVERAL + (_AMOUNT if score == _KNOWN_EXACT else 0)
    return Match(account=account, invoice=invoice, confidence=least if several else score, reasons=reasons)


def _exact(line: BankLine, debts: Iterable[Debt]) -> Debt | None:
    """The one debt of just this amount; among several, the one whose running number stands in the text."""
    equal = [debt for debt in debts if debt.remaining == line.amount]
    if len(equal) > 1:
        told = {int(digits) for digits in re.findall(r"(?<!\d)\d{1,9}(?!\d)", " ".join(line.texts)[:4000])}
        equal = [debt for debt in equal if _running(debt.number) in told]
    return equal[0] if len(equal) == 1 else None


def _running(number: str) -> int:
    digits = re.search(r"\d{1,9}$", number)
    return int(digits[0]) if digits else -1


def _by_name(line: BankLine, facts: Facts) -> list[Match]:
    wanted = _words(line.payer_name or "")
    if not wanted:
        return []
    alike = [account for account, name in facts.names().items() if _words(name) == wanted]
    return [
        Match(account=name, invoice=None, confidence=_NAME, reasons=("the payer is called like the account",))
        for name in alike
    ]


def _words(name: str) -> frozenset[str]:
    """The words of a name that tell it from others: no accents, no legal form, whatever the order."""
    plain = "".join(char for char in normalize("NFKD", name) if not combining(char)).upper().replace("\u1e9e", "SS")
    return frozenset(re.findall(r"[A-Z0-9]+", plain)) - _LEGAL_FORMS


def _left(standing: Standing | None, invoice: str) -> Money | None:
    debts = standing.debts if standing else ()
    return next((debt.remaining for debt in debts if debt.invoice == invoice), None)


def _sum(debts: Iterable[Debt], currency: str) -> Money:
    return total((debt.remaining for debt in debts), currency)
