"""How many more judgments a study needs, by its latest ranking and an earlier one."""

from ratings.comparisons.models import Study
from ratings.psychometrics.design.floor import Floor
from ratings.psychometrics.design.projection import Look, Projection, projection
from ratings.psychometrics.report.published import from_columns
from ratings.ranking.models import ORDER, Ranking, latest_ranking


def study_outlook(study: Study) -> Projection | None:
    """Look ahead from the published ranking; None where it has no intervals yet."""
    latest = latest_ranking(study)
    if latest is None or latest.covariance is None:
        return None
    published = {"dataset": None, "variant": Ranking.Variant.USED, "covariance__isnull": False}
    earlier = study.rankings.filter(**published, judgments__lt=latest.judgments)
    apart = [
        (chance.first, chance.second) for chance in from_columns(latest.pairs) if chance.told_apart
    ]
    return projection(
        _look(latest),
        [_look(ranking) for ranking in earlier],
        apart,
        latest.settings["level"],
        study_floor(study),
    )


def study_floor(study: Study) -> Floor:
    """Return what raters and pictures leave, by the latest ranking; 0 where it doesn't tell."""
    published = study.rankings.filter(dataset=None, variant=Ranking.Variant.USED)
    found = published.order_by(*ORDER).values_list("floor_raters", "floor_pictures").last()
    raters, pictures = found or (None, None)
    return Floor(raters or 0.0, pictures or 0.0)


def _look(ranking: Ranking) -> Look:
    scores = dict(ranking.scores.values_list("entry__label", "score"))
    # The covariance is in the order of rank, as are the methods whose pairs are kept.
    methods = [name for name in ranking.pairs["methods"] if name not in ranking.open_ends]
    placed = [scores[name] or 0.0 for name in methods]
    return Look(ranking.judgments, methods, placed, ranking.covariance or [])
