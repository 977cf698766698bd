#!/usr/bin/env bash
# carrylessrangecoder 1.0.2: it encodes any alphabet, and decodes one of 256: with 300 symbols 299 comes back as 255.
#
# Behaviour  The decoder looks for the symbol among 0 to 255, whatever the length of the counts, as it takes the number
#            of bits by which the range is moved (precision=8) for the size of the alphabet. Of 300 symbols, 256 and 299
#            come back as 255, and no error is raised. Of four symbols, decoding raises IndexError.
# Guessed    That the counts given to both sides are the alphabet, as they are for the encoder.
# Bears on   Latents and residuals of a codec: 511 differences of 8-bit samples pass every test on small values.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check carrylessrangecoder==1.0.2
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version
from itertools import accumulate

from carryless_rangecoder import Decoder, Encoder

print("carrylessrangecoder", version("carrylessrangecoder"))


def there_and_back(symbols, size):
    counts = [1] * size
    sums = list(accumulate(counts))
    stream = io.BytesIO()
    with Encoder(stream) as encoder:
        for symbol in symbols:
            encoder.encode(counts, sums, symbol)
    with Decoder(stream) as decoder:
        return [decoder.decode(counts, sums) for _ in symbols]


for size, symbols in ((256, [0, 3, 255, 100]), (300, [0, 3, 255, 100]), (300, [0, 256]), (300, [0, 299])):
    got = there_and_back(symbols, size)
    print(f"{size} symbols: {symbols} comes back as {got}")
    kept = [min(symbol, 255) for symbol in symbols]
    assert got == kept, "symbols above 255 are something else now"
try:
    there_and_back([0, 3], 4)
except IndexError as error:
    print(f"4 symbols: IndexError, {error}")
else:
    raise SystemExit("four symbols can be decoded now")
print("seen: the decoder knows 256 symbols, whatever the counts")
PY
