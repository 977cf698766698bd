"""A study's judgments as lines of CSV that the database writes, with what is needed to name things.

All that a line says follows from the judgment, its trial and small tables that are read once, so
that one file is of one state of raters, methods and names.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from ratings.challenge.pictures.scenes import picture_scenes
from ratings.comparisons.judgment_facts import DISPLAY_FACTS, DISPLAY_NAMES, FactKind
from ratings.comparisons.judgments.counting_rule import (
    NOT_EXCLUDED,
    NOT_UNDONE,
    RATER_USED,
    RULE,
    fast_sql,
)
from ratings.comparisons.models import Decision, Judgment, Rater, Stage, Study, Trial, Visit
from ratings.comparisons.protocol import Protocol
from ratings.comparisons.raters.rater_groups import rater_groups
from ratings.comparisons.study.entries import WHY_LEFT, left_study
from ratings.comparisons.study.picture_strata import PictureStratum, picture_strata
from ratings.database.copying import copy_lines
from ratings.database.pace import Pace
from ratings.database.patience import unhurried
from ratings.psychometrics.files.csv_fields import quoted

UNDONE = "undone by the rater"
JUDGMENT_COLUMNS = [
    *("judgment_id", "trial_id", "rater", "image", "dataset"),
    *("crop_x", "crop_y", "crop_width", "crop_height", "left", "right", "choice", "kind"),
    *("response_ms", "issued_at", "judged_at", "excluded", "exclusion_reason", "simulated"),
    *("number", "training_attempt", "attempt", "undone_at", "fast", "rater_state", "language"),
    *("study_sha256", "software_version", "visit", "browser", "method_out"),
    *("scene", "group"),
    # What a ranking may be adjusted for, beside layout, device and number.
    *("left_bytes", "right_bytes", "stratum", "stratum_pictures", "dataset_pictures"),
    # Whose pictures the rater was not shown, being a member.
    "own_team",
    *DISPLAY_NAMES,
]
AT_ONCE = 5_000
Table = Sequence[tuple[Any, ...]]

# The small tables and their columns; texts are written in them as lines have them.
_TABLES: Mapping[str, str] = {
    "crop": (
        "id int8, image text, dataset text, x int, y int, width int, height int, scene text, "
        "original int8, stratum text, stratum_pictures int, dataset_pictures int"
    ),
    "entry": "id int8, label text, gone text, submission uuid",
    "out": "id uuid, state text, reason text",
    "member": "id uuid, of text",
    "own": "id int8, written text",
    "browser": "name text, written text",
    "language": "name text, written text",
    "version": "id int8, sha256 text, software_version text",
    "dropped": "name text, written text",
}
_REASONS = {
    NOT_UNDONE: f"'{UNDONE}'",
    NOT_EXCLUDED: "coalesce(dropped.written, 'excluded')",
    RATER_USED: '"out".reason',
}
_ALIASES = {"judgment": "j", "rater": "r"}
_EXCLUSION = "CASE {} END".format(
    " ".join(
        f"WHEN NOT ({rule.sql(_ALIASES[rule.row])}) THEN {_REASONS[rule]}"
        for rule in RULE
        if rule in _REASONS
    )
)


def _instant(column: str) -> str:
    """Return SQL that writes an instant as Python's isoformat does."""
    seconds, rest = 'YYYY-MM-DD"T"HH24:MI:SS', "US"
    return f"""to_char({column} AT TIME ZONE 'UTC', CASE
        WHEN date_trunc('second', {column}) = {column} THEN '{seconds}+00:00'
        ELSE '{seconds}.{rest}+00:00' END)"""


def _text(term: str) -> str:
    """Return SQL for a text that may be empty, which is no field at all where `blank` is empty."""
    return f"nullif({term}, %(blank)s)"


def _fact(name: str, kind: FactKind) -> str:
    fact = f"j.display->>'{name}'"
    return _text(f"translate({fact}, '[],', '')") if kind is FactKind.DURATIONS else fact


_DEGRADED = "'original degraded ' || t.level"
_WITH = ", ".join(
    f'"{name}" AS MATERIALIZED '
    f"(SELECT * FROM jsonb_to_recordset(%(table_{name})s::jsonb) AS it({columns}))"
    for name, columns in _TABLES.items()
)


