"""Files that must be refused: name -> (file, code of the refusal)."""

import struct
import zlib

import numpy as np

from tests.imaging.png_builder import (
    SIGNATURE,
    chunk,
    idat,
    ihdr,
    interlaced_rows,
    picture,
    png,
    rows,
)

RNG = np.random.default_rng(2018)
SAMPLES = RNG.integers(0, 256, (7, 5, 3), dtype=np.uint8)
RAW = rows(SAMPLES)
STREAM = zlib.compress(RAW)
HEAD = ihdr(5, 7)
GOOD = png(HEAD, idat(RAW))
PLTE = chunk(b"PLTE", bytes(range(12)))
INDICES = RNG.integers(0, 4, (7, 5, 1), dtype=np.uint8)
OPAQUE = np.full((7, 5, 1), 255, np.uint8)
ONE_HOLE = np.where(np.arange(35).reshape(7, 5, 1) == 34, 254, OPAQUE).astype(np.uint8)


def zeros(count: int) -> bytes:
    """A zlib stream of so many zeros, made without compressing them all."""
    deflate = zlib.compressobj(9, wbits=-15)
    deflate.compress(b"")
    mebibyte = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    mebibytes, rest = divmod(count, 1 << 20)
    adler = struct.pack(">I", count % 65_521 << 16 | 1)
    return (
        b"\x78\xda" + mebibyte * mebibytes + deflate.compress(bytes(rest)) + deflate.flush() + adler
    )


def _bomb(width: int, height: int) -> bytes:
    """A file of zeros that truly inflates to its declared size."""
    return png(ihdr(width, height), chunk(b"IDAT", zeros((1 + width * 3) * height)))


def _zlib(cmf: int = 0x78, flg: int = 0x9C, *, adler: int | None = None) -> bytes:
    """The right deflate data between a chosen zlib head and checksum."""
    end = STREAM[-4:] if adler is None else struct.pack(">I", adler)
    return png(HEAD, chunk(b"IDAT", bytes([cmf, flg]) + STREAM[2:-4] + end))


