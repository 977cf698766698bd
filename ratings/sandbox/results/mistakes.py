# SPDX-License-Identifier: Apache-2.0
"""What teams run into, told by a log's last lines, and what helps: a sentence each.

The patterns are of what programs, libraries and the loader really say; `tests/sandbox` and
`tests/kit` let each of them say it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ratings.sandbox import git_lfs
from ratings.sandbox.results.packages import missing_module
from ratings.sandbox.run_limits import Limits, size_words
from ratings.sandbox.sandbox_errors import shown

MOST_POINTERS = 3  # named
NO_NETWORK = "There is no network where decoders run; put what it wants to load into its zip."
MODULE = re.compile(r"(?:Error|python[\d.]*): No module named '?([\w.]+)")


@dataclass(frozen=True)
class Given:
    """What a run was given, as far as mistakes depend on it.

    `environment` is what a run's record says of it, `pointers` are paths of the decoder's files
    that Git LFS has elsewhere.
    """

    limits: Limits | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    pointers: Sequence[str] = ()


@dataclass(frozen=True)
class Mistake:
    """What a line says, and the mend; {0} there is what the pattern's group has caught.

    `of_limit` is one that a limit's words in the verdict tell already, `of_file` one that a pointer
    in the file's place explains; `unless` is a fact of the run's environment with which the mend
    would be wrong.
    """

    pattern: re.Pattern[str]
    mend: str
    of_limit: bool = False
    of_file: bool = False
    unless: str = ""


def _said(
    pattern: str, mend: str, *, of_limit: bool = False, of_file: bool = False, unless: str = ""
) -> Mistake:
    return Mistake(re.compile(pattern), mend, of_limit, of_file, unless)


# The first that a line speaks of counts.
MISTAKES = (
    _said(
        r"Torch not compiled with CUDA|torch\.cuda\.is_available\(\) is False|No CUDA GPUs are "
        r"|Found no NVIDIA driver|no CUDA-capable device|nvidia-smi: (?:command )?not found"
        r"|lib(?:cud|cublas|nv)[\w.-]*: cannot open shared object file",
        "There is no GPU where the decoder ran; compute on the CPU, and load weights by "
        'torch.load(..., map_location="cpu").',
        unless="devices",
    ),
    _said(
        r"externally-managed-environment|pip[\d.]*: (?:command )?not found"
        r"|No module named '?(?:pip|ensurepip)\b|See PEP 668",
        "Nothing can be installed where decoders run; put packages into the decoder's zip.",
    ),
    _said(
        r"name resolution|Name or service not known|Network is unreachable|getaddrinfo"
        r"|[Cc]ould not resolve host|unable to resolve host|NewConnectionError|<urlopen error"
        r"|Address family not supported|Connection refused|outgoing traffic has been disabled"
        r"|OfflineModeIsEnabled|couldn't connect to 'https?:",
        NO_NETWORK,
    ),
    _said(
        r"Weights only load failed",
        "torch.load takes tensors alone where it is not told otherwise; save a state_dict, or load "
        "it with weights_only=False.",
        of_file=True,
    ),
    _said(
        r"MemoryError|[Cc](?:annot|an't) allocate memory(?! in static TLS)|std::bad_alloc"
        r"|Unable to allocate [\d.]+ \w*B\b",
        "It asked for more memory than there is: a run may use {memory}; hold less at once.",
        of_limit=True,
    ),
    _said(
        r"Illegal instruction|SIGILL",
        "It uses instructions that the processor lacks where it ran; build it for any processor "
        "of the kind, without -march=native.",
    ),
    _said(
        r"([^\s:]+): wrong ELF class",
        "The library {0} is built for another kind of processor; build it for {machine}.",
    ),
    _said(
        r"version `(\w+_[\d.]+)' not found",
        "It was linked where system libraries are newer: {0} is not there where decoders run; "
        "build it on an older system, or link it statically.",
    ),
    _said(
        r"Error: ([^\s:]*/[^\s:]*): cannot open shared object file",
        "The library {0} is not there, or is built for another kind of processor; put it into the "
        "decoder's zip, built for {machine}.",
    ),
    _said(
        r"(?:error while loading shared libraries|(?:OS|Import)Error): ([^:\s]+): cannot open sha",
        "There is no library {0} where decoders run; put it into the decoder's zip, or link it "
        "statically.",
    ),
    _said(
        r"No space left on device",
        "A folder was full: a decoder may write {work} into /work, and {scratch} into /tmp and "
        "into /dev/shm each; write less, or delete what is no longer needed.",
        of_limit=True,
    ),
    _said(
        r"can't start new thread|pthread_create failed|Thread creation failed|Cannot fork"
        r"|(?:fork|[Tt]hread|BlockingIOError).*Resource temporarily unavailable",
        "It came up against the limit of {processes} processes and threads; start fewer, "
        "as many as OMP_NUM_THREADS says.",
        of_limit=True,
    ),
    _said(
        r"^SyntaxError: ",
        "Python {python}, by which it was run, can't read a line of it; write it for that version.",
    ),
    _said(
        r"argv\[[1-9]\]|= sys\.argv$|arguments? (?:are |is )?(?:required|missing)|missing argument"
        r"|^(?i:usage): |\b[1-9]: (?:unbound variable|parameter not set)",
        "A decoder is started as ./decode, without arguments; it finds the bitstreams in the "
        "folder where it starts, and writes the pictures there.",
    ),
)


def mends(lines: Sequence[str], given: Given, *, limit_is_told: bool) -> Iterator[str]:
    """Yield what helps against what a log says, its last line first, and against pointers.

    One mistake is told: the one of which the log speaks last. `limit_is_told` where the verdict
    names a limit that the run came up against.
    """
    for path in islice(given.pointers, MOST_POINTERS):
        yield f"{shown(path)} {git_lfs.WORDS}"
    told = (words for line in lines if (words := _mend(line, given, limit_is_told)))
    yield from islice(told, 1)


def _mend(line: str, given: Given, limit_is_told: bool) -> str:
    for mistake in MISTAKES:
        match = mistake.pattern.search(line)
        told = (mistake.of_limit and limit_is_told) or (mistake.of_file and given.pointers)
        if match and not told and mistake.unless not in given.environment:
            return mistake.mend.format(*map(shown, match.groups()), **_words(given))
    module = MODULE.search(line)
    return missing_module(module[1], given.environment) if module else ""


def _words(given: Given) -> dict[str, str]:
    """Return what the sentences name of a run."""
    limits = given.limits or Limits(cpu_seconds=0, wall_seconds=0, memory_bytes=0)
    return {
        "memory": size_words(limits.memory_bytes),
        "work": size_words(limits.work_bytes),
        "scratch": size_words(limits.scratch_bytes),
        "processes": str(limits.processes),
        "machine": given.environment.get("kernel", "x86_64").rpartition(" ")[2],
        "python": given.environment.get("python", "3"),
    }
