"""The crops of the instructions: an original, a version close to it, and one that is farther.

`python -m frontend.examples` makes the two versions of static/examples/original.png, as a study's
practice is made. The original is a part of "Chelsea" by Stéfan van der Walt, which is in the public
domain (CC0), so nothing of any challenge is shown before its time.
"""

from pathlib import Path

from ratings.imaging.degrading import degrade
from ratings.imaging.pixels import decode_png, encode_png

FOLDER = Path(__file__).resolve().parents[1] / "static" / "examples"
# How much each version is degraded.
VERSIONS = {"closer": 1, "farther": 2}


def main() -> None:
    """Write the versions beside their original."""
    original = decode_png((FOLDER / "original.png").read_bytes())
    for name, level in VERSIONS.items():
        (FOLDER / f"{name}.png").write_bytes(encode_png(degrade(original, level)))


if __name__ == "__main__":
    main()
