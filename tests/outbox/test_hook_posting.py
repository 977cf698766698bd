"""Where hooks may lead: nowhere that a stranger could not reach by themselves."""

import socket
import ssl
import threading
import time

import pytest

from ratings.outbox import hook_posting
from ratings.outbox.hook_posting import (
    HookAway,
    HookRefused,
    allowed_addresses,
    is_public,
    post_signed,
    read_target,
)
from tests.outbox.receivers import HookReceiver


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_what_is_not_public_is_known_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "https:///x", "https://a:b@example.org/"),
        *("https://example.org/a b", "https://example.org/\r\nX: y", "https://example.org:x/"),
        *("https://example.org/" + 500 * "x", "https://[::1", "file:///etc/passwd", ""),
    ],
)
def test_what_is_no_hook_s_address_is_refused(url: str) -> None:
    with pytest.raises(HookRefused):
        read_target(url, here=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1"])
def test_this_machine_is_refused_by_whatever_name(host: str) -> None:
    target = read_target(f"https://{host}:5432/", here=False)
    with pytest.raises(HookRefused, match="not public"):
        allowed_addresses(target, here=False)


def test_this_machine_is_allowed_where_the_settings_say_so(hook_receiver: HookReceiver) -> None:
    assert post_signed(hook_receiver.url, {"webhook-id": "msg_1"}, b"{}", here=True) == 204
    (posted,) = hook_receiver.posted
    assert (posted.path, posted.headers["webhook-id"], posted.body) == (
        "/hook?key=1",
        "msg_1",
        b"{}",
    )
    # Without TLS nothing leaves it.
    with pytest.raises(HookRefused, match="not public"):
        allowed_addresses(read_target("http://93.184.216.34/", here=True), here=True)


def answering(*parts: bytes, pause: float = 0) -> tuple[str, threading.Thread]:
    """Serve one connection with these bytes."""
    listener, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        with listener, listener.accept()[0] as line:
            line.recv(65536)
            for part in parts:
                try:
                    line.sendall(part)
                except OSError:
                    return
                ended.wait(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/", thread


def test_what_is_informational_is_not_the_answer() -> None:
    url, thread = answering(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\n\r\n")
    assert post_signed(url, {}, b"{}", here=True) == 201
    thread.join()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 1" + 20000 * b"0"])
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    url, thread = answering(answer)
    with pytest.raises(HookAway):
        post_signed(url, {}, b"{}", here=True)
    thread.join()


def test_one_who_answers_bit_by_bit_has_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_posting, "SECONDS", 0.3)
    url, thread = answering(*[b"x"] * 40, pause=0.02)
    began = time.monotonic()
    with pytest.raises(HookAway, match="did not answer"):
        post_signed(url, {}, b"{}", here=True)
    assert time.monotonic() - began < 5
    thread.join()


def test_a_certificate_is_asked_for() -> None:
    context = hook_posting._tls()
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
    url, thread = answering(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(HookAway):
        post_signed(url.replace("http", "https"), {}, b"{}", here=True)
    thread.join()
