"""Files as they arrive: within their limit, and with the digest that their sender names."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ratings.challenge.refusals import Refused
from ratings.storage.content_store import Incoming, TooLarge, receive


@contextmanager
def receive_file(
    chunks: Iterable[bytes], limit_bytes: int, sha256: str | None, limit_is: str = ""
) -> Iterator[Incoming]:
    """Receive a file within its limit and compare its digest, where the sender named one.

    Raises Refused, code "too-large" or "digest-mismatch".
    """
    try:
        with receive(chunks, limit_bytes=limit_bytes) as incoming:
            if sha256 is not None and sha256 != incoming.sha256:
                raise Refused(
                    "digest-mismatch",
                    f"What arrived has the SHA-256 {incoming.sha256}, not {sha256}; send it again.",
                )
            yield incoming
    except TooLarge as error:
        raise Refused("too-large", too_large(limit_bytes, limit_is)) from error


def too_large(limit_bytes: int, limit_is: str = "") -> str:
    """Return what is said of a file of more bytes than may be."""
    return f"The file may have at most {most_words(limit_bytes, limit_is)}."


def most_words(limit_bytes: int, limit_is: str = "") -> str:
    """Return the most that a file may have, in words that end a sentence."""
    return f"{limit_bytes} bytes{limit_is and f', {limit_is}'}"
