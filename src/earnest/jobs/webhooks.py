"""Callbacks: signed as Standard Webhooks (standardwebhooks.com) asks, and sent to nobody who is not meant.

A callback URL comes from a client, so it may point at the inside of our network. The sender resolves the name once,
checks every address and connects to the very address that it checked, follows no redirect and reads no answer. The
operator must name receivers in a private network in EARNEST_CALLBACK_ALLOW.
"""

import base64
import logging
import secrets
from datetime import UTC, datetime
from enum import Enum, auto
from urllib.parse import urlsplit

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions  # type: ignore[import-untyped]
from standardwebhooks import Webhook

from earnest.errors import InvalidSettings
from earnest.settings import variable_of

logger = logging.getLogger(__name__)

PAUSES_S = (5, 60, 300, 1_800)
"""Before the second try, the third … : half an hour in which a receiver may restart."""
TIMEOUT_S = (5, 15)
"""To connect, and between two bytes of the answer."""
LONGEST_URL = 2_000
PREFIX = "whsec_"
LEAST_KEY_BYTES = 24
"""As the standard recommends."""
GONE = 410
"""What a receiver answers who wants to hear nothing more."""


class Outcome(Enum):
    """How a post ended."""

    DELIVERED = auto()
    TRY_AGAIN = auto()
    REFUSED = auto()


class Caller:
    """Posts callbacks.

    Args:
        secret: PREFIX and the key in base64.
        allowed: Receivers, as host:port, that need not have a public address.

    Raises:
        InvalidSettings: The secret is not of that form.
    """

    def __init__(self, secret: str, allowed: frozenset[str] = frozenset()) -> None:
        self._webhook = _webhook(secret)
        self._allowed = allowed

    def post(self, url: str, *, message_id: str, body: bytes) -> Outcome:
        """Post a body once.

        Args:
            url: Where to.
            message_id: The same for every try, so that a receiver can tell a repetition.
            body: JSON.
        """
        now = datetime.now(tz=UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "earnest",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, now, body.decode()),
        }
        try:
            with (
                self._session(url) as session,
                session.post(
                    url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
                ) as response,
            ):
                status = response.status_code
        except AntiSSRFError:
            logger.warning("Callback %s: refused, its address is not public; see EARNEST_CALLBACK_ALLOW", message_id)
            return Outcome.REFUSED
        except (requests.RequestException, OSError) as error:
            logger.warning("Callback %s: %s", message_id, type(error).__name__)
            return Outcome.TRY_AGAIN
        logger.info("Callback %s: answered %d", message_id, status)
        if status == GONE:
            return Outcome.REFUSED
        return Outcome.DELIVERED if requests.codes.ok <= status < requests.codes.multiple_choices else Outcome.TRY_AGAIN

    def _session(self, url: str) -> requests.Session:
        if receiver_of(url) in self._allowed:
            session = requests.Session()
        else:
            policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
            policy.allow_plain_text_http = True  # the wire contract says http or https
            session = policy.get_antissrf_session()
        session.trust_env = False  # neither a proxy nor a .netrc of this machine
        return session


def pause_before(attempt: int) -> float | None:
    """Seconds before a try, the first being number 0; None where there is none."""
    return (0, *PAUSES_S)[attempt] if attempt <= len(PAUSES_S) else None


def problem_of(url: str) -> str | None:
    """What is wrong with a callback URL that can be told without resolving it; None where nothing is."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"must be a URL of at most {LONGEST_URL} printable ASCII characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "must be a URL"
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return "must be an http or https URL"
    return "must hold no user name or password" if "@" in parts.netloc else None


def receiver_of(url: str) -> str:
    """Host and port that a request to this URL goes to; empty where there is none."""
    try:
        sent = urlsplit(str(requests.Request("POST", url).prepare().url))
        return f"{sent.hostname}:{sent.port or {'http': 80, 'https': 443}[sent.scheme]}"
    except (requests.RequestException, ValueError, KeyError):
        return ""


def new_secret() -> str:
    """Make a signing secret."""
    return f"{PREFIX}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _webhook(secret: str) -> Webhook:
    try:
        encoded = secret.removeprefix(PREFIX)
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(PREFIX) or len(key) < LEAST_KEY_BYTES:
        variable = variable_of("webhook_secret")
        problem = f"must be {PREFIX} and at least {LEAST_KEY_BYTES} random bytes in base64"
        raise InvalidSettings(f"{variable} {problem}", details={variable: problem})
    return Webhook(key)
