#!/usr/bin/env bash
# arithmetic-compressor 0.2: an adaptive AECompressor decodes the same bits rightly once, and wrongly from then on.
#
# Behaviour  AECompressor copies the model it is given, once for coding and once for decoding, and both copies go on learning
#            from call to call. The second decompress of the same bits brings other symbols of the right number, and the
#            second compress of the same data other bits, which a new compressor can't read. With a StaticModel every
#            call is like the first.
# Guessed    That a call starts from the model that was given, as "clone model, so we dont mutate original" has it.
# Bears on   One coder for all pictures of a set: each bitstream then needs all those before it, in their order, and
#            a check of one alone fails.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check arithmetic-compressor==0.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from arithmetic_compressor import AECompressor
from arithmetic_compressor.models import SimpleAdaptiveModel, StaticModel

print("arithmetic-compressor", version("arithmetic-compressor"))
data = list("AAAAABAAACAAAAB" * 6)


def tried(kind: type) -> tuple[bool, bool, bool]:
    chances = {"A": 0.5, "B": 0.25, "C": 0.25}
    coder = AECompressor(kind(chances))
    bits = coder.compress(data)
    first, second = (coder.decompress(bits, len(data)) for _ in range(2))
    assert len(second) == len(data) and set(second) <= set(data)
    again = coder.compress(data)
    other = AECompressor(kind(chances)).decompress(again, len(data))
    seen = first == data, second == data, other == data
    print(f"{kind.__name__}: first decoding {seen[0]}, second {seen[1]}, a new coder of the second bits {seen[2]}")
    return seen


assert tried(StaticModel) == (True, True, True)
assert tried(SimpleAdaptiveModel) == (True, False, False), "every call starts from the given model now"
print("seen: the second call starts where the first ended")
PY
