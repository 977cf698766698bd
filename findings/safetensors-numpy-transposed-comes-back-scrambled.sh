#!/usr/bin/env bash
# safetensors 0.8.0: safetensors.numpy saves a transposed array with its shape and the bytes in the order of memory.
#
# Behaviour  save({"w": w.T}) and save_file of an array in column order load with the right shape and dtype and other
#            values: [[0, 1, 2], [3, 4, 5]] in column order comes back as [[0, 3, 1], [4, 2, 5]]. Nothing is raised. A
#            big-endian array is turned into little-endian and comes back right.
# Guessed    That the values are kept, as with np.save, or that such an array is refused, as the torch side of the
#            package does for tensors that aren't contiguous.
# Bears on   Weights carried from one framework to another: kernels are transposed on the way, and square ones don't
#            even differ in shape. Call np.ascontiguousarray first.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 safetensors==0.8.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, load_file, save, save_file

print("safetensors", version("safetensors"), "numpy", version("numpy"))
weights = np.arange(6, dtype=np.float32).reshape(2, 3)


def kept(name: str, array: np.ndarray) -> bool:
    back = load(save({"w": array}))["w"]
    save_file({"w": array}, "w.safetensors")
    assert back.shape == array.shape and (load_file("w.safetensors")["w"] == back).all()
    print(f"{name}: {array.tolist()} comes back as {back.tolist()}")
    in_memory = array.ravel(order="K").reshape(array.shape)
    assert (back == array).all() or (back == in_memory).all()
    return bool((back == array).all())


assert kept("rows first", weights) and kept("big-endian", weights.astype(">f4"))
assert kept("transposed and copied", np.ascontiguousarray(weights.T))
assert not kept("transposed", weights.T), "a transposed array is kept now"
assert not kept("columns first", np.asfortranarray(weights)), "column order is kept now"
print("seen: the shape is kept, the values are moved")
PY
