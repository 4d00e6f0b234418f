"""What a check finds: an item, the rule it breaks, what the rule asks for and what is there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from infra.local.verify.table import Record

INVARIANTS = {
    1: "postings sum to zero; balances equal their sums",
    2: "numbers are gapless and unique; stored bytes match their hash",
    3: "one effect per payment and billing period",
    4: "no suspension without overdue amount, notice and full days",
    5: "nothing stays suspended once it is settled",
    6: "the pinned policy is the one published at issue",
    7: "every charge is billed once, absorbed, or open",
    8: "no message disappears",
    9: "an item belongs to the partner its key names",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule; `invariant` is its number in the design."""

    invariant: int
    rule: str
    pk: str
    sk: str
    expected: str
    found: str

    def to_json(self) -> dict[str, Any]:
        """Return the violation as `--json` prints it."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.pk} {self.sk}: {self.rule}: expected {self.expected}, found {self.found}"


def broken(invariant: int, rule: str, record: Record, *, expected: object, found: object) -> Violation:
    """Return the violation of a rule by an item."""
    return Violation(invariant, rule, record.pk, record.sk, str(expected), str(found))


def missing(invariant: int, rule: str, pk: str, sk: str, *, expected: object, found: object = "nothing") -> Violation:
    """Return the violation of a rule by an item that is not there."""
    return Violation(invariant, rule, pk, sk, str(expected), str(found))
