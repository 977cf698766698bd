"""`check.py --elsewhere`: floats in the entropy coder are caught at home, integers pass."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ratings.kit.checking.home_check import main
from ratings.sandbox.sandboxes import BubblewrapSandbox
from ratings.sandbox.worlds import ELSEWHERE
from tests.sandbox import learned_toy
from tests.sandbox.processors import require_processor

TOY = learned_toy.picture(learned_toy.SAMPLES)
SMALL = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
# One sample is a level brighter where there are twice as many threads.
ROUNDING = """#!/usr/bin/env python3
import os
from pathlib import Path
import numpy as np
from PIL import Image
for bits in Path().glob("*.bits"):
    picture = np.asarray(Image.open(bits)) // 2
    picture[0, 0] += int(os.environ["OMP_NUM_THREADS"]) - 1
    Image.fromarray(picture).save(bits.with_suffix(".png"))
"""
GIVES_UP = ROUNDING.replace(
    "for bits", "assert os.environ['OMP_NUM_THREADS'] == '1', 'one thread alone'\nfor bits"
)
Check = Callable[[str, bytes, NDArray[np.uint8]], tuple[int, list[str], list[str]]]


@pytest.fixture
def check(
    tmp_path: Path, sandbox: BubblewrapSandbox, capfdbinary: pytest.CaptureFixture[bytes]
) -> Check:
    """Return a function that checks a decoder on two bitstreams; both pictures are the same."""

    def run(
        decoder: str, stream: bytes, original: NDArray[np.uint8]
    ) -> tuple[int, list[str], list[str]]:
        (tmp_path / "decode").write_text(decoder)
        (tmp_path / "originals").mkdir()
        for name in "ab":
            (tmp_path / f"{name}.bits").write_bytes(stream)
            Image.fromarray(original).save(tmp_path / "originals" / f"{name}.png")
        images = [str(tmp_path / f"{name}.bits") for name in "ab"]
        options = [f"--originals={tmp_path / 'originals'}", "--bytes=100000", "--elsewhere"]
        code = main([str(tmp_path / "decode"), *images, *options])
        out, err = capfdbinary.readouterr()
        return code, out.decode().splitlines(), err.decode().splitlines()

    return run


def tried(lines: list[str]) -> list[str]:
    return [line for line in lines if "pictures tried" in line]


def png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def test_a_decoder_of_integers_passes(check: Check) -> None:
    stream = learned_toy.encode(learned_toy.SAMPLES, floats=False)
    code, out, _ = check(learned_toy.toy_decoder(False), stream, TOY)
    assert code == 0
    words = f"of 2 pictures tried {ELSEWHERE.words}, all come again, bit for bit."
    assert tried(out) == [f"Decodes elsewhere: {words}"]
    assert out[-1].startswith("Scored: ")


def test_a_decoder_of_floats_is_caught(check: Check) -> None:
    require_processor("avx2", "fma")
    stream = learned_toy.encode(learned_toy.SAMPLES, floats=True)
    code, out, err = check(learned_toy.toy_decoder(True), stream, TOY)
    assert code == 1
    assert err[-2].startswith("ERROR: Broken elsewhere: of 2 pictures tried ")
    assert "Floats in the entropy coder are the usual cause" in err[-2]
    assert err[-1].startswith("ERROR: b.png: samples differ by up to ")
    whole = [line.partition(":")[0] for line in tried(out)]  # each change alone
    assert whole[-2:] == ["Decodes elsewhere"] * 2 and "Broken elsewhere" in whole[:2]


def test_rounding_is_told_and_what_it_depends_on(check: Check) -> None:
    code, out, _ = check(ROUNDING, png(SMALL), SMALL)
    assert code == 0
    assert ["but for rounding" in line for line in tried(out)] == [False, False, True, False, True]
    assert re.search(
        r"2 differ, by at most 1 of 255; their PSNR moves by [+-]0\.\d+", tried(out)[-1]
    )
    assert "a.png: samples differ by up to 1 of 255." in out


def test_what_is_not_made_elsewhere_is_broken(check: Check) -> None:
    code, _, err = check(GIVES_UP, png(SMALL), SMALL)
    assert code == 1
    assert "2 don't come again. Missing image a.png. Floats in the entropy coder" in err[-3]
    assert err[-2].startswith("ERROR: The decoder failed with exit code 1; its last words: ")
    assert err[-2].endswith('one thread alone".')
    assert err[-1] == "ERROR: Missing image b.png"
