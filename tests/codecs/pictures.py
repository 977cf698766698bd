"""Pictures that codecs can compress."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ratings.codecs.baselines import Codec
from ratings.imaging.pixels import Rgb


def scene(width: int, height: int, seed: int) -> Rgb:
    """Something that codecs can compress: coarse noise enlarged, with a little grain."""
    noise = np.random.default_rng(seed)
    coarse = Image.fromarray(noise.integers(0, 256, (7, 9, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    grain = noise.integers(-6, 7, smooth.shape, dtype=np.int16)
    picture: NDArray[np.uint8] = np.clip(smooth + grain, 0, 255).astype(np.uint8)
    return picture


PICTURES = {"a.png": scene(161, 120, 1), "b.png": scene(97, 143, 2), "c.png": scene(128, 128, 3)}


def codec_name(codec: Codec) -> str:
    return codec.name
