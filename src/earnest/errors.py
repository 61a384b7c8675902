"""What can go wrong, drawn as a tree; a stable code each, and no word of HTTP.

    EarnestError                INTERNAL_ERROR
    ├── InvalidInput            INVALID_REQUEST     what came in cannot be understood; `details` names every bad field
    │   ├── TooLarge            PAYLOAD_TOO_LARGE   what came in exceeds a limit
    │   └── InvalidSettings     INVALID_SETTINGS    a knob has a value that it cannot have
    ├── InvalidKey              INVALID_API_KEY     no key, or one that we do not know, or no longer
    │   └── MissingScope        INSUFFICIENT_SCOPE  a good key, but not for this
    ├── RateLimited             RATE_LIMITED        more than the tenant may ask for now
    ├── NotFound                NOT_FOUND           no such thing, or not yours
    ├── IdempotencyConflict     IDEMPOTENCY_CONFLICT  the same key was used for another request
    ├── ModelUnusable           MODEL_UNUSABLE      a shipped model file is missing or damaged
    └── StoreUnavailable        STORE_UNAVAILABLE   the database cannot be reached or is of another version
        └── OutOfSpace          OUT_OF_SPACE        a disk is full, the database's or this server's

A message says what is wrong and how to mend it. It never holds an answer's text.
"""

from collections.abc import Mapping


class EarnestError(Exception):
    """An unexpected error occurred."""

    code = "INTERNAL_ERROR"

    def __init__(self, message: str | None = None, *, details: Mapping[str, str] | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.details = dict(details or {})
        super().__init__(self.message)


class InvalidInput(EarnestError):
    """Invalid request parameters."""

    code = "INVALID_REQUEST"


class TooLarge(InvalidInput):
    """The input is larger than this installation accepts."""

    code = "PAYLOAD_TOO_LARGE"


class InvalidSettings(InvalidInput):
    """A setting has a value that it cannot have."""

    code = "INVALID_SETTINGS"


class InvalidKey(EarnestError):
    """Invalid or missing API key."""

    code = "INVALID_API_KEY"


class MissingScope(InvalidKey):
    """This API key may not do that."""

    code = "INSUFFICIENT_SCOPE"


class RateLimited(EarnestError):
    """Too many requests.

    Args:
        message: Which limit.
        retry_after_s: Whole seconds after which asking again makes sense.
    """

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotFound(EarnestError):
    """Requested resource not found."""

    code = "NOT_FOUND"


class IdempotencyConflict(EarnestError):
    """This Idempotency-Key came with another request before; use a new key for a new request."""

    code = "IDEMPOTENCY_CONFLICT"


class ModelUnusable(EarnestError):
    """A model file that ships with Earnest is missing or damaged; reinstall Earnest."""

    code = "MODEL_UNUSABLE"


class StoreUnavailable(EarnestError):
    """The database cannot be used."""

    code = "STORE_UNAVAILABLE"


class OutOfSpace(StoreUnavailable):
    """This server's disk is full; nothing of the request was kept. Make room and send it again."""

    code = "OUT_OF_SPACE"


BY_CODE: dict[str, type[EarnestError]] = {
    kind.code: kind for kind in (InvalidInput, InvalidKey, MissingScope, NotFound, IdempotencyConflict, TooLarge)
}
"""What a client raises for the code that a server answers; for all others, `EarnestError` with that code."""
