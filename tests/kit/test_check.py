"""`check.py` says what the server says: both get the same entries, and answer line by line."""

import os
import platform
import re
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ratings.challenge.keys.decoder_limits import decoder_limits
from ratings.kit.checking.home_check import main
from ratings.kit.checking.home_options import arguments, limits
from ratings.sandbox.sandboxes import MeteredSandbox
from tests.kit.benches import DECODE, LIMITS, Bench, MakeBench
from tests.sandbox.archives import zipped
from tests.sandbox.builders import elf
from tests.sandbox.damage import by_windows
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)  # a run is followed by a thread
CHECK = Path(__file__).resolve().parents[2] / "ratings" / "kit" / "check.py"
WINDOWS = DECODE.replace("\n", "\r\n")


def test_scores_agree_to_the_last_digit(bench: Bench) -> None:
    answer, home = bench.both(DECODE)
    assert answer.problems == []
    (bench.folder / "decoded").mkdir()
    answer.write_decoded(bench.folder / "decoded")
    printed = StringIO()
    call_command(
        "psnr",
        *(bench.folder / "originals", bench.folder / "decoded"),
        bitstreams=bench.folder / "images",
        stdout=printed,
    )
    lines = home.stdout.splitlines()
    assert lines[:4] == printed.getvalue().splitlines()
    assert lines[-1].startswith(answer.result)
    used = sum(len(content) for content in bench.bitstreams().values())
    assert lines[4] == f"{used} of 100000 bytes in bitstreams; {len(DECODE)} bytes of decoder."
    facts = answer.submission.runs.get().environment
    assert facts["environment"] == "python" and facts["python"] == platform.python_version()
    found = lines[5].removeprefix("It found: ").partition(". The record of a run on the server ")[0]
    assert sorted(found.split(", ")) == sorted(
        ", ".join(f"{name} {value}" for name, value in facts.items()).split(", ")
    )
    assert re.fullmatch(
        r"Decoded in \d\.\d s of CPU time, \d\.\d s in all, with [\d.]+ MiB of memory\.", lines[6]
    )


def test_identical_pictures_have_no_finite_psnr(bench: Bench) -> None:
    _, home = bench.both(DECODE.replace("0xF8", "0xFF"))
    assert home.stdout.splitlines()[-1].startswith("Scored: PSNR inf dB at ")


# Lines after a decoder that is right, for a picture of its own each, and words of what is said.
SPOILT = {
    "missing": (
        "p.unlink()",
        "The same for 4 more: far.png, folder.png, missing.png, too-deep.png.",
    ),
    "name": (
        'p.rename("NAME.png")',
        "Missing image name.png: found 'NAME.png'; call it 'name.png'.",
    ),
    "suffix": (
        'p.rename("suffix.jpg")',
        "Missing image suffix.png: found 'suffix.jpg'; write a PNG",
    ),
    "size": ('Image.new("RGB", (6, 8)).save(p)', "The picture is 6 x 8 pixels, not 8 x 6; it must"),
    "truncated": ("p.write_bytes(p.read_bytes()[:-20])", "truncated.png: The file ends "),
    "trailing": ("p.write_bytes(p.read_bytes() + b'x')", "trailing.png: Bytes follow the end"),
    "text": ('p.write_text("no")', "The same for 1 more: text.png."),
    "empty": ("p.write_bytes(b'')", "empty.png: This is not a PNG file"),
    "glass": ("i = Image.open(p); i.putalpha(254); i.save(p)", "glass.png: The picture is transp"),
    "deep-samples": ('Image.new("I;16", (8, 6)).save(p)', "deep-samples.png: Samples have 16 bits"),
    "large": ("p.write_bytes(bytes(2 << 20))", "large.png: it may have at most "),
    "two": (
        'Path("x").mkdir(); Image.new("L", (8, 6)).save("x/two.png")',
        "and 'x/two.png', which",
    ),
    "three": (
        'for f, n in zip("rst", "RLL"):\n'
        "    Path(f).mkdir()\n"
        '    Image.open(p).convert(n.replace("R", "RGB")).save(f"{f}/three.png")',
        "three.png: found 'r/three.png' and 's/three.png', which differ; write one.",
    ),
    "far": (
        'd = Path(*["n" * 200] * 6); d.mkdir(parents=True); p.rename(d / p)',
        "'" + "n" * 80 + "': its path has more than 1024 bytes.",
    ),
    "link": (
        'p.rename("x/1"); p.symlink_to("x/1")',
        "The same for 3 more: link.png, pipe.png, to-folder.png.",
    ),
    "away": ('p.unlink(); p.symlink_to("/etc/passwd")', "found 'away.png', but it is a link"),
    "to-folder": ('p.rename("x/2"); p.symlink_to("x")', ", to-folder.png."),
    "hard": ('os.link(p, "hard-too.png")', "'hard-too.png': it is one of several hard links"),
    "pipe": ("p.unlink(); os.mkfifo(p)", ", pipe.png, "),
    "folder": ("p.unlink(); p.mkdir()", ", folder.png, "),
    "bytes": ("os.rename(p, b'\\xff.png')", "its name is not UTF-8"),
    "too-deep": ('d = Path("d/" * 17); d.mkdir(parents=True); p.rename(d / p)', "lie too deep"),
}
TAKEN = {
    "grey": 'Image.open(p).convert("L").save(p)',
    "palette": 'Image.open(p).convert("P").save(p)',
    "bit": 'Image.open(p).convert("1").save(p)',
    "opaque": 'Image.open(p).convert("RGBA").save(p)',
    "elsewhere": 'Path("x/y").mkdir(parents=True); p.rename("x/y/elsewhere.png")',
    "alike": 'Path("x/alike.png").write_bytes(p.read_bytes())',
    "deep": 'd = Path("d/" * 16); d.mkdir(parents=True); p.rename(d / p)',
    "more": 'Image.new("RGB", (8, 6)).save("much-more.png")',
    "behind": "os.fork() or time.sleep(99)",  # it goes on when its parent has ended
    "exit": "sys.exit(3)",  # all is there
}


