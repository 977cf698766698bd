"""A study's judgments one by one, with what each was made under, for rankings adjusted for it."""

from dataclasses import dataclass, replace

import numpy as np

from ratings.challenge.models import Dataset
from ratings.comparisons.judgment_facts import DISPLAY_FACTS
from ratings.comparisons.judgments.counting_rule import counts_sql
from ratings.comparisons.models import Entry, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.comparisons.raters.rater_groups import has_groups, numbered_raters
from ratings.comparisons.study.picture_strata import picture_strata
from ratings.database.copying import Columns, read_columns
from ratings.psychometrics.arrays import IntArray, narrow
from ratings.psychometrics.counts.circumstances import Circumstances, Classes, joined
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.counts.tally import CHOICES
from ratings.psychometrics.files.file_circumstances import screens
from ratings.ranking.fits.pair_methods import pair_methods
from ratings.ranking.fits.picture_levels import scene_numbers
from ratings.submissions.models import Bitstream

# Words of display facts, the first for none; in answers they are places in here.
_WORDS = {
    fact.name: ("", *map(str, fact.options))
    for fact in DISPLAY_FACTS
    if fact.name in ("layout", "arrangement")
}
_TYPES = {
    **dict.fromkeys(["rater", "number", "screen_width", "screen_height"], "i4"),
    **dict.fromkeys(["crop", "pair"], "i8"),
    **dict.fromkeys(["first_left", "choice", "simulated", *_WORDS], "i2"),
}


@dataclass(frozen=True, eq=False)
class JudgedUnder:
    """The judgments of the published ranking, and what each was made under, in the same order."""

    judgments: JudgmentArrays
    known: Circumstances
    is_simulated: bool


def answers_under(study: Study) -> Columns:
    """Return the answers of the published ranking as columns of whole numbers."""
    grouped = has_groups(study)
    words = ", ".join(_place("j.display->>'" + name + "'", _WORDS[name], name) for name in _WORDS)
    query = f"""
        SELECT r.number AS rater, r.above, t.crop_id AS crop, t.pair_id AS pair,
            t.first_left::int AS first_left, {_place("j.choice", CHOICES, "choice")},
            r.simulated::int AS simulated, t.number AS number, {words},
            coalesce((j.display->>'screen_width')::int, 0) AS screen_width,
            coalesce((j.display->>'screen_height')::int, 0) AS screen_height
        FROM ({numbered_raters(grouped=grouped)}) r
        JOIN ratings_trial t ON t.rater_id = r.id
        JOIN ratings_judgment j ON j.trial_id = t.id
        WHERE {counts_sql()}
    """
    types = _TYPES | ({"above": "i4"} if grouped else {})
    answers = read_columns(query, {"study": study.pk}, types)
    ranked = list(ranked_pairs(study).values_list("pk", flat=True))
    chosen = np.isin(answers["pair"], ranked)
    return {name: column[chosen] for name, column in answers.items()}


def judged_under(study: Study, answers: Columns, dataset: Dataset | None) -> JudgedUnder:
    """Return the answers of `answers_under`, on one data set or all, one by one."""
    crops = study.crops.order_by("pk").values_list("pk", "original_id", "original__dataset_id")
    keys, originals, datasets = np.array(list(crops), np.int64).reshape(-1, 3).T
    place = np.searchsorted(keys, answers["crop"])
    if dataset:
        mine = datasets[place] == dataset.pk
        answers = {name: column[mine] for name, column in answers.items()}
        place = place[mine]
    picture = originals[place]
    labels, first, second = pair_methods(study, answers["pair"])
    order = sorted(range(len(labels)), key=labels.__getitem__)
    methods = tuple(labels[i] for i in order)
    number = np.argsort(order)
    first_left = answers["first_left"] == 1
    left, right = (
        narrow(np.where(first_left, number[one], number[other]))
        for one, other in ((first, second), (second, first))
    )
    pictures, image = np.unique(picture, return_inverse=True)
    raters = int(answers["rater"].max(initial=-1)) + 1
    judgments = JudgmentArrays(
        methods=methods,
        raters=tuple(map(str, range(raters))),
        images=tuple(map(str, pictures.tolist())),
        rater=answers["rater"],
        image=narrow(image),
        shown=answers["crop"],
        left=left,
        right=right,
        choice=answers["choice"],
        group=answers.get("above"),
        scene=scene_numbers(study, picture),
    )
    spent = _bytes(study, methods, pictures)
    known = replace(
        _known(study, answers, picture),
        left_bytes=spent[left, image],
        right_bytes=spent[right, image],
    )
    return JudgedUnder(judgments, known, bool(answers["simulated"].any()))


def _place(term: str, words: tuple[str, ...], name: str) -> str:
    """Return SQL for a text's place among words, 0 for one that is none of them."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"coalesce(array_position(ARRAY[{listed}], ({term})::text), 1) - 1 AS {name}"


def _bytes(study: Study, methods: tuple[str, ...], pictures: IntArray) -> IntArray:
    """Return the length of each method's bitstream of each picture, 0 where there is none."""
    entries = dict(Entry.objects.filter(study=study).values_list("submission", "label"))
    row = {label: place for place, label in enumerate(methods)}
    column = {pk: place for place, pk in enumerate(pictures.tolist())}
    found = Bitstream.objects.filter(submission__in=entries, original__in=list(column))
    spent = np.zeros((len(methods), len(pictures)), np.int64)
    for submission, original, size in found.values_list("submission", "original", "size_bytes"):
        if entries[submission] in row:
            spent[row[entries[submission]], column[original]] = size
    return spent


def _known(study: Study, answers: Columns, picture: IntArray) -> Circumstances:
    strata = picture_strata(study)
    different, place = np.unique(picture, return_inverse=True)
    told = [strata[pk] for pk in different.tolist()]
    labels = sorted({f"{one.dataset}/{one.name}".strip() for one in told})
    number = [labels.index(f"{one.dataset}/{one.name}".strip()) for one in told]
    layout, arrangement = (Classes(_WORDS[name], answers[name]) for name in _WORDS)
    return Circumstances(
        number=answers["number"],
        layout=joined(layout, arrangement, " "),
        device=screens(answers),
        stratum=Classes(tuple(labels), narrow(np.array(number, np.int64))[place]),
        stratum_pictures=np.array([one.pictures for one in told], np.int64)[place],
        dataset_pictures=np.array([one.in_dataset for one in told], np.int64)[place],
    )
