#!/usr/bin/env python3
"""Decode every picture beside this program with Pillow, to a PNG of its name.

The decoder of baselines: sent as a zip, under the name `decode`. It runs alone.
"""

import sys
from pathlib import Path

from PIL import Image

FORMATS = {
    ".jpg": "JPEG",
    ".webp": "WEBP",
    ".j2k": "JPEG2000",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".jxl": "JXL",
}


def decode(path: Path) -> None:
    """Write the picture that a bitstream holds as an 8-bit RGB PNG."""
    kind = FORMATS[path.suffix]
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    if kind == "JXL":
        import pillow_jxl  # noqa: F401
    with Image.open(path, formats=[kind]) as picture:
        picture.convert("RGB").save(path.with_suffix(".png"))


def main() -> int:
    """Decode all that is here; fail where there is nothing."""
    bitstreams = [path for path in sorted(Path().iterdir()) if path.suffix in FORMATS]
    for path in bitstreams:
        decode(path)
    return 0 if bitstreams else 1


if __name__ == "__main__":
    sys.exit(main())
