"""How far each stage of a study is: raters, and answers that stand."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Q, Sum

from ratings.comparisons.judgments.counting_rule import stands_sql
from ratings.comparisons.models import PairCount, Rater, Stage, Study
from ratings.comparisons.participation import ranked_pairs


@dataclass(frozen=True)
class StageFigures:
    """People who began in a stage, and how many of them are `done`; `simulated` are others.

    `not_used` are all raters whose answers don't stand, `judgments` the answers that do.
    """

    raters: int
    done: int
    simulated: int
    not_used: int
    judgments: int


_PILOT = f"""
    SELECT count(*) FROM ratings_rater r
    JOIN ratings_trial t ON t.rater_id = r.id JOIN ratings_judgment j ON j.trial_id = t.id
    WHERE r.study_id = %s AND r.stage = '{Stage.PILOT}' AND {stands_sql()}
"""


def stage_figures(study: Study, stage: Stage) -> StageFigures:
    """Return the figures of one stage; the main one's judgments are those that are ranked."""
    person = Q(simulated=False)
    raters = study.raters.filter(stage=stage).aggregate(
        raters=Count("pk", filter=person),
        done=Count("pk", filter=person & Q(finished_at__isnull=False)),
        simulated=Count("pk", filter=~person),
        not_used=Count("pk", filter=~Q(state=Rater.State.USED)),
    )
    judgments = _of_main(study) if stage is Stage.MAIN else _of_pilot(study)
    return StageFigures(**raters, judgments=judgments)


def _of_main(study: Study) -> int:
    of = PairCount.objects.filter(pair__in=ranked_pairs(study))
    judged = Sum(F("wins_first") + F("wins_second") + F("ties"))
    return of.aggregate(all=judged)["all"] or 0


def _of_pilot(study: Study) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PILOT, [study.pk])
        ((judgments,),) = cursor.fetchall()
    return int(judgments)
