"""A small real HTTP proxy, and a certificate for what speaks https behind it."""

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# Of site.test and 127.0.0.1, signed by itself, from 2020 to 2120.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrFTEHgRohj0i74uF
W43umrPYzl8H6eaFRk/Y0xoOfPKhRANCAAQYe8yV03F1YC6ERFKbDCVKsRM9IPCk
0gf5hliRJFuvtUOSPGI+W3S8yL8lhjqItja5uIwy7XzdxZefdxHrZ9Zs
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBeDCCAR2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlzaXRlLnRl
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CXNpdGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBh7zJXTcXVgLoRE
UpsMJUqxEz0g8KTSB/mGWJEkW6+1Q5I8Yj5bdLzIvyWGOoi2Nrm4jDLtfN3Fl593
Eetn1myjXjBcMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFPiQr1Wm2PU+1Yab
TUUJ8/7L07UaMA4GA1UdDwEB/wQEAwIChDAaBgNVHREEEzARgglzaXRlLnRlc3SH
BH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhANILDt5UNTTJwxFrSIEE6rALIHa08zJI
gb45zZ5ZPpwCAiEArAuZgIFaxqPAd110i738Us0H0l00eakmssjJQHZI0cw=
-----END CERTIFICATE-----
"""
REFUSED = b"HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Proxy:
    """What was asked of a proxy, which has every request's target on record."""

    port: int
    login: str = ""  # "name:password" where it wants one
    refuses: bytes = b""  # what it says instead of asking
    targets: list[str] = field(default_factory=list)
    leads: dict[str, tuple[str, int]] = field(default_factory=dict)  # by "host:port" of the target

    def answer(self, client: socket.socket) -> None:
        """Take one request's head, then pass all on, both ways, until either side ends."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (chunk := client.recv(1 << 16)):
                return
            head += chunk
        first, _, rest = head.partition(b"\r\n")
        method, target, version = first.decode().split(" ")
        self.targets.append(f"{method} {target}")
        wanted = base64.b64encode(self.login.encode()).decode()
        if self.login and f"proxy-authorization: basic {wanted}".lower().encode() not in (
            rest.lower()
        ):
            client.sendall(REFUSED % (407, b"Proxy Authentication Required"))
        elif self.refuses:
            client.sendall(self.refuses)
        elif method == "CONNECT":
            with socket.create_connection(self.leads.get(target, split_host(target))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                relay(client, server)
        else:
            parts = urlsplit(target)
            place = self.leads.get(parts.netloc, (str(parts.hostname), parts.port or 80))
            path = target.removeprefix(f"http://{parts.netloc}")
            with socket.create_connection(place) as server:
                server.sendall(
                    f"{method} {path} {version}\r\nConnection: close\r\n".encode() + rest
                )
                relay(client, server)


def split_host(target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    return host, int(port)


def relay(here: socket.socket, other: socket.socket) -> None:
    """Pass on what comes from either, until either has ended."""

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=pass_on, args=(other, here))
    back.start()
    pass_on(here, other)
    back.join()


@contextlib.contextmanager
def proxying(login: str = "", refuses: bytes = b"") -> Iterator[Proxy]:
    """Run a proxy on a port of its own."""
    threads: list[threading.Thread] = []

    def take(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            proxy.answer(client)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threads.append(threading.Thread(target=take, args=(listener.accept()[0],)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener.getsockname()[1], login, refuses)
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def write_certificate(folder: Path) -> Path:
    """Write key and certificate into one file, for a server and for who trusts it."""
    path = folder / "certificate.pem"
    path.write_text(CERTIFICATE)
    return path
