"""Preparing whole pictures for the viewer against encoding crops. `python -m benchmarks.tiles F`"""

from collections.abc import Callable

import numpy as np

from benchmarks.measure import cpu_ms_per_mp, decoded_versions, pictures_from_arguments
from ratings.imaging.crops import cut, encode_crop, place_crops
from ratings.imaging.pixels import Rgb, decode_checked, encode_png, read_header
from ratings.imaging.tile_pyramid import encode_tiles

ROUNDS = 3


def main() -> None:
    """Print CPU time per megapixel of each, and their ratio, with and without decoding."""
    pictures = pictures_from_arguments()
    versions = [*pictures.values(), *decoded_versions(pictures).values()]
    crops = [_crop(rgb) for rgb in versions]
    pngs = [encode_png(rgb) for rgb in versions]
    crop_ms = _ms({"crops": _each(encode_crop, crops)}, crops)["crops"]
    ways = {"tiles": _each(_tiles, versions), "decoding": _each(_decode, pngs)}
    ms = _ms(ways, versions)
    tile_bytes = sum(len(tile) for rgb in versions for tile in encode_tiles(rgb))
    megapixels = sum(rgb.size for rgb in versions) / 3e6
    print(f"{len(versions)} versions of {len(pictures)} pictures, {megapixels:.1f} MP")
    print(f"{crop_ms:7.1f} CPU ms/MP  encoding crops")
    print(f"{ms['tiles']:7.1f} CPU ms/MP  encoding tiles of all levels")
    print(f"{ms['decoding']:7.1f} CPU ms/MP  decoding the PNG before that")
    print(f"{ms['tiles'] / crop_ms:7.2f} of the crops' time")
    print(f"{sum(ms.values()) / crop_ms:7.2f} of it with decoding (bar: 1.5)")
    print(f"{tile_bytes / sum(map(len, pngs)):7.2f} of the PNGs' bytes")
    print(f"{tile_bytes / megapixels / 1e6:7.2f} bytes a pixel")


def _ms(ways: dict[str, Callable[[], None]], pictures: list[Rgb]) -> dict[str, float]:
    return cpu_ms_per_mp(ways, sum(rgb.size for rgb in pictures) / 3e6, ROUNDS)


def _crop(rgb: Rgb) -> Rgb:
    [box] = place_crops(rgb.shape[1], rgb.shape[0], count=1, seed=1, name="picture")
    return np.ascontiguousarray(cut(rgb, box))


def _each(
    function: Callable[..., object], arguments: list[Rgb] | list[bytes]
) -> Callable[[], None]:
    def run() -> None:
        for argument in arguments:
            function(argument)

    return run


def _tiles(rgb: Rgb) -> list[bytes]:
    return list(encode_tiles(rgb))


def _decode(png: bytes) -> Rgb:
    return decode_checked(png, read_header(png))


if __name__ == "__main__":
    main()
