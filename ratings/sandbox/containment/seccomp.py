# SPDX-License-Identifier: Apache-2.0
"""The system call filter, as the classic BPF program that `bwrap --seccomp` loads.

Layout of seccomp_data and the return values: Linux, include/uapi/linux/seccomp.h. A refused call
returns EPERM, one that counts as absent ENOSYS; a call by another architecture's numbers ends the
process.
"""

import errno
import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ratings.sandbox.containment.syscalls import ABSENT, ARGUMENTS, NEWEST_KNOWN, REFUSED, Numbers

LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # low 32 bits of arguments
ALLOW, ERROR, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
X32_BIT = 0x40000000
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x60000000
AF_UNIX = 1
TIOCSTI, TIOCLINUX, TIOCSETD = 0x5412, 0x541C, 0x5423  # typing into a terminal, or rebuilding it


@dataclass(frozen=True)
class Architecture:
    """An architecture by its AUDIT_ARCH value and its column in the tables of numbers."""

    audit: int
    column: int

    def numbers(self, table: Numbers) -> dict[str, int]:
        """Return the numbers of a table's calls that the architecture has, by name."""
        known = {name: numbers[self.column] for name, numbers in table.items()}
        return {name: number for name, number in known.items() if number is not None}


ARCHITECTURES = {"x86_64": Architecture(0xC000003E, 0), "aarch64": Architecture(0xC00000B7, 1)}


def program(machine: str | None = None) -> bytes:
    """Return the filter for a machine (as `uname -m` names it; this one by default).

    Raises ValueError for one whose system call numbers aren't known.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ValueError(f"no system call filter is known for {machine}, only for {known}")
    return b"".join(_instructions(ARCHITECTURES[machine]))


def _instructions(architecture: Architecture) -> Iterator[bytes]:
    yield _step(LOAD, ARCHITECTURE)
    yield _step(JUMP_EQUAL, architecture.audit, true=1)
    yield _step(RETURN, KILL_PROCESS)
    yield _step(LOAD, NUMBER)
    yield from _return_if(JUMP_ANY_BIT, X32_BIT, ERROR | errno.ENOSYS)
    yield from _return_if(JUMP_GREATER, NEWEST_KNOWN, ERROR | errno.ENOSYS)
    for number in architecture.numbers(ABSENT).values():
        yield from _return_if(JUMP_EQUAL, number, ERROR | errno.ENOSYS)
    for number in architecture.numbers(REFUSED).values():
        yield from _return_if(JUMP_EQUAL, number, ERROR | errno.EPERM)
    for name, number in architecture.numbers(ARGUMENTS).items():
        decision = list(_by_argument(name))
        yield _step(JUMP_EQUAL, number, false=len(decision))
        yield from decision
    yield _step(RETURN, ALLOW)


def _by_argument(name: str) -> Iterator[bytes]:
    """Decide a call by one of its arguments; always returns."""
    yield _step(LOAD, SECOND_ARGUMENT if name == "ioctl" else FIRST_ARGUMENT)
    if name == "ioctl":
        for request in (TIOCSTI, TIOCLINUX, TIOCSETD):
            yield from _return_if(JUMP_EQUAL, request, ERROR | errno.EPERM)
    elif name == "clone":
        yield from _return_if(JUMP_ANY_BIT, NEW_NAMESPACES, ERROR | errno.EPERM)
    else:
        yield _step(JUMP_EQUAL, AF_UNIX, true=1)
        yield _step(RETURN, ERROR | errno.EAFNOSUPPORT)
    yield _step(RETURN, ALLOW)


def _return_if(jump: int, value: int, result: int) -> Iterator[bytes]:
    yield _step(jump, value, false=1)
    yield _step(RETURN, result)


def _step(code: int, value: int, *, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, true, false, value)