def with_lines(lines: Mapping[str, str]) -> str:
    """Return a decoder that does more in the end, each line with the path `p` of its picture."""
    return DECODE + "".join(f'p = Path("{name}.png")\n{line}\n' for name, line in lines.items())


def test_what_is_wrong_with_outputs(make_bench: MakeBench) -> None:
    bench = make_bench(*(f"{name}.png" for name in SPOILT))
    answer, _ = bench.both(with_lines({name: line for name, (line, _) in SPOILT.items()}))
    said = "\n".join(answer.problems)
    assert [words for _, words in SPOILT.values() if words not in said] == []


def test_what_is_taken_of_outputs(make_bench: MakeBench) -> None:
    bench = make_bench(*(f"{name}.png" for name in TAKEN))
    answer, home = bench.both(with_lines(TAKEN))
    assert answer.problems == []
    assert home.stdout.splitlines()[-1].startswith(answer.result)


# How a decoder without outputs ended.
ENDINGS: dict[str, tuple[str | bytes, str]] = {
    "by itself": (
        "#!/bin/sh\n",
        "The decoder ran to its end and wrote no PNG, nor any other file.",
    ),
    "other names": (
        '#!/bin/sh\nfor f in *.bits; do cp "$f" "$f.png"; done\n',
        "found 'a.bits.png'; call it 'a.png'. The same for 2 more: b.png, c.png.",
    ),
    "other files": (
        '#!/bin/sh\nmkdir out; for f in *.bits; do cp "$f" "out/${f%.bits}.ppm"; done\n',
        "wrote no PNG, but 'out/a.ppm', 'out/b.ppm', 'out/c.ppm'.",
    ),
    "behind": ("#!/bin/sh\nsleep 60 &\nsleep 0.1", "and stopped with it: sleep."),
    "no package": ("#!/usr/bin/env python3\nimport no_such", "There is no package 'no_such'"),
    "no network": (
        "#!/bin/sh\necho 'curl: (6) Could not resolve host: site.test'; exit 6\n",
        "There is no network where decoders run; ",
    ),
    "arguments": ("#!/usr/bin/env python3\nimport sys\nsys.argv[1]", "without arguments"),
    "no command": ("#!/bin/sh\nno-such-command", "failed with exit code 127; its last words"),
    "failing": ("#!/bin/sh\nexit 3\n", "The decoder failed with exit code 3. It wrote no PNG"),
    "last words": ("#!/bin/sh\necho no table; echo; exit 3\n", 'its last words: "no table".'),
    "raising": ("#!/usr/bin/env python3\n{}[7]", 'its last words: "KeyError: 7".'),
    "raising in many lines": (
        "#!/usr/bin/env python3\nraise ValueError('no such table\\nSee the notes:\\n  notes')",
        'its last words: "ValueError: no such table".',
    ),
    "raising in turn": (
        "#!/usr/bin/env python3\ntry:\n    {}[7]\nfinally:\n    1 / 0",
        'its last words: "ZeroDivisionError: division by zero".',
    ),
    "much said": (
        '#!/usr/bin/env python3\nprint("x" * (3 << 20)); exit("end")',
        'its last words: "end".',
    ),
    "one line": (
        '#!/usr/bin/env python3\nprint("x" * (3 << 20), end=""); exit(1)',
        'its last words: "xxx',
    ),
    "not utf-8": ("#!/bin/sh\nprintf 'a\\377\\n'; exit 1\n", '"a\N{REPLACEMENT CHARACTER}".'),
    "signal": ("#!/bin/sh\nkill -SEGV $$\n", "The decoder was ended by SIGSEGV"),
    "memory": (
        "#!/usr/bin/env python3\nheld = [b'x' * (1 << 20) for _ in range(1 << 12)]\n",
        "The decoder was stopped at the memory limit of 256 MiB.",
    ),
    "memory of several": (
        "#!/usr/bin/env python3\nimport os, time\n"
        "os.fork(), os.fork()\nheld = b'x' * (100 << 20)\ntime.sleep(20)\n",
        "The decoder was stopped at the memory limit of 256 MiB.",
    ),
    "cpu": (
        "#!/bin/sh\nwhile :; do :; done\n",
        "The decoder was stopped at the CPU time limit of 1 s.",
    ),
    "wall": ("#!/bin/sh\nsleep 99\n", "The decoder was stopped at the wall time limit of 1 s."),
    "crowd": (
        "#!/usr/bin/env python3\nimport os, time\n"
        "try:\n"
        "    for _ in range(50):\n"
        "        os.fork() or (time.sleep(99), os._exit(0))\n"
        "finally:\n"
        "    time.sleep(0.5); os._exit(1)\n",
        "after it came up against the limit of 32 processes and threads.",
    ),
    "no interpreter": ("#!/no/such\n", "names '/no/such', and where decoders run there is no such"),
    "no program": ("#!/etc/passwd\n", "names '/etc/passwd', and where decoders run"),
    "no name": ("#!/usr/bin/env pyhton3\n", "names 'pyhton3', and where decoders run"),
    "no format": (
        zipped([("decode", elf()[:60])]),
        "The decoder did not start: decode could not be executed (exit code 126)",
    ),
}


