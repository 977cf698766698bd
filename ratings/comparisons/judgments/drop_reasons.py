"""Why an answer does not count, said once: the other side of `counting_rule`, reason by reason.

Of an answer to a comparison that does not count, the first reason that holds is told. Beside them
stand signs that answers are about to be lost: checks that are failed, trials that are passed over,
raters who fail the practice. What leaves no row can't be told here: an answer that the server
refuses is in the requests that Prometheus counts, and a device that the page turns away is nowhere.
"""

from dataclasses import dataclass
from enum import StrEnum

from ratings.comparisons.judgments.counting_rule import NOT_EXCLUDED, NOT_UNDONE, stands_sql
from ratings.comparisons.models import Rater

# What stands in `Judgment.exclusion_reason` of answers that are dropped as they are stored.
TOO_FAST_WORDS = "answered in under "
NO_FLIP_WORDS = "answered without a flip"
COUNTED = "counted"


class DropReason(StrEnum):
    """Why an answer does not count: the first that holds."""

    UNDONE = "undone"
    TOO_FAST = "too-fast"
    NO_FLIP = "no-flip"
    EXCLUDED = "excluded"
    REJECTED = "rejected"
    FAILED_CHECKS = "failed-checks"
    NOT_USED = "not-used"


class LossSign(StrEnum):
    """What tells that answers are about to be lost, each a share of something else."""

    GOLDEN = "golden"
    REPEAT = "repeat"
    PASSED_OVER = "passed-over"
    PRACTICE = "practice"


@dataclass(frozen=True)
class WatchedWords:
    """What is watched, in words: a title, of what it is a share, what a jump means, the mend."""

    title: str
    of: str
    means: str
    mend: str


_LOOK = "Try the study's preview in the browsers that raters use"
WORDS: dict[DropReason | LossSign, WatchedWords] = {
    DropReason.UNDONE: WatchedWords(
        "Taken back by the rater",
        "answers",
        "Raters take answers back: a key or a button may do what they don't expect.",
        f"{_LOOK}, and look at the last change to the study or the site.",
    ),
    DropReason.TOO_FAST: WatchedWords(
        "Answered too fast",
        "answers",
        "Answers are dropped since they came sooner than the study's rule allows: raters click "
        "through, or the page tells times wrongly.",
        "Look at the times on the screening page; lower drop_under_ms if it is too strict.",
    ),
    DropReason.NO_FLIP: WatchedWords(
        "Answered without a flip",
        "answers",
        "Answers are dropped since nothing was flipped: raters don't know how, or the page "
        "doesn't tell of flips.",
        f"{_LOOK}; set drop_unflipped to false if the rule is too strict.",
    ),
    DropReason.EXCLUDED: WatchedWords(
        "Excluded for another reason",
        "answers",
        "Answers are excluded one by one; their export has each one's reason.",
        "Look at the reasons in the judgments' export.",
    ),
    DropReason.REJECTED: WatchedWords(
        "Rater rejected by an organizer",
        "answers",
        "Organizers rejected raters, and with them all of their answers.",
        "Look at the decisions on the raters' page.",
    ),
    DropReason.FAILED_CHECKS: WatchedWords(
        "Rater failed the checks",
        "answers",
        "The study's rule sets raters aside, and with them all of their answers.",
        "Look at the screening page: if good raters fail, the rule is too strict or a check wrong.",
    ),
    DropReason.NOT_USED: WatchedWords(
        "Rater set aside by an organizer",
        "answers",
        "Organizers set raters aside, and with them all of their answers.",
        "Look at the decisions on the raters' page.",
    ),
    LossSign.GOLDEN: WatchedWords(
        "Golden trials answered wrongly",
        "golden trials",
        "The original isn't told from a version that is plainly worse: the pictures of these "
        "checks may be wrong, or raters may answer at random. Their answers will be dropped.",
        f"{_LOOK}, and look at the crops of golden trials.",
    ),
    LossSign.REPEAT: WatchedWords(
        "Repeats answered otherwise",
        "repeats",
        "Raters contradict themselves: sides may be swapped wrongly, or they answer at random. "
        "Their answers will be dropped.",
        f"{_LOOK}, and look at the raters who came last.",
    ),
    LossSign.PASSED_OVER: WatchedWords(
        "Trials passed over",
        "trials",
        "Raters went on, and an answer to an earlier trial never came: answers may get lost on "
        "their way.",
        "Look at the server's log for refused answers (403, 409, 422), and try the preview.",
    ),
    LossSign.PRACTICE: WatchedWords(
        "Raters who failed the practice",
        "raters",
        "Hardly anybody gets through the practice: its pictures may be wrong, or it is too hard.",
        f"{_LOOK}; ask for fewer right answers if it is too hard.",
    ),
}


def reason_sql() -> str:
    """Return why an answer does not stand as an SQL expression, `COUNTED` where it does.

    A pilot is watched as the main stage is: its answers that stand are not dropped. The query knows
    the answer's trial, rater and judgment as t, r and j.
    """
    states = Rater.State
    by_rule = (
        "(SELECT d.rule <> '' FROM ratings_decision d WHERE d.rater_id = r.id"
        " ORDER BY d.id DESC LIMIT 1)"
    )
    excluded = f"NOT ({NOT_EXCLUDED.sql('j')})"
    return f"""CASE
        WHEN {stands_sql()} THEN '{COUNTED}'
        WHEN NOT ({NOT_UNDONE.sql("j")}) THEN '{DropReason.UNDONE}'
        WHEN {excluded} AND starts_with(j.exclusion_reason, '{TOO_FAST_WORDS}')
            THEN '{DropReason.TOO_FAST}'
        WHEN {excluded} AND j.exclusion_reason = '{NO_FLIP_WORDS}' THEN '{DropReason.NO_FLIP}'
        WHEN {excluded} THEN '{DropReason.EXCLUDED}'
        WHEN r.state = '{states.REJECTED}' THEN '{DropReason.REJECTED}'
        WHEN {by_rule} THEN '{DropReason.FAILED_CHECKS}'
        ELSE '{DropReason.NOT_USED}' END"""
