"""The desk's page on screening: what a study's rules did so far, and what other limits would."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ratings.challenge.tables import TomlTable
from ratings.comparisons.judgments.screening import rule_description
from ratings.comparisons.judgments.screening_outlook import (
    ScreeningOutlook,
    screened_so_far,
    screening_outlook,
)
from ratings.comparisons.protocol import Screening
from ratings.psychometrics.raters.quality import Verdict
from ratings.web.desk.definition_form import read
from ratings.web.desk.definition_keys import FormKey, Kind
from ratings.web.desk.desk_charts import Bin, binned, histogram
from ratings.web.desk.desk_home import desk_studies
from ratings.web.desk.guards import desk_page
from ratings.web.parts.charts import Svg
from ratings.web.parts.formatting import grouped, percent

# What may be tried; the rest of the rule is as the study has it.
LIMITS = (
    FormKey("quality", "Quality from which a rater counts", Kind.DECIMAL, "0 to 2; 0: no rule."),
    FormKey("least_checks", "Checks of each kind before that", Kind.NUMBER),
    FormKey("early", "With fewer: the chance below which", Kind.DECIMAL, "0: not before."),
    FormKey("drop_under_ms", "Dropped: answers under, in ms", Kind.NUMBER),
    FormKey("fast_under_ms", "Doubted: answers under, in ms", Kind.NUMBER),
    FormKey("fast_under_flips", "Doubted: answers with fewer flips", Kind.NUMBER),
)
LONGEST = 20
BEST_QUALITY = 2.0
COLUMNS = 20
SECONDS = 20.0


@dataclass(frozen=True)
class LimitField:
    """A limit as it is tried; `usual` is the study's own."""

    key: FormKey
    value: str
    usual: str
    problem: str


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
    wanted, problems = _wanted(request, own)
    now = screening_outlook(study, own)
    tried = now if wanted == own else screening_outlook(study, wanted)
    page = {
        "study": study,
        "rule": rule_description(own),
        "so_far": screened_so_far(study),
        "is_trying": wanted != own,
        "limits": _limits(request, own, problems),
        "lines": _lines(now, tried),
        "set_aside": tried.set_aside,
        "taken_back": tried.taken_back,
        "qualities": _qualities(tried, own, wanted),
        "seconds": _seconds(tried, own, wanted),
        "raters_with_quality": len(tried.qualities),
        "answers": tried.answers.answers,
    }
    return render(request, "desk/screening.html", page, status=422 if problems else 200)


def _wanted(request: HttpRequest, own: Screening) -> tuple[Screening, dict[str, str]]:
    """Return the rule with the limits that are asked for, and what is wrong with them."""
    asked = {key.path: request.GET.get(key.path, "").strip()[:LONGEST] for key in LIMITS}
    table = TomlTable(
        {key.path: read(key, asked[key.path]) for key in LIMITS if asked[key.path]}, ""
    )
    read_rule = table.read(Screening)
    problems = dict(_named(line) for line in table.problems)
    changed = {key.path: getattr(read_rule, key.path) for key in LIMITS if asked[key.path]}
    return (own if problems else replace(own, **changed)), problems


def _named(problem: str) -> tuple[str, str]:
    key, _, words = problem.lstrip(": ").partition(": ")
    return key, words


def _limits(request: HttpRequest, own: Screening, problems: dict[str, str]) -> list[LimitField]:
    usual: dict[str, Any] = asdict(own)
    return [
        LimitField(
            key,
            request.GET.get(key.path, "").strip()[:LONGEST] or f"{usual[key.path]:g}",
            f"{usual[key.path]:g}",
            problems.get(key.path, ""),
        )
        for key in LIMITS
    ]


def _lines(now: ScreeningOutlook, tried: ScreeningOutlook) -> list[RuleLine]:
    """Return the rules one below the other: those about raters, then those about answers."""
    raters = (sum(now.verdicts.values()), sum(tried.verdicts.values()))
    rules = (
        ("Raters below the quality, with enough checks", Verdict.BELOW),
        ("Raters who passed too few of fewer checks", Verdict.UNLIKELY),
        ("Raters with too few checks to tell", Verdict.UNKNOWN),
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
