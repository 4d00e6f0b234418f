"""Mollie's classic webhooks: an unsigned form with an id and nothing else (docs.mollie.com/reference/webhooks).

Anybody can send one, so it proves nothing and books nothing: the payment is read at Mollie with our key. The answer is
200 for every well-formed id, known or not, so that nobody learns which exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from quittance.adapters.providers import reading
from quittance.domain.payment_event import ProviderEvent

NAME = "mollie"
PROOF = "api_key"  # the only proof is what this key reads at Mollie
_ID = r"(tr|ord|sub|pl|re|chb)_[A-Za-z0-9]{1,64}"
_READABLE = ("tr", "pl")


def verify(_headers: Mapping[str, str], _raw_body: bytes, _secrets: Sequence[str], _now: datetime) -> None:
    """Accept everything: that the partner has a key at Mollie is checked before, what was told is checked there."""


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read the id; Rejected unless it is one that may stand in an address at Mollie."""
    name = _id(raw_body)
    told = ProviderEvent(event_id=name, payment_id=name, type="classic", kind="other")
    return [told._replace(kind="pending", read_again=True) if name.partition("_")[0] in _READABLE else told]


def _id(raw_body: bytes) -> str:
    try:
        form = parse_qs(raw_body.decode("ascii"), max_num_fields=8, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise reading.refused("body", "is not a form with an id") from None
    given = form.get("id", [])
    if len(given) != 1 or not re.fullmatch(_ID, given[0]):
        raise reading.refused("id", "is not one id of Mollie's such as tr_WDqYK6vllg")
    return given[0]
