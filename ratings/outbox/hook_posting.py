"""Posting to a hook: to the address that was looked at, within limits, following nothing.

An organizer names the hook, and the site stands where other machines may not be reached from
outside: so a name that leads to any address that is not public is refused, and what is connected
to is the very address that was asked for. What is answered is read up to its status.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

SECONDS = 10.0  # for all of it, but for looking the name up
MOST_READ = 16 * 1024  # bytes before the final status
LONGEST_URL = 500
STATUS = re.compile(rb"(?:^|\r\n\r\n)HTTP/1\.[01] (?!1\d\d)(\d{3})[ \r]")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class HookRefused(Exception):
    """A hook that nothing is posted to; the text says why, and what would do."""


class HookAway(Exception):
    """A hook that could not be reached now, or said nothing that can be read."""


@dataclass(frozen=True)
class HookTarget:
    """Where a hook's address leads: `host` as TLS and the request name it, and the path."""

    tls: bool
    host: str
    port: int
    path: str


def read_target(url: str, *, here: bool) -> HookTarget:
    """Return where an address leads, without looking it up; `here` lets http:// be used.

    Raises HookRefused.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError) as error:
        raise HookRefused(f"{url!r} can't be read as an address.") from error
    if len(url) > LONGEST_URL or any(not "!" <= c <= "~" for c in url):
        raise HookRefused(
            f"Write the address in at most {LONGEST_URL} letters of ASCII, no spaces."
        )
    if parts.scheme not in (("https", "http") if here else ("https",)) or not host:
        raise HookRefused("A hook's address begins with https:// and names a host.")
    if "@" in parts.netloc:
        raise HookRefused("Leave name and password out of the address: what is sent is signed.")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HookTarget(tls, host, port or (443 if tls else 80), path)


def is_public(address: str) -> bool:
    """Tell whether an address of a machine may be reached by everybody, however it is written."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def allowed_addresses(target: HookTarget, *, here: bool) -> Sequence[str]:
    """Look a target's name up; return its addresses, all of which may be connected to.

    `here` allows this machine's own, and then nothing is sent elsewhere without TLS. Raises
    HookRefused or HookAway.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise HookAway("its name can't be looked up") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        own = here and ipaddress.ip_address(address.partition("%")[0]).is_loopback
        if not own and not (target.tls and is_public(address)):
            raise HookRefused(f"{target.host} leads to an address that is not public.")
    return addresses


def post_signed(url: str, headers: Mapping[str, str], body: bytes, *, here: bool) -> int:
    """Post a body of JSON; return the status of the answer.

    Raises HookRefused where the address may not be used, HookAway where nothing came of it.
    """
    target = read_target(url, here=here)
    addresses = allowed_addresses(target, here=here)
    ends = time.monotonic() + SECONDS
    try:
        with _connected(target, addresses, ends) as line:
            line.settimeout(_left(ends))
            line.sendall(_request(target, headers, body))
            return _status(line, ends)
    except (OSError, ssl.CertificateError) as error:
        raise HookAway(_words(error)) from error


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connected(target: HookTarget, addresses: Sequence[str], ends: float) -> socket.socket:
    """Connect to the first address that answers, and to no other than these."""
    for number, address in enumerate(addresses, 1):
        try:
            line = socket.create_connection((address, target.port), _left(ends))
            break
        except OSError:
            if number == len(addresses):
                raise
    if not target.tls:
        return line
    try:
        line.settimeout(_left(ends))
        return _tls().wrap_socket(line, server_hostname=target.host)
    except BaseException:
        line.close()
        raise


def _request(target: HookTarget, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == (443 if target.tls else 80) else f":{target.port}"
    lines = {
        "Host": host + port,
        "User-Agent": "ratings-hooks",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _status(line: socket.socket, ends: float) -> int:
    """Read until the final status: what is informational comes before it."""
    read = b""
    while len(read) <= MOST_READ:
        if found := STATUS.search(read):
            return int(found[1])
        line.settimeout(_left(ends))
        if not (more := line.recv(4096)):
            break
        read += more
    raise HookAway("it did not answer as HTTP has it")


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"it did not answer within {SECONDS:.0f} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    return error.strerror or type(error).__name__
