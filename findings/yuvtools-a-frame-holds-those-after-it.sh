#!/usr/bin/env bash
# yuvtools 0.0.1: the PSNR of frame 1 over "YUV" is that of all frames from it to the end of the file.
#
# Behaviour  read_yuv420_frame reads from the frame's start to the end of the file, and gives all of it as the frame; its Y, U
#            and V are cut out rightly. Of two files whose second frame alone differs, psnr(..., channel="YUV") tells
#            25 dB for the first frame, and channel="Y" 361, which is OpenCV's for equal pictures. The last frame is right.
# Guessed    That the frame is Y, U and V of its own, as the docstring's "PSNR for each frame" has it.
# Bears on   PSNR per frame, and its mean: each frame's is smoothed with all later ones, and the last counts most.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93
"$room/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps yuvtools==0.0.1
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from yuvtools.psnr import psnr
from yuvtools.yuv import read_yuv420_frame

print("yuvtools", version("yuvtools"), "numpy", version("numpy"))
width, height = 16, 8
frame = np.arange(width * height * 3 // 2, dtype=np.uint8)
worse = frame + np.uint8(20)
np.concatenate([frame, frame]).tofile("one.yuv")
np.concatenate([frame, worse]).tofile("two.yuv")

whole, luma, *_ = read_yuv420_frame("one.yuv", width, height, 0)
print(f"a frame of {frame.size} samples is read as {whole.size}, its Y as {luma.size}")
told = {channel: psnr("one.yuv", "two.yuv", width, height, 2, channel=channel) for channel in ("Y", "YUV")}
for channel, values in told.items():
    print(f"PSNR of {channel} by frame:", [round(value, 2) for value in values])
right = 20 * np.log10(255 / 20)
assert luma.size == width * height and told["Y"][0] > 300 and abs(told["Y"][1] - right) < 0.01
assert abs(told["YUV"][1] - right) < 0.01
assert abs(told["YUV"][0] - right - 10 * np.log10(2)) < 0.01, "a frame ends with its own samples now"
print("seen: a frame holds those after it")
PY
