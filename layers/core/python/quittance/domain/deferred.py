"""Deferred revenue: what was invoiced for days that are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """A line of an issued document that charges for a time, both days included; net in minor units."""

    account: str
    number: str
    text: str
    currency: str
    net: int
    start: date
    end: date
    posted: date

    def deferred(self, at: date) -> int:
        """Return the part of the net that is for days after `at`, in minor units.

        Every day counts alike. What is earned until a day is rounded half up, so that the parts of all days are the
        net to the cent and a credit mirrors its charge.
        """
        days = (self.end - self.start).days + 1
        earned = min(max((at - self.start).days + 1, 0), days)
        sign, size = (-1 if self.net < 0 else 1), abs(self.net)
        return sign * (size - (2 * size * earned + days) // (2 * days))
