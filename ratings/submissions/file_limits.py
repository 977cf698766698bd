"""How large each file of a submission may be, whatever the phase asks for."""

LARGEST_BITSTREAM_BYTES = 64 << 20
LARGEST_DECODER_BYTES = 512 << 20


def largest_decoded(width: int, height: int) -> int:
    """Return the most bytes that the PNG of a picture of width x height pixels may have."""
    # No deflate stream need be larger than its rows of at most 4 bytes a pixel; the rest is for
    # chunks.
    rows = height * (1 + 4 * width)
    return rows + rows // 100 + (1 << 20)
