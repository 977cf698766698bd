#!/usr/bin/env bash
# constriction 0.5.0: a Categorical of one symbol of probability 1 is refused as one that can't be normalised.
#
# Behaviour  Categorical([1.0]) raises ValueError that the probabilities are not normalisable (empty, negative, NaN or
#            infinite), with perfect=False as with perfect=True. Categorical([1.0, 0.0]), the same with a second symbol
#            that never comes, is taken, and five symbols of it cost one word of 32 bits.
# Guessed    That an alphabet of one is a distribution like any other and costs no bits, or that the words say what is
#            wrong.
# Bears on   Learned codecs: a latent channel that is constant over a picture has such an alphabet.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 constriction==0.5.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import constriction
import numpy as np

print("constriction", version("constriction"), "numpy", version("numpy"))
categorical, queue = constriction.stream.model.Categorical, constriction.stream.queue


def tried(chances: list[float], perfect: bool) -> str:
    symbols = np.zeros(5, np.int32)
    try:
        model = categorical(np.array(chances, np.float32), perfect=perfect)
        coder = queue.RangeEncoder()
        coder.encode(symbols, model)
    except ValueError as error:
        said = f"ValueError: {' '.join(str(error).split())}"
    else:
        assert (queue.RangeDecoder(coder.get_compressed()).decode(model, 5) == symbols).all()
        said = f"{len(coder.get_compressed())} words"
    print(f"{chances}, perfect={perfect}: {said}")
    return said


for perfect in (False, True):
    assert "ValueError" in tried([1.0], perfect), "an alphabet of one is taken now"
    assert "words" in tried([1.0, 0.0], perfect)
print("seen: an alphabet of one is refused")
PY
