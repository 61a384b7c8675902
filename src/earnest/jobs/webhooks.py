"""Callbacks as Standard Webhooks (standardwebhooks.com) asks: how they are signed, tried and tried again."""

import base64
import binascii
import email.utils
import logging
import secrets
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, RemoteDisconnected
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from earnest import __version__
from earnest.errors import InvalidInput, InvalidSettings
from earnest.jobs.outbound import Sender, problem_of
from earnest.settings import variable_of
from earnest.store.deliveries import Outcome

logger = logging.getLogger(__name__)

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
"""Before the second try, the third … : the standard's example, up to 31 hours after the first."""
JITTER = 0.1
"""Share by which a pause is longer at most, lest all that failed together comes back together."""
LONGEST_WISH_S = 21_600
"""Of a receiver's Retry-After: if it asks for that each time, the last try is 54 hours after the first."""
PREFIX = "whsec_"
LEAST_KEY_BYTES, MOST_KEY_BYTES = 24, 64
"""As the standard says."""
GONE = 410
"""What a receiver answers who wants to hear nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a try ended.

    Attributes:
        outcome: In a word.
        took_ms: How long it took.
        status: HTTP; None where nothing was answered.
        reason: Why it did not arrive; None where it did. In our words: nothing that the receiver said.
        wish_s: The receiver wants to be left alone so long.
    """

    outcome: Outcome
    took_ms: int
    status: int | None = None
    reason: str | None = None
    wish_s: float = 0.0


class Caller:
    """Posts callbacks.

    Args:
        sender: Reaches who may be reached.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def post(self, url: str, *, message_id: str, body: bytes, signed_by: Sequence[str]) -> Tried:
        """Post a body once.

        Args:
            url: Where to.
            message_id: The same for every try, so that a receiver can tell a repetition.
            body: JSON.
            signed_by: Secrets, the newest first; each adds a signature.
        """
        now = datetime.now(tz=UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": f"earnest/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(key_of(each).sign(message_id, now, body.decode()) for each in signed_by),
        }
        begun = time.monotonic()
        outcome, status, reason, wish_s = self._post(url, headers, body)
        took_ms = int((time.monotonic() - begun) * 1_000)
        place = "" if problem_of(url) else f" to {urlsplit(url).netloc}"  # the rest of it may be a secret
        level = logging.INFO if outcome is Outcome.DELIVERED else logging.WARNING
        logger.log(level, "Callback %s%s: %s, %s", message_id, place, outcome, reason or status)
        return Tried(outcome=outcome, took_ms=took_ms, status=status, reason=reason, wish_s=wish_s)

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[Outcome, int | None, str | None, float]:
        try:
            answer = self._sender.post(url, headers, body)
        except InvalidInput as error:
            return Outcome.REFUSED, None, error.message, 0.0
        except (OSError, HTTPException) as error:
            return Outcome.FAILED, None, _reason(error), 0.0
        outcome, reason = _outcome_of(answer.status)
        return outcome, answer.status, reason, 0.0 if outcome is Outcome.DELIVERED else _wish_s(answer.retry_after)


def pause_before(attempt: int, *, wish_s: float = 0.0) -> float | None:
    """Seconds before a try, the first being number 0; None where there is none.

    Args:
        attempt: Which try.
        wish_s: The receiver wants to be left alone so long.
    """
    if attempt > len(PAUSES_S):
        return None
    pause_s = (0, *PAUSES_S)[attempt]
    jitter = 1 + JITTER * secrets.randbelow(1_000) / 1_000
    return max(pause_s, min(wish_s, LONGEST_WISH_S)) * jitter


def new_secret() -> str:
    """Make a signing secret."""
    return f"{PREFIX}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def key_of(secret: str) -> Webhook:
    """What signs with a secret: PREFIX and 24 to 64 bytes in base64.

    Raises:
        InvalidSettings: It is none.
    """
    try:
        encoded = secret.removeprefix(PREFIX)
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_KEY_BYTES <= len(key) <= MOST_KEY_BYTES:
        variable = variable_of("webhook_secret")
        problem = f"must be {PREFIX} and {LEAST_KEY_BYTES} to {MOST_KEY_BYTES} random bytes in base64"
        raise InvalidSettings(f"{variable} {problem}", details={variable: problem})
    return Webhook(key)


def _outcome_of(status: int) -> tuple[Outcome, str | None]:
    """What a status means, and why it is not well."""
    if 200 <= status < 300:
        return Outcome.DELIVERED, None
    if status == GONE:
        return Outcome.GONE, "the receiver wants to hear nothing more (410)"
    if 300 <= status < 400:
        return Outcome.FAILED, f"answered {status}; redirects are not followed"
    return Outcome.FAILED, f"answered {status}"


def _reason(error: OSError | HTTPException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not valid"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, HTTPException) and not isinstance(error, RemoteDisconnected):
        return "what it answered is not HTTP"
    return error.strerror or "it hung up"


def _wish_s(retry_after: str | None) -> float:
    """Seconds that a Retry-After asks for, be it a number or a date; 0 where it asks for nothing that we understand."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
