"""Where nothing can be contained, the cause is named, and a cure for that cause."""

from pathlib import Path

import pytest

from ratings.sandbox.containment import advice, bubblewrap
from ratings.sandbox.containment.advice import CONTAINER, NAMESPACES, TOO_OLD
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.sandboxes import BubblewrapSandbox
from tests.sandbox.builders import run_plain

DENIED = "bwrap: setting up uid map: Permission denied"


@pytest.fixture(autouse=True)
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for the kernel's settings, of a machine that is no container."""
    monkeypatch.setattr(advice, "CONTAINERS", ())
    monkeypatch.setattr(advice, "SETTINGS", tmp_path / "settings")
    return tmp_path / "settings"


def write(kernel: Path, name: str, value: str) -> None:
    (kernel / name).parent.mkdir(parents=True)
    (kernel / name).write_text(f"{value}\n")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor forbids user namespaces"),
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "0", NAMESPACES),
        ("user/max_user_namespaces", "15000", NAMESPACES),
    ],
)
def test_the_kernels_settings_tell_the_cause(
    name: str, value: str, words: str, kernel: Path
) -> None:
    assert advice.advice(DENIED) == NAMESPACES
    write(kernel, name, value)
    said = advice.advice(DENIED)
    assert words in said
    assert "install" not in said


def test_a_container_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mark").touch()
    monkeypatch.setattr(advice, "CONTAINERS", (str(tmp_path / "mark"),))
    assert advice.advice(DENIED) == CONTAINER


def test_an_old_bubblewrap_is_to_be_replaced() -> None:
    assert advice.advice("bwrap: Unknown option --disable-userns") == TOO_OLD


def test_a_sandbox_that_is_forbidden_says_why(
    environment: DecoderEnvironment, kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Ubuntu 24.04, with bubblewrap installed."""
    write(kernel, "kernel/apparmor_restrict_unprivileged_userns", "1")
    forbidden = tmp_path / "bwrap"
    forbidden.write_text(f"#!/bin/sh\necho '{DENIED}' >&2\nexit 1\n")
    forbidden.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: str(forbidden))
    monkeypatch.setattr(bubblewrap, "PASSING_USER", 0)  # who may enter the test's folder
    with pytest.raises(SandboxUnavailable) as unavailable:
        run_plain(BubblewrapSandbox(environment), tmp_path, "#!/bin/sh\n")
    said = str(unavailable.value)
    assert said.startswith(f"{DENIED}: AppArmor forbids user namespaces here")
    assert "install" not in said
