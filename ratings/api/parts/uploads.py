"""Files as bodies of requests: read as they arrive, compared with the digest that is named."""

import base64
import binascii
import re
from collections.abc import Iterator

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request

from ratings.challenge.receiving import too_large
from ratings.challenge.refusals import Refused

CHUNK_BYTES = 1 << 16
# A member of the dictionary that RFC 9530 makes of the header: an algorithm and a value.
DIGEST_MEMBER = re.compile(r"\s*(?P<algorithm>[a-z*][a-z0-9_.*-]*)=:(?P<value>[^:]*):\s*")
SHA256_BYTES = 32
# A file as it is: of its own kind, or of the kind that every client can send.
RAW = {"application/octet-stream": OpenApiTypes.BINARY}
PNG, ZIP, PDF, CSV = (
    RAW | {media_type: OpenApiTypes.BINARY}
    for media_type in ("image/png", "application/zip", "application/pdf", "text/csv")
)
DIGEST = OpenApiParameter(
    "Content-Digest",
    str,
    OpenApiParameter.HEADER,
    description="`sha-256=:BASE64:` (RFC 9530), compared before anything is stored.",
)


def content_digest(request: Request) -> str | None:
    """Return the SHA-256, in hex, that Content-Digest names; None where it names none.

    Digests by other algorithms are left alone, as RFC 9530 lets who doesn't know them. Raises
    Refused, code "digest-invalid", for a header that is no list of digests.
    """
    header = request.headers.get("Content-Digest")
    if header is None:
        return None
    members = [DIGEST_MEMBER.fullmatch(member) for member in header.split(",")]
    try:
        digests = {
            m["algorithm"]: base64.b64decode(m["value"], validate=True) for m in members if m
        }
    except binascii.Error as error:
        raise Refused("digest-invalid", f"Content-Digest: {error}.") from error
    sha256 = digests.get("sha-256", bytes(SHA256_BYTES))
    if None in members or len(sha256) != SHA256_BYTES:
        raise Refused("digest-invalid", "Content-Digest must read sha-256=:BASE64: (RFC 9530).")
    return sha256.hex() if "sha-256" in digests else None


def read_body(request: Request, limit_bytes: int | None = None) -> Iterator[bytes]:
    """Yield a raw body as it arrives.

    Raises Refused, code "length-required", "too-large" before any of a body is read that is longer
    than `limit_bytes`, or "body-incomplete" when it ends too early, and UnsupportedMediaType for
    forms.
    """
    content_type = (request.content_type or "").partition(";")[0].strip().lower()
    if content_type.startswith("multipart/"):
        raise exceptions.UnsupportedMediaType(
            content_type, "Send the file itself as the body (curl -T FILE)."
        )
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise Refused("length-required", "Say in Content-Length how many bytes the body has.")
    if limit_bytes is not None and int(length) > limit_bytes:
        raise Refused("too-large", too_large(limit_bytes))
    received = 0
    while chunk := request.read(CHUNK_BYTES):
        received += len(chunk)
        yield chunk
    if received != int(length):
        raise Refused(
            "body-incomplete", f"The body ended after {received} of {length} bytes; send it again."
        )
