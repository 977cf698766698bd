"""0050_study_holds on a site whose studies were paused and closed by hand."""

import pytest
from django.db import connection

from ratings.comparisons.models import Study
from ratings.comparisons.study.pausing import close, pause, reopen
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_study
from tests.migrations.steps import migrate


@pytest.mark.django_db(transaction=True)
def test_pauses_and_closings_are_kept_with_their_kinds() -> None:
    study, organizer = build_study(), build_organizer()
    pause(study, organizer, NOW)
    close(study, organizer, NOW)
    before = list(study.holds.order_by("pk").values())
    protocol = study.protocol
    try:
        migrate(("ratings", "0049_method_version"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT closes FROM ratings_pause ORDER BY id")
            assert cursor.fetchall() == [(False,), (True,)]
    finally:
        migrate()
    assert list(study.holds.order_by("pk").values()) == before
    assert [hold["kind"] for hold in before] == ["pause", "close"]
    reopen(study, organizer, NOW)
    assert study.holds.get(kind="close").ended_at == NOW
    assert Study.objects.get().protocol == protocol
