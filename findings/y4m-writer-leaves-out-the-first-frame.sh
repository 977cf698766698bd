#!/usr/bin/env bash
# y4m 1.1.1: the Writer leaves out the first frame it is given; a still picture becomes a header and nothing else.
#
# Behaviour  Writer.encode() of the first frame writes the header of the stream and nothing else; from the second on it
#            writes frames. Three frames read and written again are two, each shifted by one against the original. Of
#            one frame there is a header only, which the package's own Reader takes as a valid stream without frames.
# Guessed    That encode() encodes, the first time too, as no other call takes a frame.
# Bears on   Stills in Y4M, as the tools of AV1 and VVC take them, and PSNR frame by frame: pairs are off by one.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check y4m==1.1.1
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import y4m

print("y4m", version("y4m"))
size = 16 * 8 * 3 // 2


def stream(levels):
    frames = b"".join(b"FRAME\n" + bytes([level]) * size for level in levels)
    return b"YUV4MPEG2 W16 H8 F25:1 Ip A1:1 C420jpeg\n" + frames


def read(data):
    seen = []
    y4m.Reader(seen.append).decode(data)
    return seen


def levels(frames):
    return [frame.buffer[0] for frame in frames]


for given in ([10, 20, 30], [10]):
    frames = read(stream(given))
    assert levels(frames) == given, "the reader reads something else now"
    out = io.BytesIO()
    writer = y4m.Writer(out)
    for frame in frames:
        writer.encode(frame)
    got = levels(read(out.getvalue()))
    print(f"frames of level {given} come back as {got}, in {len(out.getvalue())} bytes")
    assert got == given[1:], "the first frame is written now"
print("seen: the first frame is left out")
PY
