"""What starts a program is looked for where decoders run, as the sandbox itself would find it."""

import stat
import struct
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ratings.sandbox.containment import containers
from ratings.sandbox.containment.containers import Engine
from ratings.sandbox.decoders.interpreters import beside, missing_interpreter
from ratings.sandbox.decoders.programs import Machine
from ratings.sandbox.decoders.unpacking import check, unpack
from ratings.sandbox.environments.found_programs import finds
from ratings.sandbox.environments.trees import INSIDE
from ratings.sandbox.run_limits import MIB
from ratings.sandbox.sandbox_errors import FileRefused
from tests.sandbox.archives import Members, special, zipped
from tests.sandbox.builders import SMALL, elf
from tests.sandbox.conftest import Run

PATIENT = replace(SMALL, cpu_seconds=60, log_bytes=MIB)
THERE = {"python3", "/usr/bin/env", "/bin/sh", "/usr/bin/python3"}
OWN = {"env/bin/python", "run.sh"}
# Asks the shell inside for every program that is named in a file.
ASK = """#!/bin/sh
while read -r p; do
    found=$(command -v "$p")
    [ -f "$found" ] && [ -x "$found" ] && echo "$p"
done <names
:
"""


def candidates() -> list[str]:
    """Return programs that are there, and others: by path, by name, through links, and odd."""
    folders = ("/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin", "/etc/alternatives", "/usr/lib")
    there = (path for folder in folders for path in sorted(Path(folder).glob("*"))[:400])
    paths = [str(path) for path in there]
    pythons = ("python3", "python", "python9", "pip")
    inside = [f"{INSIDE}/{way}/{name}" for way in ("bin", "python/bin") for name in pythons]
    odd = [
        "/",
        "/usr",
        "/usr/bin",
        "/bin/../bin/sh",
        "//bin/sh",
        "/etc/passwd",
        "/no/such",
        "/bin/",
    ]
    names = ["python3", "python", "sh", "env", "ruby-of-the-future", "pyhton3", "bin"]
    named = ["/bin/sh", "/usr/bin/env"]
    named += ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"]
    return [path for path in (*paths, *inside, *odd, *names, *named) if "\n" not in path]


def test_the_same_is_found_as_inside(run: Run) -> None:
    asked = candidates()
    result = run(ASK, limits=PATIENT, names="\n".join(asked) + "\n")
    assert result.succeeded, result
    inside = set(result.log.decode().split("\n")[:-1])
    assert {path for path in asked if finds(path)} == inside
    assert {"python3", "/bin/sh", "/usr/bin/env"} < inside < set(asked)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("#!/usr/bin/env python3", ""),
        ("#! /usr/bin/env  python3 ", ""),
        ("#!/usr/bin/env -S python3 -SE", ""),
        ("#!/usr/bin/env -S A=b python3 -u", ""),
        ("#!/usr/bin/env --split-string=python3 -u", ""),
        ("#!/usr/bin/env -i", ""),
        ("#!/usr/bin/env -S -i python9", ""),  # not to be known without env's own rules
        ("#!/usr/bin/env -S 'python3", ""),
        ("#!/usr/bin/env", ""),
        ("#!/bin/sh -e", ""),
        ("#!/work/env/bin/python", ""),
        ("#!/usr/bin/env env/bin/python", ""),
        ("#!/usr/bin/env ./run.sh", ""),
        ("#!/usr/bin/env -S ./env/../run.sh -u", ""),
        ("#!/usr/bin/env ../bin/sh", ""),
        ("#!/work/../bin/sh", ""),
        ("#!/work/venv/bin/python", "names '/work/venv/bin/python', and no program of the decoder"),
        ("#!/usr/bin/env venv/bin/python", "names 'venv/bin/python', and no program of the"),
        ("#!/usr/bin/env -S ./no.sh -u", "names './no.sh', and no program of the decoder lies"),
        ("#!/usr/bin/env ../bin/no", "names '../bin/no', and where decoders run there is no"),
        ("#!/work", "names '/work', and where decoders run there is no such program"),
        ("#!/usr/bin/pyhton3", "names '/usr/bin/pyhton3', and where decoders run there is no such"),
        ("#!/home/me/venv/bin/python", "names '/home/me/venv/bin/python', and where decoders"),
        ("#!/usr/bin/env pyhton3", "names 'pyhton3', and where decoders run there is no such"),
        ("#!/usr/bin/env -S pyhton3 -u", "names 'pyhton3', and"),
        ("#!/usr/bin/env python3 -u", "'python3 -u' to env as one word; begin with #!/usr/bin/"),
        ("#!/usr/bin/env pyhton3 -u", "names 'pyhton3 -u', and"),
        ("#!/bin/\0sh", "no such program"),
    ],
)  # fmt: skip
def test_first_lines(line: str, words: str) -> None:
    said = missing_interpreter(line.encode(), beside(THERE.__contains__, OWN.__contains__))
    assert words in said
    assert bool(said) == bool(words)


