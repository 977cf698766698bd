"""What a study asks of its raters and what it does with their answers, in words for readers."""

from collections.abc import Iterator
from dataclasses import dataclass

from ratings.comparisons.models import Study
from ratings.comparisons.protocol import After, Checks, Layout, Protocol, Screening
from ratings.psychometrics.design.pairing import Policy
from ratings.ranking.boards.human_board import study_scale
from ratings.web.parts.words.formatting import count, grouped, percent, phrase

TIMES = " \N{MULTIPLICATION SIGN} "
LAYOUTS = {
    Layout.FLIP: "A and B in one place, flipped by the rater, with the original beside them",
    Layout.SIDES: "A, the original and B side by side",
    Layout.AGAINST: "A and B side by side; each can be flipped with the original in its own place",
}
POLICIES = {
    Policy.BALANCED: "The pair that was shown least comes next.",
    Policy.SWISS: "The method with the fewest trials meets one whose score is close.",
    Policy.ACTIVE: "The pair whose answer says most about the order comes next.",
}
TIES = {
    Study.TieModel.HALF: "half a win for each",
    Study.TieModel.DAVIDSON: "a third outcome with a strength of its own (Davidson 1970)",
}


@dataclass(frozen=True)
class StudyWords:
    """One study: its name, and what there is to know of it, each with its heading."""

    name: str
    facts: list[tuple[str, str]]


def study_words(study: Study, *, in_full: bool) -> StudyWords:
    """Return the study in words, its thresholds only `in_full`: who knows can meet them."""
    protocol: Protocol = study.protocol
    facts = {
        "Question": study.question,
        "Shown": f"{LAYOUTS[protocol.layout]}; {_enlarged(protocol.enlarge)}",
        "Crops": _crops(study),
        "Answers": _answers(study),
        "Pairs": _pairs(study),
        "Each rater": _each_rater(study, protocol),
        "Checks": _checks(protocol.checks),
        "What counts": " ".join(_counts(protocol, in_full=in_full)),
        "Scores": f"In {study_scale(study).unit}. {study_scale(study).anchor}",
        "Ends": _ends(study),
    }
    return StudyWords(study.name, list(facts.items()))


def _enlarged(enlarge: int) -> str:
    if enlarge == 1:
        return "one picture pixel covers exactly one pixel of the screen"
    if enlarge == 0:
        return "one picture pixel covers as many of the screen as its pixel ratio rounds to"
    return f"one picture pixel covers {enlarge}{TIMES}{enlarge} pixels of the screen"


def _crops(study: Study) -> str:
    if study.placed_crops:
        return f"{count(len(study.placed_crops), 'crop')}, placed by the organizers"
    size = f"{study.crop_width}{TIMES}{study.crop_height} pixels"
    of = f"{len(study.pictures)} chosen pictures" if study.pictures else "each picture"
    return f"{count(study.crops_per_picture, 'crop')} of {size} of {of}, placed by chance"


def _answers(study: Study) -> str:
    if not study.ties_allowed:
        return "A or B; there is no tie"
    return f'A, B, or "can\'t decide", which is {TIES[Study.TieModel(study.tie_model)]}'


def _pairs(study: Study) -> str:
    policy = Policy(study.pairing)
    if policy is Policy.BALANCED or not study.exploration:
        return POLICIES[policy]
    return f"{POLICIES[policy]} {percent(study.exploration)} of trials look at no answers at all."


def _each_rater(study: Study, protocol: Protocol) -> str:
    trials = f"Up to {count(study.trials_per_rater, 'trial')}"
    if protocol.recruiting.own_team:
        trials += ", none of them of pictures of a team whose member they are"
    if not protocol.training.trials:
        return f"{trials}, without practice"
    practice = f"{count(protocol.training.trials, 'trial')} of practice, which count nothing"
    if protocol.training.right:
        practice += f" and of which {protocol.training.right} must be right"
    return f"{trials}, after {practice}"


def _checks(checks: Checks) -> str:
    kinds = [
        (checks.golden, "show an obviously degraded version, whose answer is known"),
        (checks.repeats, "are asked once more with the sides exchanged"),
        (checks.identical, "show the same version twice"),
    ]
    said = [f"{percent(share)} {words}" for share, words in kinds if share]
    if not said:
        return "None"
    return f"Of all trials {phrase(said)}. They are never marked, and count in no ranking."


def _counts(protocol: Protocol, *, in_full: bool) -> Iterator[str]:
    rule: Screening = protocol.screening
    quick = [f"within {grouped(rule.drop_under_ms)} ms" if in_full else "very fast"]
    dropped = (quick if rule.drop_under_ms else []) + (
        ["before both versions were seen"] if rule.drop_unflipped else []
    )
    if dropped:
        yield f"Answers given {' or '.join(dropped)} are kept and do not count."
    else:
        yield "Every answer counts."
    screened = bool(rule.quality and (protocol.checks.golden or protocol.checks.repeats))
    if screened:
        least = (
            f"right answers to known trials plus agreement with themselves below {rule.quality:g}"
        )
        early = f"; earlier if their chance of so few is below {percent(rule.early)}"
        known = f" ({least}, from {rule.least_checks} of each on{early if rule.early else ''})"
        ends = ", and their sessions end" if rule.after is After.END else ""
        yield f"Raters who do poorly in the checks{known if in_full else ''} are not used{ends}."
    if protocol.hopeless:
        at = f" (at a level of {100 * protocol.hopeless:g} %)" if in_full else ""
        yield f"A session whose checks are hopeless ends early{at}."
    if not in_full and (dropped or screened):
        yield "The exact thresholds stand here when the study has closed."


def _ends(study: Study) -> str:
    if study.stopped_reason:
        return f"It has closed: {study.stopped_reason}"
    wanted = []
    if study.stop_when_separated:
        wanted.append("all neighbours are told apart")
    if study.stop_half_width:
        wanted.append(f"every interval is at most ± {study.stop_half_width:g} log odds wide")
    if study.stop_judgments:
        wanted.append(f"{grouped(study.stop_judgments)} judgments are there")
    by_itself = f"By itself as soon as {' or '.join(wanted)}" if wanted else ""
    return by_itself or "When the organizers close it"
