"""Names of files: each belongs to exactly one place, or nowhere."""

import pytest

from ratings.challenge.refusals import Refused
from ratings.submissions.intake.slots import Slots
from tests.builders import build_phase

pytestmark = pytest.mark.django_db


@pytest.fixture
def slots() -> Slots:
    return Slots(build_phase(names=["a.png", "a.b.png", "IMG_20170114_210112.png"]))


@pytest.mark.parametrize("name", ["c.png", "a", "a.PNG", "A.png", "../a.png", "a.png\0", ""])
def test_a_decoded_image_is_called_like_its_original(slots: Slots, name: str) -> None:
    with pytest.raises(Refused) as refused:
        slots.find("decoded", name)
    assert refused.value.code == "unknown-name"


@pytest.mark.parametrize(
    "name",
    ["c", "c.jp2", "a.", ".a", "a.123456789", "a.b.c.d", "a.j\0", "a.j p", "a/b", "", ".", "a.é"],
)
def test_a_bitstream_has_an_originals_stem(slots: Slots, name: str) -> None:
    with pytest.raises(Refused) as refused:
        slots.find("bitstreams", name)
    assert refused.value.code == "unknown-name"
    assert repr(name) in str(refused.value)


def test_a_name_that_fits_two_originals_is_refused(slots: Slots) -> None:
    with pytest.raises(Refused, match="one original"):
        slots.find("bitstreams", "a.b")


@pytest.mark.parametrize(
    ("name", "original"),
    [("a", "a.png"), ("a.jp2", "a.png"), ("a.b.jp2", "a.b.png"), ("a.png", "a.png")],
)
def test_a_bitstream_finds_its_original(slots: Slots, name: str, original: str) -> None:
    slot = slots.find("bitstreams", name)
    assert slot.original is not None
    assert slot.original.name == original
    assert slot.path == f"bitstreams/{name}"
