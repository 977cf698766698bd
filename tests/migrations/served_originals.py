"""0047_served_originals on a site that has originals with chunks that say how to show them."""

import hashlib
import io
import zlib
from collections.abc import Iterator

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ratings.imaging.pixels import decode_png, other_chunks
from ratings.storage import content_store as files
from tests.builders import build_phase, build_rgb


def served_originals() -> Iterator[None]:
    """Look whether all originals that are there are stored as they are served."""
    rgb, about, sent = build_rgb(), PngInfo(), io.BytesIO()
    about.add_text("Software", "a camera")
    Image.fromarray(rgb).save(sent, "PNG", pnginfo=about, dpi=(72, 72))
    phase = build_phase(names=["a.png", "b.png", "lost.png"])
    with_chunks = {"sha256": files.store(sent.getvalue()), "size_bytes": len(sent.getvalue())}
    phase.originals().filter(name="a.png").update(**with_chunks)
    phase.originals().filter(name="lost.png").update(sha256="0" * 64)
    yield
    yield  # of the older step there is nothing to say
    for original in phase.originals().exclude(name="lost.png"):
        content = files.load(original.sha256)
        assert other_chunks(content) == []
        assert original.sha256 == hashlib.sha256(content).hexdigest()
        assert (original.size_bytes, original.crc32) == (len(content), zlib.crc32(content))
    mended = files.load(phase.originals().get(name="a.png").sha256)
    assert (decode_png(mended) == rgb).all()
    assert phase.originals().get(name="lost.png").sha256 == "0" * 64
