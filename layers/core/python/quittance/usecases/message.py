"""The base of what travels between the functions; apart, for functions that must start fast and know one message."""

from __future__ import annotations

import json
from dataclasses import Field, asdict, fields
from typing import Any, ClassVar, Self

from quittance.domain.errors import Poison


class Message:
    """Base of frozen dataclasses: encodes to and decodes from the JSON body of a queue message."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    TYPE: ClassVar[str] = ""
    QUEUE: ClassVar[str] = ""

    @property
    def group(self) -> str | None:
        """The FIFO group that keeps order where it matters; None for a message of a standard queue."""
        return None

    def to_json(self) -> str:
        """Return the body as compact JSON with its type."""
        return json.dumps({"type": self.TYPE, **asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_mapping(cls, body: dict[str, Any]) -> Self:
        """Read a decoded body; Poison when the type or a field is not what the contract says."""
        if body.get("type") != cls.TYPE:
            raise Poison(f"type: {body.get('type')!r} where {cls.TYPE!r} was expected")
        names = {field.name for field in fields(cls)}
        try:
            return cls(**{name: value for name, value in body.items() if name in names})
        except TypeError as problem:
            raise Poison(f"{cls.TYPE}: {problem}") from problem
