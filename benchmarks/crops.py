"""Files for raters: our WebP crops against Pillow's default PNG. `python -m benchmarks.crops F`"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.measure import cpu_ms_per_mp, decoded_versions, pictures_from_arguments
from ratings.imaging.crops import cut, encode_crop, pad_crop, padded_size, place_crops
from ratings.imaging.pixels import Rgb, encode_png

ROUNDS = 3


def main() -> None:
    """Print CPU time per megapixel, bytes, ratios; and check that all files are exact."""
    pictures = pictures_from_arguments()
    versions = list(pictures.items())
    versions += [(name, rgb) for (_, name), rgb in decoded_versions(pictures).items()]
    crops = [crop for name, rgb in versions for crop in _crops(name, rgb)]
    megapixels = sum(crop.size for crop in crops) / 3e6
    ms = cpu_ms_per_mp(
        {"PNG, Pillow's default": _all(encode_png, crops), "ours": _all(encode_crop, crops)},
        megapixels,
        ROUNDS,
    )
    png_bytes, our_bytes = (sum(map(len, map(f, crops))) for f in (encode_png, encode_crop))
    print(f"{len(crops)} crops, {megapixels:.1f} MP, exact: {all(map(_is_exact, crops))}")
    for name, value in ms.items():
        print(f"{value:7.1f} CPU ms/MP  {name}")
    png_ms, our_ms = ms.values()
    print(f"{our_ms / png_ms:7.3f} of PNG's time (bar: 0.2)")
    print(f"{our_bytes / png_bytes:7.3f} of PNG's bytes (bar: 1)")


def _crops(name: str, rgb: Rgb) -> list[Rgb]:
    boxes = place_crops(rgb.shape[1], rgb.shape[0], count=1, seed=1, name=name)
    return [np.ascontiguousarray(cut(rgb, box)) for box in boxes]


def _all(function: Callable[[Rgb], bytes], crops: list[Rgb]) -> Callable[[], None]:
    def run() -> None:
        for crop in crops:
            function(crop)

    return run


def _is_exact(crop: Rgb) -> bool:
    data = encode_crop(crop)
    files = (data, pad_crop(data, padded_size([len(data)])))
    return all(np.array_equal(np.asarray(Image.open(io.BytesIO(f))), crop) for f in files)


if __name__ == "__main__":
    main()
