"""Names that raters have in one public release alone."""

import base64
import hmac
import secrets

# 60 bits: two of a million raters have the same name once in some two million releases.
_LETTERS = 12


def new_secret() -> str:
    """Return what the names of one release are made with: 256 random bits, in hex."""
    return secrets.token_hex(32)


def pseudonym(secret: str, identifier: bytes) -> str:
    """Return a rater's name in a release: an r, and twelve letters and digits.

    It is HMAC-SHA-256 (RFC 2104) of the identifier. Who has not the secret can neither lead it back
    nor find the same name in another release; once the secret is deleted, nobody can.
    """
    digest = hmac.digest(bytes.fromhex(secret), identifier, "sha256")
    return "r" + base64.b32encode(digest).decode()[:_LETTERS].lower()
