"""The server by which mail goes out, and who sends it, as the environment says them."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

A_MAIL_SERVER = "smtps://USER:PASSWORD@HOST, or smtp+starttls:// or smtp:// for another"
# How each scheme talks to a mail server, and its usual port.
MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+|[^<>\r\n]+ <[^\s@<>]+@[^\s@<>]+>")


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out, and in whose name we may send it; both are empty where anybody may.

    `scheme` is one of MAIL_PORTS.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str


def read_mail_server(text: str) -> MailServer:
    """Return a server by its address. Raises ValueError for what is none."""
    mend = f"write {A_MAIL_SERVER}; other letters than A-Z, a-z and 0-9 of the password as %XX."
    try:
        url = urlsplit(text)
        port = url.port or MAIL_PORTS[url.scheme]
    except (KeyError, ValueError) as error:
        raise ValueError(f"is no address of a mail server; {mend}") from error
    if not url.hostname or url.path.strip("/") or url.query:
        raise ValueError(f"is no address of a mail server; {mend}")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return MailServer(url.scheme, url.hostname, port, user, password)


def read_sender(text: str) -> str:
    """Return an address with or without a name before it. Raises ValueError for what is none."""
    if not ADDRESS.fullmatch(text):
        raise ValueError(f"is {text!r}; write an address, such as Ratings <ratings@example.org>.")
    return text