TIGHT = {"cpu": {"cpu_seconds": 1}, "wall": {"wall_seconds": 1}}


@pytest.mark.parametrize("name", ENDINGS)
def test_how_it_ended(bench: Bench, name: str) -> None:
    decoder, words = ENDINGS[name]
    bench.phase.decoder_limits = LIMITS | TIGHT.get(name, {})
    bench.phase.save()
    answer, _ = bench.both(decoder)
    assert words in "\n".join(answer.problems)


DECODERS: dict[str, tuple[str | bytes, str]] = {
    "zip": (zipped([("decode", DECODE.encode()), ("weights.bin", b"1")]), ""),
    "windows": (WINDOWS, "[decode had the line ends of Windows; they were changed.]"),
    "byte order mark": ("\ufeff" + DECODE, "[decode began with a byte order mark; it was taken"),
    "no mark": (zipped([("decode", b"\xef\xbb\xbf" + DECODE.encode())]), "[decode was not marked"),
    "nested": (
        zipped([("team/decode", DECODE.encode())]),
        "'team/decode': found, but decode must lie at the top of the zip, in no folder.",
    ),
    "no first line": ("print()\n", "it has no first line that names its interpreter"),
    "name taken": (
        zipped([("decode", DECODE.encode()), ("a.bits", b"1")]),
        "'a.bits' has the name of a file to decode; name it otherwise.",
    ),
    "folder's name taken": (
        zipped([("decode", DECODE.encode()), ("b.bits/x", b"1")]),
        "'b.bits' has the name of a file to decode",
    ),
    "pictures within": (
        zipped([("decode", b"#!/bin/sh\n"), *((f"{n}.png", b"1") for n in "abc")]),
        "Missing image a.png: 'a.png' came with the decoder; only what it writes counts.",
    ),
    "by windows": (
        by_windows([("decode", DECODE.encode()), ("lib/x", b"1")]),
        "not marked as exec",
    ),
    "by tar": (zipped([("./", b""), ("./decode", DECODE.encode())]), "not marked as executable"),
}


