"""A mail server and a receiver of hooks, on this machine, for as long as a test runs."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Takes whatever is sent to it, as RFC 5321 has the words, or answers RCPT as it is told."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = ""
        self.kept: Callable[[], None] = lambda: None  # called before what was kept is answered
        super().__init__(("127.0.0.1", 0), Talk)


class Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.say("354 go on")
                lines = b"".join(iter(self.rfile.readline, b".\r\n"))
                mail: Message = message_from_bytes(lines, policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.server.received.append(mail)
                self.server.kept()
            elif word == b"RCPT" and self.server.answer:
                self.say(self.server.answer)
                continue
            elif word == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 yes")

    def say(self, line: str) -> None:
        with suppress(OSError):  # whoever sent it was killed
            self.wfile.write(f"{line}\r\n".encode())


@dataclass(frozen=True)
class Posted:
    """A request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


class HookReceiver(ThreadingHTTPServer):
    """Keeps what is posted to it, and answers with `status`."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.status = 204
        self.kept: Callable[[], None] = lambda: None
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/hook?key=1"


class Answer(BaseHTTPRequestHandler):
    server: HookReceiver

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        self.server.posted.append(Posted(self.path, headers, body))
        self.server.kept()
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        with suppress(OSError):  # whoever sent it was killed
            self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve in a thread until the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def text_of(mail: EmailMessage) -> str:
    """Return the one text of a mail."""
    assert mail.get_content_type() == "text/plain"
    text: str = mail.get_content()
    return text.replace("\r\n", "\n")
