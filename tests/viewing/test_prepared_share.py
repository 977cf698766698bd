"""What is prepared, and what is dropped: as the rule and the disk's share have it."""

import io
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from ratings.challenge.models import Challenge, Original, Phase
from ratings.challenge.pictures.originals import load_original
from ratings.storage.deletion import GRACE, delete_due, note_leftovers
from ratings.storage.shelves import TILES
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.models import Submission
from ratings.viewing.models import PreparedPicture
from ratings.viewing.prepared_share import count_prepared, held_bytes, keep_within, most_bytes
from ratings.viewing.tile_making import prepare_picture
from ratings.viewing.tile_manifest import read_tile, tile_addresses
from tests.viewing.builders import PLENTY, build_shown_phase, close_studies, prepare_all

pytestmark = pytest.mark.django_db


def files() -> set[str]:
    return {name for part in "0123456789abcdef" for name in TILES.sizes(part)}


def test_every_version_is_prepared_once_with_its_very_samples() -> None:
    phase = build_shown_phase()
    assert prepare_all() == 2
    assert PreparedPicture.objects.count() == 2 * 4
    original = phase.originals()[0]
    addresses = tile_addresses(phase, original)
    submissions = {str(row.pk): row for row in phase.submissions.all()}
    assert set(addresses) == {"original", *submissions}
    for key, address in addresses.items():
        tile = read_tile(address, (0, 0, 0), timezone.now())
        assert tile is not None
        expected = (
            load_original(original)
            if key == "original"
            else load_decoded(submissions[key].decoded_images.get(original=original).sha256)
        )
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(tile))), expected)
    before = set(PreparedPicture.objects.values_list("address", flat=True))
    assert prepare_all() == 0
    prepare_picture(phase, original, timezone.now)
    assert set(PreparedPicture.objects.values_list("address", flat=True)) == before == files()


def test_a_job_that_was_cut_off_goes_on_where_it_was() -> None:
    phase = build_shown_phase()
    prepare_all()
    kept = PreparedPicture.objects.filter(decoded=None)
    addresses = set(kept.values_list("address", flat=True))
    PreparedPicture.objects.exclude(decoded=None).delete()
    assert count_prepared(phase, timezone.now()).prepared == 2
    assert prepare_all() == 2
    assert PreparedPicture.objects.count() == 8
    assert set(kept.values_list("address", flat=True)) == addresses


@pytest.mark.parametrize("rule", ["study", "originals", "boards", "frozen", "draft"])
def test_where_the_rule_stops_holding_nothing_is_prepared_and_nothing_stays(rule: str) -> None:
    phase = build_shown_phase()
    prepare_all()
    address = PreparedPicture.objects.all()[0].address
    now = timezone.now()
    if rule == "study":
        close_studies(phase, is_open=True)
    elif rule in ("originals", "boards"):
        Phase.objects.update(**{f"{rule}_open_at": now + timedelta(days=1)})
    elif rule == "frozen":
        Phase.objects.update(boards_frozen_from=now)
    else:
        Challenge.objects.update(draft=True)
    # At once, before any job has run.
    assert read_tile(address, (0, 0, 0), now) is None
    original = Original.objects.all()[0]
    PreparedPicture.objects.filter(original=original).delete()
    prepare_picture(Phase.objects.get(), original, timezone.now)
    assert not PreparedPicture.objects.filter(original=original).exists()
    assert keep_within(PLENTY, now) == []
    assert not PreparedPicture.objects.exists()
    note_leftovers(now)
    assert files()
    delete_due(now + GRACE)
    assert files() == set()


def test_what_leaves_the_competition_is_dropped_and_what_comes_back_is_made_again() -> None:
    phase = build_shown_phase()
    prepare_all()
    gone = phase.submissions.order_by("pk")[0]
    Submission.objects.filter(pk=gone.pk).update(exclusion=Submission.Exclusion.WITHDRAWN)
    assert prepare_all() == 0
    assert not PreparedPicture.objects.filter(decoded__submission=gone).exists()
    assert PreparedPicture.objects.count() == 6
    Submission.objects.filter(pk=gone.pk).update(exclusion="")
    assert prepare_all() == 2
    assert PreparedPicture.objects.count() == 8


def test_a_deleted_image_takes_its_tiles_with_it() -> None:
    phase = build_shown_phase()
    prepare_all()
    image = phase.submissions.all()[0].decoded_images.all()[0]
    image.delete()
    assert PreparedPicture.objects.count() == 7


def test_a_file_that_is_gone_or_cut_is_made_again() -> None:
    build_shown_phase()
    prepare_all()
    lost, cut = PreparedPicture.objects.order_by("pk")[:2]
    TILES.delete(lost.address)
    TILES.write(cut.address, b"x")
    assert read_tile(lost.address, (0, 0, 0), timezone.now()) is None
    assert prepare_all() > 0
    assert PreparedPicture.objects.count() == 8
    assert not PreparedPicture.objects.filter(pk__in=[lost.pk, cut.pk]).exists()


def test_the_share_is_kept_and_phases_released_last_come_first() -> None:
    older = build_shown_phase(originals_open_at=timezone.now() - timedelta(days=9))
    prepare_all()
    older_bytes = held_bytes()
    newer = build_shown_phase(originals_open_at=timezone.now() - timedelta(days=1))
    prepare_all()
    newer_bytes = held_bytes() - older_bytes
    # All of the newer phase's, and of the older one's the first picture, which begins below it.
    prepare_all(most=newer_bytes + 1)
    kept = PreparedPicture.objects.filter(phase=older).values_list("original__name", flat=True)
    assert set(kept) == {"a.png"}
    assert PreparedPicture.objects.filter(phase=newer).count() == 8
    counted = count_prepared(older, timezone.now())
    assert (counted.prepared, counted.wanted) == (4, 8)
    prepare_all(most=newer_bytes)
    assert not PreparedPicture.objects.filter(phase=older).exists()
    # It settles: nothing is made that would be dropped again.
    assert prepare_all(most=newer_bytes) == 0
    prepare_all(most=0)
    assert not PreparedPicture.objects.exists()


def test_what_is_not_prepared_yet_counts_by_guess() -> None:
    build_shown_phase()
    lacking = keep_within(1, timezone.now())
    assert [original.name for _, original in lacking] == ["a.png"]


def test_the_share_is_a_part_of_the_disk() -> None:
    assert (most_bytes() or 0) > 10**6


@pytest.mark.parametrize("place", [(0, 1, 0), (1, 0, 0), (0, 0, 9)])
def test_there_is_no_tile_where_the_picture_has_none(place: tuple[int, int, int]) -> None:
    build_shown_phase()
    prepare_all()
    address = PreparedPicture.objects.all()[0].address
    assert read_tile(address, place, timezone.now()) is None
    assert read_tile("0" * 32, (0, 0, 0), timezone.now()) is None


def test_an_image_without_its_file_keeps_no_other_from_being_prepared() -> None:
    phase = build_shown_phase()
    image = phase.submissions.all()[0].decoded_images.all()[0]
    type(image).objects.filter(pk=image.pk).update(sha256="0" * 64)
    prepare_all()
    assert PreparedPicture.objects.count() == 7
