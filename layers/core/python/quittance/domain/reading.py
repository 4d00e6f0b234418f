"""Reading what somebody wrote: typed fields out of decoded JSON or YAML, each refusal with the field's path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from quittance.domain.errors import Rejected
from quittance.domain.names import checked

MOST_TEXT: Final = 1_000
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\".]{2,}")
_MISSING: Final = object()


class Fields:
    """The fields of one object. Whoever has read all that may be there calls `done`, which refuses the rest."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise Rejected(f"{path or 'body'}: an object with fields is expected", field=path or "body")
        self._values: Mapping[Any, Any] = value
        self._path = path
        self._read: set[str] = set()

    def path(self, name: str) -> str:
        """Return the full path of a field, as refusals name it."""
        return f"{self._path}.{name}" if self._path else name

    def refuse(self, name: str, problem: str) -> Rejected:
        """Return the refusal of a field, ready to raise."""
        return Rejected(f"{self.path(name)}: {problem}", field=self.path(name))

    def has(self, name: str) -> bool:
        """Tell whether a field is given and not null."""
        self._read.add(name)
        return self._values.get(name) is not None

    def raw(self, name: str, default: object = _MISSING) -> Any:
        """Return a field as it came; Rejected when it is missing (or null) and has no default."""
        self._read.add(name)
        value = self._values.get(name)
        if value is not None:
            return value
        if default is _MISSING:
            raise self.refuse(name, "this field is required")
        return default

    def text(self, name: str, default: Any = _MISSING, *, most: int = MOST_TEXT) -> Any:
        """Return a text that is not blank, trimmed, of at most `most` characters."""
        value = self.raw(name, default)
        if value is default:
            return value
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(name, "write a text")
        if len(value) > most:
            raise self.refuse(name, f"is longer than {most} characters")
        return value.strip()

    def name(self, name: str, default: Any = _MISSING) -> Any:
        """Return an identifier: it may stand in a key or an address."""
        value = self.raw(name, default)
        return value if value is default else checked(value, self.path(name))

    def choice(self, name: str, choices: Sequence[str], default: Any = _MISSING) -> Any:
        """Return one of the words that may stand here."""
        value = self.raw(name, default)
        if value is not default and (not isinstance(value, str) or value not in choices):
            raise self.refuse(name, f"{value!r} is not one of {', '.join(choices)}")
        return value

    def whole(self, name: str, default: Any = _MISSING, *, least: int = 0, most: int = 10**9) -> Any:
        """Return a whole number between `least` and `most`."""
        value = self.raw(name, default)
        if value is default:
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(name, "write a whole number without quotes")
        if not least <= value <= most:
            raise self.refuse(name, f"{value} is not between {least} and {most}")
        return value

    def flag(self, name: str, default: Any = _MISSING) -> Any:
        """Return true or false."""
        value = self.raw(name, default)
        if value is not default and not isinstance(value, bool):
            raise self.refuse(name, "write true or false without quotes")
        return value

    def day(self, name: str, default: Any = _MISSING) -> Any:
        """Return a date; YAML gives one, JSON its ISO 8601 text."""
        value = self.raw(name, default)
        if value is default or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.refuse(name, f"{value!r} is not a date such as 2026-10-09") from None

    def moment(self, name: str, default: Any = _MISSING) -> Any:
        """Return a moment; it must carry its offset."""
        value = self.raw(name, default)
        if value is default:
            return value
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self.refuse(name, f"{value!r} is not a moment with its offset such as 2026-10-09T06:00:00Z")
        return moment

    def decimal(self, name: str, default: Any = _MISSING) -> Any:
        """Return a decimal that was written as text, so that nothing was rounded on the way."""
        value = self.raw(name, default)
        if value is default:
            return value
        try:
            number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.refuse(name, 'write a decimal as text such as "12.50"')
        return number

    def zone(self, name: str, default: Any = _MISSING) -> Any:
        """Return the name of a time zone (IANA) that exists."""
        value = self.text(name, default)
        if value is default:
            return value
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):  # unknown, not a name, or a folder of the database
            raise self.refuse(name, f"{value!r} is not a time zone such as Europe/Berlin") from None

    def email(self, name: str, default: Any = _MISSING) -> Any:
        """Return an e-mail address; only the shape is checked, delivery proves the rest."""
        value = self.text(name, default, most=254)
        if value is not default and not _EMAIL.fullmatch(value):
            raise self.refuse(name, f"{value!r} is not an e-mail address such as billing@example.com")
        return value

    def items(self, name: str, default: Any = _MISSING, *, most: int = 1_000) -> Any:
        """Return a list of at most `most` entries."""
        value = self.raw(name, default)
        if value is not default and (not isinstance(value, Sequence) or isinstance(value, str)):
            raise self.refuse(name, "write a list")
        if value is not default and len(value) > most:
            raise self.refuse(name, f"has more than {most} entries")
        return value

    def each[Read](self, name: str, read: Callable[[Fields], Read], *, most: int = 1_000) -> tuple[Read, ...]:
        """Read every object of a list that may be missing; paths carry the position."""
        entries = self.items(name, (), most=most)
        return tuple(read(Fields(entry, f"{self.path(name)}[{i}]")) for i, entry in enumerate(entries))

    def under(self, name: str) -> Fields:
        """Return the fields of the object in a field."""
        return Fields(self.raw(name), self.path(name))

    def done(self) -> None:
        """Refuse fields that nobody read: a misspelt name must not pass for a setting that works."""
        unknown = sorted(str(name) for name in self._values if name not in self._read)
        if unknown:
            known = ", ".join(sorted(self._read))
            raise self.refuse(unknown[0], f"unknown field; the fields here are {known}")