def _query(protocol: Protocol) -> str:
    return f"""
    WITH {_WITH}
    SELECT j.id, t.id, replace(r.id::text, '-', ''), crop.image, crop.dataset,
        crop.x, crop.y, crop.width, crop.height,
        CASE WHEN t.first_left THEN told.first ELSE told.second END,
        CASE WHEN t.first_left THEN told.second ELSE told.first END,
        j.choice, t.kind, j.response_ms, {_instant("t.issued_at")}, {_instant("j.judged_at")},
        (coalesce(told.reason, told.leaving) IS NOT NULL)::text,
        {_text("coalesce(told.reason, told.leaving, '')")}, r.simulated::text,
        t.number, t.training_attempt, j.attempt, {_instant("j.undone_at")},
        {fast_sql(protocol)}::text,
        r.state, {_text("language.written")}, version.sha256, version.software_version,
        j.display->>'visit', browser.written,
        (told.reason IS NULL AND told.leaving IS NOT NULL)::text,
        crop.scene, member.of,
        CASE WHEN t.first_left THEN one.size_bytes ELSE other.size_bytes END,
        CASE WHEN t.first_left THEN other.size_bytes ELSE one.size_bytes END,
        {_text("crop.stratum")}, crop.stratum_pictures, crop.dataset_pictures,
        {_text("own.written")},
        {", ".join(_fact(fact.name, fact.kind) for fact in DISPLAY_FACTS)}
    FROM ratings_judgment j
    -- Looked up one by one: joined, all trials would be read for each some thousand judgments.
    CROSS JOIN LATERAL (SELECT * FROM ratings_trial WHERE id = j.trial_id OFFSET 0) t
    JOIN (
        SELECT rater.id, rater.simulated, rater.language, rater.own_team_id,
            coalesce("out".state, 'used') AS state
        FROM ratings_rater rater LEFT JOIN "out" ON "out".id = rater.id
        WHERE rater.study_id = %(study)s AND rater.stage = %(stage)s
    ) r ON r.id = t.rater_id
    JOIN crop ON crop.id = t.crop_id
    LEFT JOIN "out" ON "out".id = t.rater_id
    LEFT JOIN member ON member.id = t.rater_id
    LEFT JOIN ratings_pair p ON p.id = t.pair_id
    LEFT JOIN entry a ON a.id = coalesce(p.first_id, t.entry_id)
    LEFT JOIN entry b ON b.id = coalesce(p.second_id, t.entry_id)
    LEFT JOIN ratings_bitstream one
        ON one.submission_id = a.submission AND one.original_id = crop.original
    LEFT JOIN ratings_bitstream other
        ON other.submission_id = b.submission AND other.original_id = crop.original
    LEFT JOIN own ON own.id = r.own_team_id
    LEFT JOIN language ON language.name = r.language
    LEFT JOIN version ON version.id = t.version_id
    LEFT JOIN dropped ON dropped.name = j.exclusion_reason
    LEFT JOIN ratings_visit v ON v.rater_id = t.rater_id
        AND v.number = (j.display->>'visit')::int8
    LEFT JOIN browser ON browser.name = v.browser
    CROSS JOIN LATERAL (SELECT
        CASE WHEN t.pair_id IS NULL AND t.kind <> '{Trial.Kind.IDENTICAL.value}'
            THEN 'original' ELSE a.label END AS first,
        CASE WHEN t.pair_id IS NULL AND t.kind <> '{Trial.Kind.IDENTICAL.value}'
            THEN {_DEGRADED} ELSE b.label END AS second,
        {_EXCLUSION} AS reason,
        CASE WHEN t.kind = '{Trial.Kind.COMPARISON.value}' THEN coalesce(a.gone, b.gone) END
            AS leaving
    ) told
    WHERE j.id > %(after)s AND j.id <= %(upto)s
    ORDER BY j.id
"""


