"""What was seen of a study when something was made of it, and whether there is news since."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from ratings.comparisons.models import Judgment, PairCount, Stage, Study
from ratings.ranking.models import KeptReport, Ranking

MANY = 10_000


def seen_now(study: Study, now: datetime) -> dict[str, Any]:
    """Return what a ranking says of its time, read before the judgments that it is of."""
    newest = Judgment.objects.order_by("-id").values_list("id", flat=True).first()
    changes = Study.objects.values_list("changes", flat=True).get(pk=study.pk)
    return {"computed_at": now, "seen_judgment_id": newest or 0, "seen_changes": changes}


def is_judged() -> Q:
    """Return what is true of a study that has judgments which count, or a ranking of some."""
    some = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    counted = PairCount.objects.filter(some, pair__study=OuterRef("pk"))
    return Q(Exists(counted)) | Q(Exists(Ranking.objects.filter(study=OuterRef("pk"))))


def has_news(study: Study, made: Ranking | KeptReport | None) -> bool:
    """Tell whether judgments came to a study, or anything else changed, since `made` was made.

    Where nothing was made yet, any judgment is news; one of a pilot never is.
    """
    of_main = Judgment.objects.filter(trial__rater__study=study, trial__rater__stage=Stage.MAIN)
    if made is None:
        return of_main.exists()
    if study.changes != made.seen_changes:
        return True
    newest = Judgment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if of_main.filter(pk__gt=made.seen_judgment_id, pk__lte=newest).exists():
        return True
    if newest - made.seen_judgment_id > MANY:  # other studies' are not looked through again
        type(made).objects.filter(pk=made.pk).update(seen_judgment_id=newest)
    return False
