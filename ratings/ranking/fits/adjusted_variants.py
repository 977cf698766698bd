"""Rankings beside the published one from which something is taken out, as the study's file asks."""

from dataclasses import dataclass, replace

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.psychometrics.counts.circumstances import RATE, STRATA, Confounded, adjustable
from ratings.psychometrics.inference.adjusting import Adjusted, effect_words, fit_adjusted
from ratings.psychometrics.inference.fitting import Settings, fit
from ratings.ranking.fits.judged_under import JudgedUnder, answers_under, judged_under
from ratings.ranking.models import Ranking

Variant = Ranking.Variant
# Fitted to the judgments one by one, not to counts.
ADJUSTED = (Variant.ADJUSTED, Variant.STRATIFIED)
_TIES = "Ties count as half wins in it."


@dataclass(frozen=True, eq=False)
class AdjustedRanking:
    """A variant of a data set, or of all (None), and whether any of it is a synthetic rater's."""

    variant: str
    dataset: Dataset | None
    adjusted: Adjusted
    judged: JudgedUnder


def taken_out(study: Study) -> dict[str, tuple[str, ...]]:
    """Return what each adjusted variant of a study takes out; none that takes out nothing."""
    asked = adjustable(study.adjust)
    beside = tuple(name for name in asked if name != STRATA)
    names = {
        Variant.ADJUSTED.value: beside,
        Variant.STRATIFIED.value: tuple(name for name in asked if name == STRATA),
    }
    return {variant: some for variant, some in names.items() if some}


def variants_of(study: Study) -> list[str]:
    """Return the variants that a study has, in their order; the published one is the first."""
    asked = taken_out(study)
    return [variant for variant in Variant.values if variant not in ADJUSTED or variant in asked]


def adjusted_rankings(study: Study, datasets: list[Dataset | None]) -> list[AdjustedRanking]:
    """Fit the adjusted variants of a study, each of every data set that has judgments."""
    variants = taken_out(study)
    answers = answers_under(study) if variants else {}
    if not len(answers.get("pair", ())):
        return []
    made = []
    for dataset in datasets:
        judged = judged_under(study, answers, dataset)
        made += [
            AdjustedRanking(variant, dataset, _adjusted(judged, names), judged)
            for variant, names in variants.items()
            if len(judged.judgments)
        ]
    return made


def adjusted_words(variant: str, study: Study) -> str:
    """Say what an adjusted variant is of."""
    if variant == Variant.STRATIFIED:
        said = "With judgments weighted to the mix of strata among the data sets' pictures."
    else:
        names = ", ".join(taken_out(study).get(variant, ()))
        said = f"Adjusted for {names}, as far as the judgments tell it from the methods."
    return f"{said} {_TIES}" if study.tie_model == Study.TieModel.DAVIDSON else said


def _adjusted(judged: JudgedUnder, names: tuple[str, ...]) -> Adjusted:
    """Take out of a ranking what can be; its notes say what can't, and what was found."""
    refused = []
    while names:
        try:
            made = fit_adjusted(judged.judgments, judged.known, names)
        except Confounded as error:
            refused.append(f"Not adjusted for {error}")
            names = tuple(name for name in names if name not in error.name.split(", "))
        else:
            return _noted(made, refused)
    return _noted(Adjusted((), fit(judged.judgments.tally(), Settings()), ()), refused)


def _noted(made: Adjusted, refused: list[str]) -> Adjusted:
    found = ["Scores are at equal rate."] if RATE in made.names else []
    found += [f"Taken out: {effect_words(effect)}." for effect in made.effects]
    return replace(made, fit=replace(made.fit, notes=(*refused, *found, *made.fit.notes)))