def judgment_lines(
    study: Study, *, spreadsheet: bool, stage: str = Stage.MAIN
) -> Iterator[Iterator[memoryview]]:
    """Yield judgments of a study's stage in the order in which they were stored, thousands at once.

    Each is a line of CSV with `JUDGMENT_COLUMNS`. For a spreadsheet texts are `quoted`, and an
    empty one is written like none; else they are as they are, and an empty one is in quotes.
    Judgments that come meanwhile are left out. A line is `excluded`, with its reason, if
    the rater undid it, a rule dropped it, its rater is not used, or, for nothing else, because one
    of its methods has left; the ranking is of the others that are comparisons.
    """
    query = _query(study.protocol)
    values = {"study": study.pk, "stage": str(stage), "blank": "" if spreadsheet else None}
    write = quoted if spreadsheet else str
    tables = _tables(study, write)
    pks = Judgment.objects.order_by("pk").values_list("pk", flat=True)
    first, last = pks.first() or 0, pks.last() or 0
    pace = Pace(settings.DATA_DIR / "exports.pace")
    with unhurried():
        for after in range(first - 1, last, AT_ONCE):
            upto = min(after + AT_ONCE, last)
            texts = tables | {"dropped": _dropped(after, upto, write)}
            rows = {f"table_{name}": _as_json(name, table) for name, table in texts.items()}
            with pace.turn():
                lines = list(copy_lines(query, values | rows | {"after": after, "upto": upto}))
            yield iter(lines)


def _as_json(name: str, table: Table) -> str:
    columns = [column.split()[0] for column in _TABLES[name].split(", ")]
    return json.dumps([dict(zip(columns, row, strict=True)) for row in table], default=str)


def _tables(study: Study, write: Callable[[str], str]) -> dict[str, Table]:
    crops = study.crops.values_list(
        *("pk", "original", "original__name", "original__dataset__slug"),
        *("x", "y", "width", "height"),
    )
    scenes = picture_scenes(study.phase.datasets.all())
    told = {pk: write(scene) for pk, scene in scenes.items()}
    strata = picture_strata(study)
    gone = _gone(study)
    labels = study.entries.values_list("pk", "label", "submission")
    visits = Visit.objects.filter(rater__study=study).exclude(browser="")
    browsers = visits.order_by().values_list("browser", flat=True).distinct()
    languages = study.raters.order_by().values_list("language", flat=True).distinct()
    members = study.raters.exclude(own_team=None).order_by()
    own = members.values_list("own_team", "own_team__name").distinct()
    versions = study.versions.values_list("pk", "sha256", "software_version")
    return {
        "crop": [
            (
                *(pk, write(name), write(slug), *box, told.get(image)),
                *(image, *_stratum(strata.get(image), write)),
            )
            for pk, image, name, slug, *box in crops
        ],
        "entry": [
            (pk, write(label), write(gone[pk]) if pk in gone else None, submission)
            for pk, label, submission in labels
        ],
        "out": [(pk, state, write(reason)) for pk, state, reason in _out(study)],
        "member": [(pk, write(group)) for pk, group in rater_groups(study).items()],
        "own": [(pk, write(name)) for pk, name in own],
        "browser": _written(browsers, write),
        "language": _written(languages, write),
        "version": [(pk, write(sha256), write(software)) for pk, sha256, software in versions],
    }


def _stratum(of: PictureStratum | None, write: Callable[[str], str]) -> tuple[Any, ...]:
    return (write(of.name), of.pictures, of.in_dataset) if of else ("", None, None)


def _written(texts: Any, write: Callable[[str], str]) -> Table:  # noqa: ANN401
    return [(text, write(text)) for text in texts]


def _dropped(after: int, upto: int, write: Callable[[str], str]) -> Table:
    """Return the reasons for which rules dropped some of these judgments."""
    judgments = Judgment.objects.filter(pk__gt=after, pk__lte=upto, excluded=True)
    reasons = judgments.exclude(exclusion_reason="").order_by()
    return _written(reasons.values_list("exclusion_reason", flat=True).distinct(), write)


def _gone(study: Study) -> dict[int, str]:
    why = {excluded.submission_id: WHY_LEFT[excluded.kind] for excluded in left_study(study)}
    entries = study.entries.filter(submission__in=why).values_list("pk", "label", "submission")
    return {pk: f"{label} is {why[submission]}" for pk, label, submission in entries}


def _out(study: Study) -> Iterator[tuple[Any, str, str]]:
    """Yield each rater who is not used, and why, in the words of the decision that holds."""
    out = study.raters.exclude(state=Rater.State.USED)
    decided = Decision.objects.filter(rater__in=out).order_by("pk")
    words = dict(decided.values_list("rater", "reason"))
    for pk, state in out.values_list("pk", "state"):
        yield pk, state, ": ".join(filter(None, [f"rater {_STATES[state]}", words.get(pk)]))


_STATES: Mapping[str, str] = {Rater.State.NOT_USED: "not used", Rater.State.REJECTED: "rejected"}
