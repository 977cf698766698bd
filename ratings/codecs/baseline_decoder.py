"""The baselines' decoder as teams would send theirs: a zip with a `decode` at its top."""

import io
import zipfile
from pathlib import Path

PROGRAM = Path(__file__).with_name("pillow_decode.py")
DATE = (1980, 1, 1, 0, 0, 0)  # the same program, the same bytes


def decoder_zip() -> bytes:
    """Return the zip; its `decode` needs Python and Pillow."""
    buffer = io.BytesIO()
    info = zipfile.ZipInfo("decode", DATE)
    info.external_attr = 0o755 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, PROGRAM.read_bytes())
    return buffer.getvalue()
