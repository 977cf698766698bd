"""Results in CompressAI's form: written as its own files are, read from what others send."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.codecs.compressai_results import (
    CodecResults,
    read_results,
    results_document,
    results_json,
    results_of,
)

POINTS = st.lists(
    st.tuples(
        st.none() | st.floats(0.01, 8),
        st.none() | st.floats(10, 60) | st.just(math.inf),
        st.none() | st.floats(0, 1),
    ),
    max_size=6,
)


def plotted(text: str, metric: str) -> tuple[str, list[float], list[float]]:
    """Return what `compressai.utils.plot` draws of a file: its own steps, on the same form."""
    data = json.loads(text)
    assert "results" in data and "bpp" in data["results"]
    assert metric in data["results"]
    return data.get("name", "file"), data["results"]["bpp"], data["results"][metric]


@given(POINTS)
def test_what_is_written_reads_back_and_is_plain_json(
    points: list[tuple[float | None, float | None, float | None]],
) -> None:
    results = results_of("AVIF", "A challenge", points)
    text = results_json(results)
    document = json.loads(text, parse_constant=pytest.fail)
    again = read_results(document)
    assert (again.name, again.description) == ("AVIF", "A challenge")
    assert list(again.bpp) == list(results.bpp) == sorted(results.bpp)
    assert (list(again.psnr), list(again.ms_ssim)) == (list(results.psnr), list(results.ms_ssim))
    kept = [(b, p, m) for b, p, m in points if b is not None and p is not None and p < math.inf]
    assert len(results.bpp) == len(kept)
    assert bool(results.ms_ssim) == (bool(kept) and all(m is not None for *_, m in kept))


def test_compressai_s_plot_finds_its_curve() -> None:
    results = results_of("AVIF", "", [(0.4, 33.0, 0.97), (0.1, 28.0, 0.9)])
    assert list(results_document(results)["results"]) == ["bpp", "psnr-rgb", "ms-ssim-rgb"]
    text = results_json(results)
    assert plotted(text, "psnr-rgb") == ("AVIF", [0.1, 0.4], [28.0, 33.0])
    assert plotted(text, "ms-ssim-rgb") == ("AVIF", [0.1, 0.4], [0.9, 0.97])


def test_files_of_both_of_its_ways_of_naming_are_read() -> None:
    new = {"name": "AV1", "results": {"psnr-rgb": [27.3], "ms-ssim-rgb": [0.88], "bpp": [0.04]}}
    old = {"name": "AV1", "results": {"psnr": [27.3], "ms-ssim": [0.88], "bpp": [0.04]}}
    expected = CodecResults("AV1", "", [0.04], [27.3], [0.88])
    assert read_results(new) == read_results(old) == expected
    new["results"]["encoding_time"] = [3.0]  # type: ignore[index]
    assert read_results(new) == expected


@pytest.mark.parametrize(
    "document",
    [None, [], "x", 3, {}, {"results": []}, {"results": {"bpp": 1}}, {"results": {"psnr": "x"}}],
)
def test_what_is_of_another_form_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_results(document)
