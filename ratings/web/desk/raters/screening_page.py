"""The desk's page on screening: what a study's rules did so far, and what other limits would."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ratings.comparisons.judgments.screening import rule_description
from ratings.comparisons.judgments.screening_outlook import (
    ScreeningOutlook,
    read_limits,
    screened_so_far,
    screening_outlook,
)
from ratings.comparisons.protocol import Screening
from ratings.psychometrics.raters.quality import RaterVerdict
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.desk_charts import Bin, binned, histogram
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.parts.number_fields import number_fields
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.words.formatting import grouped, percent

LABELS = {
    "quality": ("Quality from which a rater counts", "From 0 to 2; 0: no rule."),
    "least_checks": ("Checks of each kind before that", "Golden trials, and repeats."),
    "early": ("With fewer: out below a chance of", "0: not before there are enough."),
    "drop_under_ms": ("Answers dropped under, in ms", ""),
    "fast_under_ms": ("Answers doubted under, in ms", "They are left out of a second fit."),
    "fast_under_flips": ("Answers doubted below, in flips", ""),
}
BEST_QUALITY = 2.0
COLUMNS = 20
SECONDS = 20.0


@dataclass(frozen=True)
class RuleLine:
    """What a rule does by the study's own limits, and by those that are tried."""

    rule: str
    now: str
    tried: str


@dataclass(frozen=True)
class Distribution:
    """A histogram with the same figures for a table."""

    chart: Svg
    bins: Sequence[Bin]


@desk_page
@require_safe
def screening(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the rules did, how raters and answers are spread, what other limits would do."""
    study = get_object_or_404(desk_studies(), slug=slug)
    own = study.protocol.screening
    typed = {name: str(value) for name, value in request.GET.dict().items()}
    wanted, problems = read_limits(own, typed)
    now = screening_outlook(study, own)
    tried = now if wanted == own else screening_outlook(study, wanted)
    page = {
        "study": study,
        "rule": rule_description(own),
        "so_far": screened_so_far(study),
        "is_trying": wanted != own,
        "limits": number_fields(LABELS, typed, asdict(own), problems),
        "lines": _lines(now, tried),
        "set_aside": tried.set_aside,
        "taken_back": tried.taken_back,
        "qualities": _qualities(tried, own, wanted),
        "seconds": _seconds(tried, own, wanted),
        "raters_with_quality": len(tried.qualities),
        "answers": tried.answers.answers,
    }
    return render(request, "desk/screening.html", page, status=422 if problems else 200)


def _lines(now: ScreeningOutlook, tried: ScreeningOutlook) -> list[RuleLine]:
    """Return the rules one below the other: those about raters, then those about answers."""
    raters = (sum(now.verdicts.values()), sum(tried.verdicts.values()))
    rules = (
        ("Raters below the quality, with enough checks", RaterVerdict.BELOW),
        ("Raters who passed too few of fewer checks", RaterVerdict.UNLIKELY),
        ("Raters with too few checks to tell", RaterVerdict.UNKNOWN),
    )
    lines = [
        RuleLine(
            words,
            _of(now.verdicts.get(one, 0), raters[0]),
            _of(tried.verdicts.get(one, 0), raters[1]),
        )
        for words, one in rules
    ]
    for words, name in (
        ("Answers dropped: too fast", "too_fast"),
        ("Answers dropped: without a flip", "unflipped"),
        ("Answers doubted, and left out of a second fit", "doubted"),
    ):
        pair = (now.answers, tried.answers)
        lines.append(RuleLine(words, *(_of(getattr(one, name), one.answers) for one in pair)))
    return lines


def _of(number: int, all_: int) -> str:
    return f"{grouped(number)} ({percent(number / all_)})" if all_ else grouped(number)


def _qualities(tried: ScreeningOutlook, own: Screening, wanted: Screening) -> Distribution:
    bins = binned(tried.qualities, 0.0, BEST_QUALITY, COLUMNS)
    marks = _marks(own.quality, wanted.quality, "")
    return Distribution(histogram(bins, marks, "raters"), bins)


def _seconds(tried: ScreeningOutlook, own: Screening, wanted: Screening) -> Distribution:
    bins = binned([ms / 1000 for ms in tried.response_ms], 0.0, SECONDS, COLUMNS)
    dropped = _marks(own.drop_under_ms / 1000, wanted.drop_under_ms / 1000, " s")
    return Distribution(histogram(bins, dropped, "answers"), bins)


def _marks(own: float, wanted: float, unit: str) -> list[tuple[float, str]]:
    """Return the study's own limit, and the one that is tried where that is another."""
    marks = [(own, f"{own:g}{unit}")] if own else []
    return marks if wanted == own else [*marks, (wanted, f"tried: {wanted:g}{unit}")]