@pytest.mark.parametrize("name", DECODERS)
def test_decoders_that_are_taken_mended_or_refused(bench: Bench, name: str) -> None:
    decoder, words = DECODERS[name]
    answer, home = bench.both(decoder)
    assert words in home.stderr
    taken = ("zip", "windows", "byte order mark", "no mark", "by windows", "by tar")
    assert bool(answer.problems) != (name in taken)
    assert answer.problems or [f"[{note}]" for note in answer.notes] == [
        line for line in home.stderr.splitlines() if line.startswith("[")
    ]


def test_the_budget_is_kept_to_the_byte(bench: Bench) -> None:
    used = sum(len(content) for content in bench.bitstreams().values())
    bench.phase.byte_budget = used
    bench.phase.save()
    answer, _ = bench.both(DECODE)
    assert answer.problems == []
    bench.phase.byte_budget = used - 1
    bench.phase.save()
    answer, _ = bench.both(DECODE)
    (line,) = answer.problems
    assert line.endswith(f"1 more than the byte budget of {used - 1} bytes.")


def test_a_bitstream_that_alone_exceeds_the_budget_is_named(bench: Bench) -> None:
    bench.phase.byte_budget = min(len(content) for content in bench.bitstreams().values()) - 1
    bench.phase.save()
    answer, _ = bench.both(DECODE)
    assert len(answer.problems) == 3
    assert all("the byte budget of all bitstreams together." in line for line in answer.problems)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["a", "b", "c"], ""),
        (["a.12345678", "b.12345678", "c.12345678"], ""),
        (["a", "b.bits", "c.12345678"], "have different endings (none, .12345678, .bits)"),
        (["a.bits", "b.bits"], "Missing bitstream for c.png"),
        (["a.bits", "b.bits", "c.bits", "d.bits"], "'d.bits' must be the name of one original"),
        (["a.bits", "b.bits", "c.tar.gz"], "'c.tar.gz' must be the name of one original"),
        (["a.bits", "b.bits", "c.123456789"], "'c.123456789' must be the name"),
        (["a.bits", "b.bits", "C.bits"], "'C.bits' must be the name of one original"),
        (["a.bits", "a", "b.bits", "c.bits"], "is here already as 'a.bits'; keep that name."),
        (["a.bits", "b.bits", "c.bits", "a.png"], ""),
        (["a.bits", "b.bits", "c.bits", "d.png"], "'d.png' is no picture of this phase"),
    ],
)
def test_names(bench: Bench, given: list[str], words: str) -> None:
    """All files begin as their pictures do; the decoder does not care for suffixes."""
    decode = DECODE.replace("*.bits", "[a-c]*")
    contents = {name[0]: content for name, content in bench.bitstreams().items()}
    answer, _ = bench.both(decode, {name: contents.get(name[0].lower(), b"") for name in given})
    assert words in "\n".join(answer.problems)
    assert bool(answer.problems) == bool(words)


def test_decoded_pictures_are_checked_too(bench: Bench) -> None:
    pictures = {"a.png": b"no", "b.png": bytes(2 << 20), "c.png": bench.bitstreams()["c.bits"]}
    answer, _ = bench.both(DECODE, bench.bitstreams() | pictures)
    assert [line.rpartition("/")[2].partition(":")[0] for line in answer.problems] == [
        "a.png",
        "b.png",
    ]


def test_two_names_in_one_picture(make_bench: MakeBench) -> None:
    """A picture's name may hold dots: then a bitstream's may mean two."""
    answer, _ = make_bench("a.png", "a.b.png").both(DECODE, {"a.b": b"1", "a.b.bits": b"1"})
    assert "'a.b' must be the name of one original" in answer.problems[0]


