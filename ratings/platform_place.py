"""Where a recruiting platform answers, and the secret by which it knows us, as variables say."""

import re
from urllib.parse import urlsplit

PROLIFIC = "https://api.prolific.com"
_TOKEN = re.compile(r"[!-~]{10,500}")
_HERE = ("localhost", "127.0.0.1", "::1")  # where no token goes over a network


def read_token(text: str) -> str:
    """Return a platform's token. Raises ValueError, which does not repeat it."""
    if not _TOKEN.fullmatch(text):
        raise ValueError("is no token; copy it whole from Prolific's page API Tokens.")
    return text


def read_origin(text: str) -> str:
    """Return the address of a platform's server. Raises ValueError for one that can't be meant."""
    mend = f"write an address such as {PROLIFIC}."
    try:
        url = urlsplit(text)
        is_here = url.hostname in _HERE and (url.port or True)
    except ValueError as error:
        raise ValueError(f"can't be read as an address; {mend}") from error
    if url.scheme not in ("https", "http") or not url.hostname or url.path.strip("/") or url.query:
        raise ValueError(f"is no address of a server; {mend}")
    if url.scheme == "http" and not is_here:
        raise ValueError(f"would show the token to others, without https; {mend}")
    return text.rstrip("/")
