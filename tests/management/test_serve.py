"""The serve command's refusals, before anything is started; the journeys see it serve."""

import socket

import pytest
from django.core.management import CommandError, call_command


def test_a_port_that_is_taken_is_named_with_the_mend() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"127.0.0.1:{port}.*Choose another one"):
            call_command("serve", port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_there_is_not_is_refused(port: int) -> None:
    with pytest.raises(CommandError, match="Choose another one"):
        call_command("serve", port=port)


def test_a_host_that_is_not_this_machine_s_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Can't listen on 203\.0\.113\.1:8000"):
        call_command("serve", host="203.0.113.1", port=8000)


def test_a_port_in_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="invalid int value: 'http'"):
        call_command("serve", "--port", "http")
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(CommandError, match="invalid int value: 'http'"):
        call_command("serve")