@pytest.fixture
def bare_bench(bench: Bench, tmp_path: Path) -> Bench:
    """Return a bench with hardly any programs at home."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "prlimit").symlink_to("/usr/bin/prlimit")
    return replace(bench, path=str(tmp_path / "bin"))


@pytest.mark.parametrize("name", ["by itself", "memory of several", "cpu", "signal", "raising"])
def test_without_bubblewrap_it_ends_the_same(bare_bench: Bench, name: str) -> None:
    test_how_it_ended(bare_bench, name)


def test_without_bubblewrap_it_says_so(bare_bench: Bench) -> None:
    answer, home = bare_bench.both(DECODE)
    assert answer.problems == []
    assert home.stderr.startswith(
        "The decoder runs UNCONTAINED, with your rights, files and network: "
        "bubblewrap is not installed: install the package 'bubblewrap', version 0.8 or newer.\n"
        "A file, a program or an address that only you have is not noticed.\n"
        "Memory and CPU time are looked up a hundred times a second: "
    )
    assert "Decoded UNCONTAINED in " in home.stdout


def test_a_bubblewrap_that_does_not_work_is_told(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        broken = Path(folder, "bwrap")
        broken.write_text("#!/bin/sh\necho no namespaces >&2\nexit 1\n")
        broken.chmod(0o755)
        _, home = replace(bench, path=f"{folder}:/usr/bin:/bin").both(DECODE)
    assert "UNCONTAINED" in home.stderr
    assert "your rights, files and network: no namespaces: " in home.stderr


def test_what_is_contained(bench: Bench) -> None:
    """It finds no network, none of your files, nowhere to write but its folder and /tmp."""
    secret = bench.folder / "secret"
    secret.write_text("mine")
    program = f"""#!/usr/bin/env python3
import os
from pathlib import Path
print("sees", os.path.exists({str(secret)!r}), os.path.exists("/home"), len(os.listdir("/proc")))
print("interfaces", [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line])
for folder in ("/", "/usr", "/dev", "/etc", "/tmp", "/dev/shm", "."):
    try:
        Path(folder, "written").write_text("x")
        print("wrote to", folder)
    except OSError:
        pass
