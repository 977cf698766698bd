"""0050_study_holds on a site whose studies were paused and closed by hand."""

from collections.abc import Iterator

from django.db import connection

from ratings.comparisons.models import Study
from ratings.comparisons.study.pausing import close, pause, reopen
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_study


def study_holds() -> Iterator[None]:
    """Look at 0049 whether pauses say if they close, and later which kind they are of."""
    study, organizer = build_study(), build_organizer()
    pause(study, organizer, NOW)
    close(study, organizer, NOW)
    before = list(study.holds.order_by("pk").values())
    protocol = study.protocol
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT closes FROM ratings_pause ORDER BY id")
        assert cursor.fetchall() == [(False,), (True,)]
    yield
    assert list(study.holds.order_by("pk").values()) == before
    assert [hold["kind"] for hold in before] == ["pause", "close"]
    reopen(study, organizer, NOW)
    assert study.holds.get(kind="close").ended_at == NOW
    assert Study.objects.get(pk=study.pk).protocol == protocol
