"""The psnr command: two folders in, figures out, no database."""

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ratings.imaging.pixels import encode_png


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Make originals and decoded pictures: one of 4 x 3 that is off by 10, one of 2 x 2 exact."""
    for folder, level in (("originals", 100), ("decoded", 110)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(encode_png(np.full((3, 4, 3), level, np.uint8)))
        (tmp_path / folder / "b.png").write_bytes(encode_png(np.full((2, 2, 3), 7, np.uint8)))
    (tmp_path / "bits").mkdir()
    (tmp_path / "bits" / "a.jpg").write_bytes(bytes(3))
    (tmp_path / "bits" / "b.jpg").write_bytes(bytes(1))
    return tmp_path


def printed(folders: Path, *options: str) -> str:
    out = StringIO()
    call_command("psnr", folders / "originals", folders / "decoded", *options, stdout=out)
    return out.getvalue()


def test_missing_folders_and_pictures_are_named(folders: Path) -> None:
    with pytest.raises(CommandError, match=r"Not a folder: .*nowhere"):
        call_command("psnr", folders / "originals", folders / "nowhere")
    (folders / "decoded" / "b.png").unlink()
    with pytest.raises(CommandError, match=r"Missing image b\.png"):
        printed(folders)


def test_the_last_line_is_pooled_over_samples(folders: Path) -> None:
    first, second, last = printed(folders).splitlines()
    assert first.split() == ["28.1308", "dB", "MSE", "100.0000", "a.png"]
    assert second.split() == ["inf", "dB", "MSE", "0.0000", "b.png"]
    # 12 of 16 pixels have an MSE of 100: 75, which is 10 log10(255^2 / 75) = 29.3802 dB.
    assert last.split() == ["29.3802", "dB", "MSE", "75.0000", "all"]


def test_json_is_valid_where_psnr_is_infinite(folders: Path) -> None:
    report = json.loads(printed(folders, "--json"), parse_constant=pytest.fail)
    assert report["pooled"]["psnr_db"] == pytest.approx(29.3802, abs=1e-4)
    assert report["pooled"]["bpp"] is None
    exact = report["images"][1]
    assert (exact["psnr_db"], exact["identical"], exact["mse"]) == (None, True, 0)


def test_bitstreams_give_bits_per_pixel(folders: Path) -> None:
    lines = printed(folders, "--bitstreams", str(folders / "bits")).splitlines()
    assert [" ".join(line.split()[4:6]) for line in lines] == ["2.0000 bpp"] * 3


def test_ms_ssim_is_measured_where_asked_and_pictures_are_large_enough(folders: Path) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (170, 180, 3), dtype=np.uint8)
    (folders / "originals" / "c.png").write_bytes(encode_png(rgb))
    (folders / "decoded" / "c.png").write_bytes(encode_png(rgb // 2 + 60))
    assert "MS-SSIM" not in printed(folders)
    small, _, large, every = printed(folders, "--ms-ssim").splitlines()
    assert "MS-SSIM" not in small
    value = re.search(r"MS-SSIM (0\.\d{6})", large)
    assert value and value.group() in every
    report = json.loads(printed(folders, "--ms-ssim", "--json"))
    assert [image["ms_ssim"] is None for image in report["images"]] == [True, True, False]
    assert report["pooled"]["ms_ssim"] == report["images"][2]["ms_ssim"]
