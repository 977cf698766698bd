"""Every codec keeps sizes and budgets, and each is worth its place."""

import numpy as np
import pytest

from ratings.codecs.baselines import BASELINES, JPEG, Codec
from ratings.codecs.rate import BudgetExceeded
from ratings.codecs.rate_control import compress_dataset
from ratings.imaging.distortion import psnr_db, squared_error
from tests.codecs.pictures import PICTURES, codec_name

PIXELS = sum(rgb.size // 3 for rgb in PICTURES.values())


def test_names_and_suffixes_are_all_different() -> None:
    assert len({codec.name for codec in BASELINES}) == len(BASELINES)
    assert len({codec.suffix for codec in BASELINES}) == len(BASELINES)


def test_budget_out_of_reach_is_refused() -> None:
    with pytest.raises(BudgetExceeded):
        compress_dataset(JPEG, PICTURES, 100)


@pytest.mark.parametrize("codec", BASELINES[:4], ids=codec_name)
def test_bitstream_of_another_size_is_refused(codec: Codec) -> None:
    bitstream = codec.encode(PICTURES["a.png"], codec.settings[0])
    with pytest.raises(ValueError, match="not"):
        codec.decode(bitstream, 120, 161)


@pytest.mark.parametrize("codec", BASELINES, ids=codec_name)
def test_dataset_keeps_the_budget_and_uses_it(codec: Codec) -> None:
    least, most = (
        sum(len(codec.encode(rgb, codec.settings[end])) for rgb in PICTURES.values())
        for end in (0, -1)
    )
    budget_bytes = (least + most) // 2
    coded = compress_dataset(codec, PICTURES, budget_bytes)
    assert coded.keys() == PICTURES.keys()
    size_bytes = sum(len(bitstream) for bitstream, _ in coded.values())
    assert 0.6 * budget_bytes < size_bytes <= budget_bytes
    error = sum(squared_error(PICTURES[name], coded[name].decoded) for name in coded)
    assert psnr_db(error, 3 * PIXELS) > 25


@pytest.mark.parametrize("codec", BASELINES, ids=codec_name)
def test_decoding_is_repeatable_and_of_the_right_kind(codec: Codec) -> None:
    rgb = PICTURES["b.png"]
    bitstream = codec.encode(rgb, codec.settings[-1])
    first, again = (codec.decode(bitstream, rgb.shape[1], rgb.shape[0]) for _ in range(2))
    assert first.shape == rgb.shape and first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert bitstream == codec.encode(rgb, codec.settings[-1])


@pytest.mark.parametrize("codec", BASELINES, ids=codec_name)
def test_settings_go_from_coarse_to_fine(codec: Codec) -> None:
    sizes = [len(codec.encode(PICTURES["a.png"], setting)) for setting in codec.settings]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 2