"""
    lines = bench.check(bench.call(program)).stderr.splitlines()
    assert lines[0].startswith("sees False False ") and int(lines[0].split()[-1]) < 80
    assert lines[1:5] == [
        "interfaces ['lo']",
        "wrote to /tmp",
        "wrote to /dev/shm",
        "wrote to .",
    ]
    assert lines[5] == "ERROR: The decoder ran to its end and wrote no PNG, but 'written'."


def test_nothing_is_left_when_it_is_interrupted(bench: Bench, tmp_path: Path) -> None:
    """Ctrl-C stops the decoder with all that it started."""
    program = "#!/bin/sh\nsleep 4242 & echo now; sleep 4243\n"
    (tmp_path / "scratch").mkdir()
    # A shell lets what it runs in the background ignore SIGINT, these tests too.
    interruptible = ["env", "--default-signal=INT", sys.executable]
    with subprocess.Popen(
        [*interruptible, CHECK, *bench.call(program), "--bytes=100000"],
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path / "scratch")},
    ) as home:
        assert home.stderr and home.stderr.readline() == b"now\n"
        assert list((tmp_path / "scratch").iterdir()) != []
        home.send_signal(signal.SIGINT)
        assert home.wait(PATIENCE_SECONDS) == 130
    assert list((tmp_path / "scratch").iterdir()) == []
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(b"sleep\x00424" in command for command in commands)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"decoder": "none"}, "none: there is no such file."),
        ({"image": "none"}, "none: there is no such file."),
        ({"image": "originals"}, "originals: this is a folder; name its files, such as"),
        ({"decoder": "originals"}, "originals: The archive has no decode at its top"),
        ({"image": "twice/a.bits"}, "a.bits has the same name."),
        ({"folder": "none"}, "There is no folder "),
        ({"folder": "decoder"}, "There is no PNG in "),
        ({"folder": "twice"}, "z.png: This is not a PNG file; save the picture as PNG."),
    ],
)
def test_a_wrong_call_is_explained(bench: Bench, change: dict[str, str], words: str) -> None:
    bench.write("twice", {"a.bits": b"1", "z.png": b"no"})
    decoder, *images, originals = bench.call(DECODE)
    changed = {key: str(bench.folder / value) for key, value in change.items()}
    images += [changed["image"]] if "image" in changed else []
    folder = f"--originals={changed['folder']}" if "folder" in changed else originals
    home = bench.check([changed.get("decoder", decoder), *images, folder])
    assert home.code == 1
    assert words in home.stderr
    assert all(line.startswith("ERROR: ") for line in home.stderr.splitlines())


@pytest.mark.parametrize(
    "option", ["--bpp=0", "--bpp=x", "--bpp=nan", "--bytes=1.5", "--cpu-seconds=-1", "--bytes=inf"]
)
def test_numbers_that_mean_nothing(option: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["decoder", "image", "--originals", ".", option])


def test_limits_are_those_of_a_phase_that_sets_none() -> None:
    assert limits(arguments(["decoder", "image", "--originals", "."])) == decoder_limits({})
    given = arguments(["decoder", "image", "--originals", ".", "--cpu-seconds=7"])
    assert limits(given) == decoder_limits({"cpu_seconds": 7})


def test_the_budget_is_the_calls_unless_it_is_named(bench: Bench) -> None:
    """As the server computes it: 0.15 bits of each of the pixels, in whole bytes."""
    assert main(bench.call(DECODE)) == 1
    most = 3 * 8 * 6 * 15 // 100 // 8
    words = f"at most {most} bytes, the byte budget of all bitstreams together."
    assert words.encode() in bench.capture.readouterr().err


def test_a_folder_is_looked_at_as_the_client_sends_it(bench: Bench) -> None:
    """With the files beside its program, and all that is wrong with its zip."""
    call = bench.call(DECODE)
    bench.write("mine", {"decode": b"#!/usr/bin/env python3\nimport helper\n"})
    call[0] = str(bench.folder / "mine")
    alone = bench.check(call)
    assert alone.code == 1 and "No module named 'helper'" in alone.stderr
    bench.write("mine", {"helper.py": DECODE.encode()})
    whole = bench.check(call)
    assert (whole.code, whole.stdout.splitlines()[-1][:13]) == (0, "Scored: PSNR ")


def test_a_folder_that_can_not_be_sent_is_refused(bench: Bench) -> None:
    call = bench.call(DECODE)
    (bench.folder / "decoder" / "weights").symlink_to("nowhere")
    call[0] = str(bench.folder / "decoder")
    home = bench.check(call)
    assert home.code == 1
    assert "weights: this is no file, or a link that leads nowhere." in home.stderr


def test_a_program_is_for_the_machine_that_is_named(bench: Bench) -> None:
    home = bench.check([*bench.call(elf(machine=62)), "--machine=aarch64"])
    assert "decode: it is built for x86_64; build it for aarch64." in home.stderr


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_elsewhere_it_says_that_it_needs_linux(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """Before it imports what only Linux has."""
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setitem(sys.modules, "ratings.kit.checking.home_check", None)
    with pytest.raises(SystemExit, match="ERROR: The check needs Linux; WSL is one on Windows"):
        runpy.run_path(str(CHECK), run_name="__main__")


def test_it_is_one_command_of_its_own(bench: Bench, tmp_path: Path) -> None:
    """Without a path to anything else, wherever one stands."""
    command = [sys.executable, "-I", str(CHECK), *bench.call(DECODE), "--bpp=99"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert (run.returncode, run.stderr.splitlines()[0]) == (0, "decoding a.bits")
    assert run.stdout.splitlines()[-1].startswith("Scored: PSNR ")


def test_an_environment_is_made_once(
    sandbox: MeteredSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--make-environment", "python"])
    assert ended.value.code == 0
    assert re.fullmatch(r".*/decoding/python-[\d.]+-\w+ is there\.\n", capfd.readouterr().err)


def test_without_its_environment_a_decoder_is_not_run(bench: Bench) -> None:
    home = bench.check([*bench.call(DECODE), "--environment=torch"])
    assert home.code == 1
    assert home.stderr.startswith("ERROR: The environment 'torch' (PyTorch for CPUs, ")
    assert home.stderr.endswith("make it once by check.py --make-environment torch.\n")


def test_only_known_environments_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["decoder", "image", "--originals", ".", "--environment", "tensorflow"])
    assert "'tensorflow' is none; there are python, torch, or an image" in capfd.readouterr().err
