"""The tree of errors; callers choose by class what happens next, never by text.

QuittanceError
+-- Rejected     will never pass as it stands: tell the sender, do not retry
|   +-- NotFound     what was named does not exist (for this partner)
|   +-- Forbidden    the caller's role does not allow it
|   +-- Unverified   nothing proves that it comes from whom it claims
+-- Conflict     somebody else changed it meanwhile: reload and try again
+-- Transient    the outside is down or asks to wait: let the queue or the schedule retry
+-- Poison       cannot be understood or must not happen: park it and alarm
"""


class QuittanceError(Exception):
    """Base of all errors of this project; `field` names the input at fault where there is one."""

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Rejected(QuittanceError):
    """The input breaks a rule; the message names the field and the remedy."""


class NotFound(Rejected):
    """What was named does not exist, or belongs to another partner (which must look the same)."""


class Forbidden(Rejected):
    """The caller's role does not allow this."""


class Unverified(Rejected):
    """Nothing proves that this comes from whom it claims: no signature, a wrong one, or one from another time."""


class Conflict(QuittanceError):
    """The state changed between reading and writing."""


class Transient(QuittanceError):
    """Somebody outside cannot answer now; `retry_after` is in seconds where they said so."""

    def __init__(
        self, message: str, *, code: str | None = None, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message, code=code, field=field)
        self.retry_after = retry_after


class Poison(QuittanceError):
    """A message nobody can act on: parked, counted and alarmed, never dropped."""
