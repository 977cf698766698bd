"""The filter, as the kernel applies it, and the numbers, as C's headers have them."""

import errno
import json
import platform
import re
import struct
from pathlib import Path

import pytest

from ratings.sandbox.containment import seccomp
from ratings.sandbox.containment.seccomp import ALLOW, ARCHITECTURES, KILL_PROCESS, program
from ratings.sandbox.containment.syscalls import ABSENT, ARGUMENTS, NEWEST_KNOWN, REFUSED
from tests.sandbox.conftest import Run

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
ALL = {**REFUSED, **ABSENT, **ARGUMENTS}


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_those_of_the_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip("no kernel headers here")
    text = HEADERS[machine].read_text()
    known = {name: int(n) for name, n in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    known |= {name: int(n) for name, n in re.findall(r"#define __NR_(\w+)\s+(\d+)", text)}
    ours = ARCHITECTURES[machine].numbers(ALL)
    assert {name: known.get(name) for name in ours} == ours
    assert {name for name in ALL if name in known} == set(ours)


def test_the_kernel_refuses_every_call_of_the_list(run: Run) -> None:
    """Without arguments each would fail anyway, but with another error, or succeed."""
    architecture = ARCHITECTURES[platform.machine()]
    wanted = {str(number): errno.EPERM for number in architecture.numbers(REFUSED).values()}
    wanted |= {str(number): errno.ENOSYS for number in architecture.numbers(ABSENT).values()}
    wanted |= {str(NEWEST_KNOWN + 1): errno.ENOSYS, str(NEWEST_KNOWN + 99): errno.ENOSYS}
    outcome = run(
        "#!/usr/bin/env -S python3 -SE\nimport ctypes, json\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(number):\n"
        "    return ctypes.get_errno() if libc.syscall(int(number), 0, 0, 0, 0, 0) == -1 else 0\n"
        f"print(json.dumps({{n: call(n) for n in {list(wanted)}}}))"
    )
    assert json.loads(outcome.log) == wanted


def interpret(code: bytes, number: int, audit: int, *arguments: int) -> int:
    """Run a filter as the kernel would: only the instructions that it uses."""
    data = struct.pack("<IIQ", number, audit, 0) + struct.pack(f"<{len(arguments)}Q", *arguments)
    data = data.ljust(64, b"\0")
    steps, at, accumulator = list(struct.iter_unpack("<HBBI", code)), 0, 0
    while True:
        operation, true, false, value = steps[at]
        at += 1
        if operation == seccomp.RETURN:
            return int(value)
        if operation == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
            continue
        holds = {
            seccomp.JUMP_EQUAL: accumulator == value,
            seccomp.JUMP_GREATER: accumulator > value,
            seccomp.JUMP_ANY_BIT: bool(accumulator & value),
        }[operation]
        at += true if holds else false


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_decisions_on_both_architectures(machine: str) -> None:
    architecture, code = ARCHITECTURES[machine], program(machine)
    assert len(code) // 8 < 4096  # the kernel takes no longer ones
    refused = {n: interpret(code, n, architecture.audit) for n in range(NEWEST_KNOWN + 200)}
    for name, number in architecture.numbers(REFUSED).items():
        assert refused[number] == 0x50000 | errno.EPERM, name
    numbers = set(architecture.numbers(ALL).values())
    for number in set(range(NEWEST_KNOWN + 1)) - numbers:
        assert refused[number] == ALLOW
    for number in range(NEWEST_KNOWN + 1, NEWEST_KNOWN + 200):
        assert refused[number] == 0x50000 | errno.ENOSYS
    for other in {a.audit for a in ARCHITECTURES.values()} - {architecture.audit} | {0x40000003}:
        assert interpret(code, 0, other) == KILL_PROCESS


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("name", "arguments", "allowed"),
    [
        ("socket", (1, 1), True),
        ("socket", (2, 1), False),
        ("socket", (1 << 32 | 2, 1), False),
        ("socketpair", (1, 1), True),
        ("socketpair", (16, 3), False),
        ("clone", (0x003D0F00,), True),  # a thread
        ("clone", (17,), True),  # a fork
        ("clone", (0x10000011,), False),
        ("clone", (0x20000011,), False),
        ("clone", (0x40000011,), False),
        ("clone", (0x00020011,), False),
        ("ioctl", (0, 0x5401), True),
        ("ioctl", (0, 0x5412), False),
        ("ioctl", (0, 1 << 32 | 0x5412), False),
    ],
)
def test_decisions_by_argument(
    machine: str, name: str, arguments: tuple[int, ...], allowed: bool
) -> None:
    architecture = ARCHITECTURES[machine]
    number = architecture.numbers(ARGUMENTS)[name]
    result = interpret(program(machine), number, architecture.audit, *arguments)
    assert (result == ALLOW) is allowed


def test_an_unknown_machine_has_no_filter() -> None:
    with pytest.raises(ValueError, match="no system call filter is known for pdp11"):
        program("pdp11")
