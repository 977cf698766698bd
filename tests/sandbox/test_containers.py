"""The command lines of the container backend; there is no engine here to run them."""

from dataclasses import replace
from pathlib import Path

import pytest

from ratings.sandbox.containers import Commands, Engine, commands, find_engine
from ratings.sandbox.limits import GIB, MIB, Limits
from ratings.sandbox.refusals import SandboxUnavailable

IMAGE = "decoding@sha256:" + "0" * 64
LIMITS = Limits(cpu_seconds=3600, wall_seconds=9999, memory_bytes=8 * GIB, cores=2, processes=99)


def build(runtime: str | None = None, program: str = "docker") -> Commands:
    return commands(Engine(program, IMAGE, runtime), "run-7", 300 * MIB, LIMITS)


def options(command: object) -> dict[str, set[str]]:
    """Return the values of each option of a command line."""
    words = [str(word) for word in command]  # type: ignore[attr-defined]
    found: dict[str, set[str]] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("--"):
            found.setdefault(word, set()).add(following)
    return found


def test_a_decoder_has_limits_and_no_privileges() -> None:
    given = options(build().run)
    wanted = {
        "--network": {"none"},
        "--cap-drop": {"ALL"},
        "--security-opt": {"no-new-privileges"},
        "--user": {"1000:1000"},
        "--ipc": {"private"},
        "--memory": {str(8 * GIB)},
        "--memory-swap": {str(8 * GIB)},  # equal: no swap
        "--pids-limit": {"99"},
        "--cpus": {"2"},
        "--shm-size": {str(256 * MIB)},
        "--tmpfs": {f"/tmp:size={256 * MIB},nosuid,nodev"},
        "--ulimit": {"core=0", "nofile=1024:1024", "cpu=3601"},
        "--pull": {"never"},
        "--mount": {"type=volume,source=run-7-work,target=/work"},
        "--workdir": {"/work"},
        "--name": {"run-7"},
    }
    assert wanted.items() <= given.items()
    assert {"--read-only", "--init", "--rm"} <= given.keys()
    assert build().run[-2:] == (IMAGE, "./decode")


def test_nothing_of_the_machine_is_mounted() -> None:
    made = build()
    for command in (made.keep, made.run, made.create_volume, made.put_files, made.take_files):
        assert not {"--privileged", "--volume", "-v", "--device", "--cap-add"} & set(command)
        assert not any("docker.sock" in word or "type=bind" in word for word in command)


def test_the_working_folder_is_limited_and_outlives_the_decoder() -> None:
    made = build()
    assert f"o=size={300 * MIB},nr_inodes=20000,nosuid,nodev,mode=0777" in made.create_volume
    mount = options(made.run)["--mount"]
    assert options(made.keep)["--mount"] == mount
    assert options(made.keep)["--network"] == {"none"}
    assert made.take_files[:6] == (
        *("docker", "exec", "--interactive", "--user", "1000:1000"),
        "run-7-keeper",
    )


def test_everything_is_removed() -> None:
    removed = [command[-1] for command in build().remove]
    assert removed == ["run-7", "run-7-keeper", "run-7-work"]
    assert build().kill == ("docker", "kill", "--signal", "KILL", "run-7")


def test_gvisor_is_used_where_it_is() -> None:
    assert options(build("runsc").run)["--runtime"] == {"runsc"}
    assert options(build("runsc").keep)["--runtime"] == {"runsc"}
    assert "--runtime" not in build().run


def test_an_image_must_be_pinned() -> None:
    with pytest.raises(SandboxUnavailable, match=r"'decoding:latest' may change; name it by its"):
        Engine("podman", "decoding:latest")


def test_podman_comes_first_and_none_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="install podman or docker"):
        find_engine(IMAGE)
    for name in ("docker", "podman", "runsc"):
        (tmp_path / name).touch(0o755)
    assert find_engine(IMAGE) == Engine("podman", IMAGE, "runsc")
    assert replace(find_engine(IMAGE), runtime=None) == Engine("podman", IMAGE)
