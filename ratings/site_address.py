"""Where the site is, as it says itself in mails and hooks: never as a request has it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

AN_ADDRESS = "https://ratings.example.org"


def read_site_address(text: str) -> str:
    """Return an address without a slash at its end. Raises ValueError for what is none."""
    mend = f"write what browsers ask for, without a path, such as {AN_ADDRESS}."
    try:
        url = urlsplit(text)
        usable = url.scheme in ("http", "https") and url.hostname and (url.port or True)
    except ValueError as error:
        raise ValueError(f"can't be read as an address; {mend}") from error
    if not usable or url.path.strip("/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError(f"is {text!r}; {mend}")
    return f"{url.scheme}://{url.netloc}"


def usual_address(hosts: Sequence[str], port: int, *, https: bool) -> str:
    """Return the address of the first host that is one name; "" where there is none."""
    name = next((host for host in hosts if host != "*" and not host.startswith(".")), "")
    if not name:
        return ""
    return f"https://{name}" if https else f"http://{name}:{port}"
