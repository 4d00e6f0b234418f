"""Which of our errors each refusal of the vendor is.

Source: the vendor's page of REST error codes. A code decides where it is listed here, else the HTTP status does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.domain.errors import Conflict, Forbidden, NotFound, Poison, QuittanceError, Rejected, Transient

STALE_ETAG = "2055"
PARENT_NOT_ACTIVE = "27009"
ENTITLEMENT_ACTIVE = "900115"
_HOUR = 3600
_NOT_YET = {  # seconds after which the same request may well pass
    "800082": 60,  # not ready to be updated
    PARENT_NOT_ACTIVE: 60,
    ENTITLEMENT_ACTIVE: 600,  # a cancelled entitlement shows about ten minutes later
    "900278": 24 * _HOUR,  # a pending operation; the vendor names the 24 hours
    "900280": _HOUR,  # updates currently not allowed
}
_TOO_MANY, _SERVER = 429, 500
_BY_STATUS: dict[int, type[QuittanceError]] = {
    401: Poison,  # after a fresh token too: the application's consent or audience is wrong
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
}


def refusal(status: int, body: Any, headers: Mapping[str, str], call: str) -> QuittanceError:
    """Return the error that a refusal is; `call` says what was asked, without ids of persons or secrets."""
    fault = body if isinstance(body, dict) else {}
    code = str(fault["code"]) if "code" in fault else None
    message = f"vendor refused {call}: HTTP {status}" + (f" code {code} {fault.get('description', '')}" if code else "")
    if status in (408, _TOO_MANY) or status >= _SERVER:
        return Transient(message, code=code or str(status), retry_after=_seconds(headers.get("Retry-After")))
    if code in _NOT_YET:
        return Transient(message, code=code, retry_after=_NOT_YET[code])
    if code == STALE_ETAG:
        return Conflict(message, code=code)
    return _BY_STATUS.get(status, Rejected)(message, code=code or str(status))


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