def linked(loader: bytes) -> bytes:
    """Return an ELF file of 64 bits that names its loader."""
    head = bytearray(elf().ljust(64, b"\0"))
    struct.pack_into("<Q", head, 32, 64)  # where program headers begin
    struct.pack_into("<2H", head, 54, 56, 2)  # their size and number
    other = struct.pack("<2L6Q", 1, 5, 0, 0, 0, 0, 0, 0)
    named = struct.pack("<2L6Q", 3, 4, 64 + 2 * 56, 0, 0, len(loader), 0, 0)
    return bytes(head) + other + named + loader


@pytest.mark.parametrize(
    ("program", "missing"),
    [
        (linked(b"/lib/ld-musl-x86_64.so.1\0"), True),
        (linked(b"/nix/store/x/ld-linux.so.2\0"), True),
        (linked(b"/bin/sh\0"), False),
        (linked(b""), False),
        (elf(), False),
    ],
)
def test_a_loader_that_is_not_there_is_told(program: bytes, missing: bool) -> None:
    said = missing_interpreter(program, THERE.__contains__)
    assert ("link it statically, or for glibc" in said) == missing


@given(st.binary(max_size=200), st.booleans())
@example(b"#!", False)
@example(b"\x7fELF\2" + b"\xff" * 100, True)
def test_no_bytes_surprise_it(rest: bytes, is_elf: bool) -> None:
    head = b"\x7fELF" + rest if is_elf else b"#!/" + rest
    assert missing_interpreter(head, finds).isprintable()


@pytest.mark.parametrize("pack", [bytes, lambda program: zipped([("decode", program)])])
@pytest.mark.parametrize(
    "program", [b"#!/usr/bin/pyhton3\n", b"\xef\xbb\xbf#!/usr/bin/env pyhton3\r\n"]
)
def test_it_is_told_on_arrival_and_before_a_run(
    program: bytes, pack: type[bytes], tmp_path: Path
) -> None:
    (tmp_path / "sent").write_bytes(pack(program))
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileRefused, match="there is no such program"):
        check(tmp_path / "sent", Machine.this(finds))
    with pytest.raises(FileRefused, match="there is no such program"):
        unpack(tmp_path / "sent", tmp_path / "folder", Machine.this(finds))


@pytest.mark.parametrize("line", [b"#!/work/env/run\n", b"#!/usr/bin/env env/run\n"])
@pytest.mark.parametrize(
    ("own", "runs"),
    [
        ([("env/run", b"#!/bin/sh\n")], True),
        ([("env/run", elf())], True),
        ([(special("env/run", stat.S_IFREG | 0o755), b"data")], True),
        ([("env/run", b"no program")], False),
        ([("env/run/x", b"#!/bin/sh\n")], False),
        ([("env/ran", b"#!/bin/sh\n")], False),
        ([], False),
    ],
)
def test_interpreters_of_its_own_are_looked_for_among_its_files(
    line: bytes, own: Members, runs: bool, tmp_path: Path
) -> None:
    """On arrival, where nothing is unpacked, as before a run."""
    machine = Machine.this(finds)
    sent, alone = tmp_path / "sent", tmp_path / "alone"
    sent.write_bytes(zipped([("decode", line), *own]))
    alone.write_bytes(line)
    for file, there in ((sent, runs), (alone, False)):
        folder = tmp_path / f"{file.name}-unpacked"
        folder.mkdir()
        with judged(there):
            check(file, machine)
        with judged(there):
            unpack(file, folder, machine)


def judged(there: bool) -> AbstractContextManager[object]:
    words = "no program of the decoder lies there"
    return nullcontext() if there else pytest.raises(FileRefused, match=words)


def test_an_interpreter_of_its_own_starts_inside(run: Run) -> None:
    program = "#!/bin/sh\nprintf '#!/work/mine\\n' >again; printf '#!/bin/sh\\necho ok\\n' >mine\n"
    result = run(program + "chmod +x again mine; ./again; env ./mine; env ./../work/mine")
    assert result.log == b"ok\nok\nok\n"


def test_an_image_is_asked_for_what_it_has(engine: Engine) -> None:
    """It has a shell and a Python of its own, at another place than this machine's."""
    there = {
        program: containers.finds_in_image(engine.image, program)
        for program in ("sh", "/bin/sh", "python3", "pyhton3", "/usr/bin/pyhton3", "/home/x")
    }
    assert [program for program in there if there[program]] == ["sh", "/bin/sh", "python3"]