BOMBS = {
    "bomb_88_mpx": (_bomb(9400, 9400), "size"),
    "bomb_176_mpx": (_bomb(13300, 13300), "size"),
    "bomb_one_row": (_bomb(60_000_000, 1), "size"),
    "bomb_one_column": (_bomb(1, 4_000_000), "size"),
    "bomb_stream": (png(HEAD, chunk(b"IDAT", zeros(200_000_000))), "too_long"),
    "bomb_ztxt": (
        png(HEAD, chunk(b"zTXt", b"a\0\0" + zeros(80_000_000)), idat(RAW)),
        "ancillary",
    ),
    "bomb_iccp": (
        png(HEAD, chunk(b"iCCP", b"a\0\0" + zeros(80_000_000)), idat(RAW)),
        "ancillary",
    ),
}

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "signature"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(100), "signature"),
    "text_mode_damage": (GOOD.replace(b"\r\n", b"\n", 1), "signature"),
    "signature_alone": (SIGNATURE, "truncated"),
    "inside_header": (GOOD[:28], "truncated"),
    "header_alone": (SIGNATURE + HEAD, "truncated"),
    "inside_idat": (GOOD[:-30], "truncated"),
    "no_iend": (GOOD[:-12], "truncated"),
    "last_byte_missing": (GOOD[:-1], "truncated"),
    "length_beyond_file": (
        SIGNATURE + HEAD + struct.pack(">I", 2**31 - 1) + b"IDAT" + bytes(99),
        "truncated",
    ),
    "no_ihdr": (png(idat(RAW)), "header"),
    "ihdr_short": (png(chunk(b"IHDR", bytes(12)), idat(RAW)), "header"),
    "ihdr_long": (png(chunk(b"IHDR", HEAD[8:-4] + b"\0"), idat(RAW)), "header"),
    "ihdr_second": (png(chunk(b"tEXt", b"a\0b"), HEAD, idat(RAW)), "header"),
    "ihdr_twice": (png(HEAD, HEAD, idat(RAW)), "order"),
    "ihdr_after_idat": (png(HEAD, idat(RAW), HEAD), "order"),
    "width_zero": (png(ihdr(0, 7), idat(b"")), "size"),
    "height_zero": (png(ihdr(5, 0), idat(b"")), "size"),
    "width_huge": (png(ihdr(2**31 - 1, 1), idat(RAW)), "size"),
    "height_negative": (png(ihdr(5, 2**32 - 7), idat(RAW)), "size"),
    "side_over_limit": (png(ihdr(32_769, 1), idat(bytes(1 + 3 * 32_769))), "size"),
    "depth_3": (png(ihdr(5, 7, 3, 0), idat(RAW)), "header"),
    "depth_4_rgb": (png(ihdr(5, 7, 4, 2), idat(RAW)), "header"),
    "color_type_1": (png(ihdr(5, 7, 8, 1), idat(RAW)), "header"),
    "color_type_5": (png(ihdr(5, 7, 8, 5), idat(RAW)), "header"),
    "compression_1": (png(ihdr(5, 7, tail=b"\1\0\0"), idat(RAW)), "header"),
    "filter_method_64": (png(ihdr(5, 7, tail=b"\0\x40\0"), idat(RAW)), "header"),
    "interlace_2": (png(ihdr(5, 7, tail=b"\0\0\2"), idat(RAW)), "header"),
    "rgb_16_bit": (png(ihdr(5, 7, 16), idat(bytes(7 * 31))), "bit_depth"),
    "grey_16_bit": (png(ihdr(5, 7, 16, 0), idat(bytes(7 * 11))), "bit_depth"),
    "crc_ihdr": (png(chunk(b"IHDR", HEAD[8:-4], crc=1), idat(RAW)), "crc"),
    "crc_idat": (png(HEAD, chunk(b"IDAT", STREAM, crc=1)), "crc"),
    "crc_iend": (GOOD[:-12] + chunk(b"IEND", crc=1), "crc"),
    "crc_ancillary": (png(HEAD, chunk(b"tEXt", b"a\0b", crc=1), idat(RAW)), "crc"),
    "rows_missing": (png(HEAD, idat(RAW[: 4 * 16])), "too_short"),
    "one_byte_missing": (png(HEAD, idat(RAW[:-1])), "too_short"),
    "one_byte_more": (png(HEAD, idat(RAW + b"\0")), "too_long"),
    "one_row_more": (png(HEAD, idat(RAW + RAW[:16])), "too_long"),
    "plain_as_interlaced": (png(ihdr(5, 7, tail=b"\0\0\1"), idat(bytes(112))), "too_short"),
    "interlaced_as_plain": (png(HEAD, idat(interlaced_rows(SAMPLES * 0))), "too_long"),
    "no_idat": (png(HEAD), "order"),
    "idat_empty": (png(HEAD, chunk(b"IDAT")), "truncated_stream"),
    "stream_cut": (png(HEAD, chunk(b"IDAT", STREAM[:-20])), "truncated_stream"),
    "adler_cut": (png(HEAD, chunk(b"IDAT", STREAM[:-1])), "truncated_stream"),
    "adler_missing": (png(HEAD, chunk(b"IDAT", STREAM[:-4])), "truncated_stream"),
    "adler_wrong": (_zlib(adler=1), "deflate"),
    "zlib_method_7": (_zlib(0x77, 0x85), "deflate"),
    "zlib_check_bits": (_zlib(0x78, 0x9D), "deflate"),
    "zlib_dictionary": (_zlib(0x78, 0xBB), "deflate"),
    "gzip_stream": (png(HEAD, chunk(b"IDAT", zlib.compress(RAW, wbits=31))), "deflate"),
    "raw_deflate": (png(HEAD, chunk(b"IDAT", zlib.compress(RAW, wbits=-15))), "deflate"),
    "deflate_noise": (png(HEAD, chunk(b"IDAT", b"\x78\x9c" + b"\xff" * 60)), "deflate"),
    "garbage_after_stream": (png(HEAD, chunk(b"IDAT", STREAM + b"more")), "idat_trailing"),
    "garbage_in_next_idat": (
        png(HEAD, chunk(b"IDAT", STREAM), chunk(b"IDAT", b"more")),
        "idat_trailing",
    ),
    "two_streams": (png(HEAD, idat(RAW), idat(RAW)), "idat_trailing"),
    "filter_5": (png(HEAD, idat(rows(SAMPLES, filter_type=5))), "filter"),
    "filter_255_last_row": (png(HEAD, idat(RAW[:-16] + b"\xff" + RAW[-15:])), "filter"),
    "filter_5_interlaced": (
        png(ihdr(1, 1, tail=b"\0\0\1"), idat(b"\5\0\0\0")),
        "filter",
    ),
    "idat_split_by_text": (
        png(
            HEAD,
            chunk(b"IDAT", STREAM[:20]),
            chunk(b"tEXt", b"a\0b"),
            chunk(b"IDAT", STREAM[20:]),
        ),
        "order",
    ),
    "unknown_critical": (png(HEAD, chunk(b"QQQq", b"?"), idat(RAW)), "unknown_critical"),
    "chunk_type_digits": (png(HEAD, chunk(b"a123", b"?"), idat(RAW)), "chunk_type"),
    "chunk_type_zeros": (png(HEAD, chunk(b"\0\0\0\0"), idat(RAW)), "chunk_type"),
    "trns_rgb": (png(HEAD, chunk(b"tRNS", bytes(6)), idat(RAW)), "transparency"),
    "trns_palette": (
        picture(INDICES, color=3, before=[PLTE, chunk(b"tRNS", b"\xff")]),
        "transparency",
    ),
    "alpha_hole": (picture(np.dstack([SAMPLES, ONE_HOLE]), color=6), "transparency"),
    "alpha_hole_interlaced": (
        picture(np.dstack([SAMPLES, ONE_HOLE]), color=6, interlaced=True),
        "transparency",
    ),
    "grey_alpha_hole": (picture(np.dstack([INDICES, ONE_HOLE]), color=4), "transparency"),
    "animated": (
        png(HEAD, chunk(b"acTL", struct.pack(">II", 1, 0)), idat(RAW)),
        "animation",
    ),
    "animation_frame": (png(HEAD, idat(RAW), chunk(b"fdAT", bytes(4) + STREAM)), "animation"),
    "palette_missing": (picture(INDICES, color=3), "palette"),
    "palette_twice": (picture(INDICES, color=3, before=[PLTE, PLTE]), "order"),
    "palette_late": (png(HEAD, idat(RAW), PLTE), "order"),
    "palette_empty": (picture(INDICES, color=3, before=[chunk(b"PLTE")]), "palette"),
    "palette_13_bytes": (
        picture(INDICES, color=3, before=[chunk(b"PLTE", bytes(13))]),
        "palette",
    ),
    "palette_257": (
        picture(INDICES, color=3, before=[chunk(b"PLTE", bytes(257 * 3))]),
        "palette",
    ),
    "palette_over_depth": (
        picture(INDICES // 2, color=3, depth=1, before=[PLTE]),
        "palette",
    ),
    "palette_on_grey": (picture(INDICES, color=0, before=[PLTE]), "palette"),
    "index_beyond_palette": (picture(INDICES + 1, color=3, before=[PLTE]), "palette"),
    "index_beyond_palette_2_bit": (
        picture(INDICES, color=3, depth=2, before=[chunk(b"PLTE", bytes(9))]),
        "palette",
    ),
    "iend_with_payload": (GOOD[:-12] + chunk(b"IEND", b"x"), "end"),
    "trailing_byte": (GOOD + b"\0", "trailing"),
    "second_picture": (GOOD + GOOD, "trailing"),
    "zip_behind": (GOOD + b"PK\3\4" + bytes(50), "trailing"),
    "ancillary_over_limit": (png(HEAD, chunk(b"prVt", bytes(65_537)), idat(RAW)), "ancillary"),
    "ancillary_sum_over_limit": (
        png(HEAD, *[chunk(b"tEXt", b"a\0" + bytes(8190))] * 9, idat(RAW)),
        "ancillary",
    ),
    "chunk_flood": (png(HEAD, chunk(b"tEXt") * 32_768, idat(RAW)), "chunk_count"),
    **BOMBS,
}
