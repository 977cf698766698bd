"""How many more judgments a study needs, by its latest ranking and an earlier one."""

from ratings.comparisons.models import Study
from ratings.psychometrics.outlook import Look, Outlook, outlook
from ratings.psychometrics.printed import from_columns
from ratings.ranking.models import Ranking, latest_ranking


def study_outlook(study: Study) -> Outlook | None:
    """Look ahead from the published ranking; None where it has no intervals yet."""
    latest = latest_ranking(study)
    if latest is None or latest.covariance is None:
        return None
    published = {"dataset": None, "variant": Ranking.Variant.USED, "covariance__isnull": False}
    earlier = study.rankings.filter(**published, judgments__lt=latest.judgments)
    apart = [(one.first, one.second) for one in from_columns(latest.pairs) if one.told_apart]
    return outlook(_look(latest), [_look(one) for one in earlier], apart, latest.settings["level"])


def _look(ranking: Ranking) -> Look:
    scores = dict(ranking.scores.values_list("entry__label", "score"))
    # The covariance is in the order of rank, as are the methods whose pairs are kept.
    methods = ranking.pairs["methods"]
    placed = [scores[name] or 0.0 for name in methods]
    return Look(ranking.judgments, methods, placed, ranking.covariance or [])
