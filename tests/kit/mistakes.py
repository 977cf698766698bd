"""Twenty mistakes that teams make, each a tiny decoder, and words of the sentence that tells it."""

import platform
import struct
from pathlib import Path

from tests.sandbox.archives import zipped

PYTHON, SHELL = "#!/usr/bin/env python3\n", "#!/bin/sh\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
POINTED = "'weights.bin' is a pointer of Git LFS, not the file itself; run git lfs pull"
NO_NETWORK = "There is no network where decoders run; put what it wants to load into its zip."
NO_MEMORY = "It asked for more memory than there is: a run may use 256 MiB; hold less at once."
NO_GPU = "There is no GPU where the decoder ran; compute on the CPU"
X86_64, AARCH64 = 62, 183
HERE, ELSEWHERE = (X86_64, AARCH64) if platform.machine() == "x86_64" else (AARCH64, X86_64)
UNDEFINED = {X86_64: b"\x0f\x0b", AARCH64: bytes(4)}[HERE]  # an instruction that no processor has


def with_files(program: str, **files: bytes) -> bytes:
    """Return a decoder's zip; names of further files have __ for dots."""
    beside = [(name.replace("__", "."), content) for name, content in files.items()]
    return zipped([("decode", program.encode()), *beside])


def loading(path: str) -> str:
    return f"{PYTHON}import ctypes\nctypes.CDLL({path!r})"


def whole_elf(kind: int, machine: int, code: bytes, *, bits: int = 2) -> bytes:
    """Return all of a program (2) or a library (3) that holds this code alone."""
    place, size = 0x400000, 120 + len(code)
    head = struct.pack("<HHIQQQI6H", kind, machine, 1, place + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    loaded = struct.pack("<IIQQQQQQ", 1, 5, 0, place, place, size, size, 0x1000)
    return b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9) + head + loaded + code


def changed(program: str, before: bytes, after: bytes) -> bytes:
    """Return a program of the system's that asks the loader for something else."""
    content = Path(program).read_bytes()
    assert before in content and len(before) == len(after)
    return content.replace(before, after)


MISTAKES: dict[str, tuple[str | bytes, str]] = {
    "package": (
        PYTHON + "import tqdm",
        "There is no package 'tqdm' in the environment 'python', which has numpy, scipy and Pillow,"
        " and no network to get more; put it into the decoder's zip.",
    ),
    "package elsewhere": (
        PYTHON + "from torch import nn",
        "There is no package 'torch' in the environment 'python'; it is in 'torch': choose one",
    ),
    "part of a package": (PYTHON + "import numpy.matlab2", "'numpy' has no module 'numpy.matlab2'"),
    "another Python": (
        SHELL + "python3 -S -c 'import numpy'",
        "The package 'numpy' is there for the environment's own Python alone",
    ),
    "installing": (SHELL + "python3 -m pip install tqdm", "Nothing can be installed where"),
    "name of a host": (
        PYTHON + "import urllib.request\nurllib.request.urlopen('http://example.org/weights')",
        NO_NETWORK,
    ),
    "address": (PYTHON + "import socket\nsocket.create_connection(('127.0.0.1', 80))", NO_NETWORK),
    "no GPU": (SHELL + "nvidia-smi", NO_GPU),
    "CUDA's library": (loading("libcudart.so.12"), NO_GPU),
    "array too large": (PYTHON + "import numpy\nnumpy.ones(1 << 40)", NO_MEMORY),
    "too much memory": (PYTHON + "bytearray(1 << 40)", NO_MEMORY),
    "illegal instruction": (
        whole_elf(2, HERE, UNDEFINED),
        "It uses instructions that the processor lacks where it ran",
    ),
    "library of 32 bits": (
        with_files(loading("./x.so"), x__so=whole_elf(3, HERE, b"", bits=1)),
        "The library './x.so' is built for another kind of processor; build it for",
    ),
    "library for another processor": (
        with_files(loading("./x.so"), x__so=whole_elf(3, ELSEWHERE, b"")),
        "The library './x.so' is not there, or is built for another kind of processor; put it",
    ),
    "library that only you have": (
        loading("libopencv_core.so.406"),
        "There is no library 'libopencv_core.so.406' where decoders run; put it into the",
    ),
    "linked to such a library": (
        changed("/bin/true", b"libc.so.6", b"liby.so.6"),
        "There is no library 'liby.so.6' where decoders run; put it into the decoder's zip",
    ),
    "newer C library": (
        changed("/bin/true", b"GLIBC_2.34\0", b"GLIBC_9.99\0"),
        "system libraries are newer: 'GLIBC_9.99' is not there where decoders run",
    ),
    "pointer for an array": (
        with_files(PYTHON + "import numpy\nnumpy.load('weights.bin')", weights__bin=POINTER),
        POINTED,
    ),
    "pointer for any weights": (
        with_files(
            PYTHON + "open('weights.bin', 'rb').read()[999]",
            weights__bin=POINTER,
        ),
        POINTED,
    ),
    "pointer for the decoder": (POINTER, "decode: it is a pointer of Git LFS, not the file itself"),
    "full folder": (
        PYTHON + "open('/dev/full', 'wb', 0).write(b'much')",
        "A folder was full: a decoder may write 4 GiB into /work, and 256 MiB into /tmp",
    ),
    "too many threads": (
        PYTHON + "import resource, threading\nresource.setrlimit(resource.RLIMIT_NPROC, (1, 1))\n"
        "threading.Thread(target=print).start()",
        "the limit of 32 processes and threads; start fewer, as many as OMP_NUM_THREADS says.",
    ),
    "newer Python": (PYTHON + "type Picture = bytes", "by which it was run, can't read a line of"),
    "arguments": (PYTHON + "import sys\nopen(sys.argv[1])", "A decoder is started as ./decode,"),
}
