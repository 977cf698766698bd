"""0078_tiles_by_thirds on a site that has pictures prepared: they are prepared anew."""

import pytest

from ratings.viewing.models import PreparedPicture
from tests.migrations.steps import migrate
from tests.viewing.builders import build_shown_phase, prepare_all


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_by_halves_is_prepared_anew() -> None:
    build_shown_phase()
    # By today's code, which reads columns that the older state lacks; it knows the rows.
    prepare_all()
    rows = list(PreparedPicture.objects.all())
    before = {row.address for row in rows}
    assert before
    try:
        migrate(("ratings", "0076_whole_releases"))
        PreparedPicture.objects.bulk_create(rows)
    finally:
        migrate()
    assert not PreparedPicture.objects.exists()
    prepare_all()
    after = set(PreparedPicture.objects.values_list("address", flat=True))
    assert len(after) == len(before) and not after & before
