"""What a study's own pilot tells a plan of its main stage."""

from dataclasses import dataclass

from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.models import Stage, Study, Trial
from ratings.psychometrics.design.pilot import Pilot, pilot
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers


@dataclass(frozen=True)
class StudyPilot:
    """A pilot's `judgments` of `raters`, and what they tell; or in `problem` why they don't yet."""

    judgments: int
    raters: int
    tells: Pilot | None
    problem: str = ""


def study_pilot(study: Study) -> StudyPilot | None:
    """Return what the answers tell that stand in a study's pilot; None where there are none.

    Of methods that have left there are none. It takes some tenths of a second, for tens of
    thousands of judgments too.
    """
    if study.pilot is None:
        return None
    answers = study_answers(study, [Trial.Kind.COMPARISON], stage=Stage.PILOT)
    answers = answers.where(ranked_answers(answers, study))
    if not len(answers):
        return None
    judgments = arrays_of_answers(study, answers)
    try:
        tells, problem = pilot(judgments), ""
    except ValueError as error:
        tells, problem = None, str(error)
    return StudyPilot(len(judgments), len(judgments.raters), tells, problem)
