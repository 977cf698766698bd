"""How what is posted to hooks is signed: pure.

As Standard Webhooks 1.0.0 has it (https://www.standardwebhooks.com, "Signature scheme"): HMAC with
SHA-256 over the message's id, the instant and the body, joined by full stops.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """Return a secret as it is shown and stored: "whsec_" and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """Return one signature: "v1," and the digest in base64.

    `message` is the id, `timestamp` in seconds since 1970. Raises ValueError for what is no secret.
    """
    if not secret.startswith(PREFIX):
        raise ValueError(f"A secret of a hook begins with {PREFIX}.")
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = b".".join([message.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(
    secrets_now: Sequence[str], message: str, at: datetime, body: bytes
) -> dict[str, str]:
    """Return the three headers; one signature for each secret that holds at present."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message, timestamp, body) for secret in secrets_now
        ),
    }
