"""Boards and judgments as files: CSV (RFC 4180) and plain structures for JSON."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ratings.comparisons.judging import DISPLAY_FACTS
from ratings.comparisons.models import Judgment, Study
from ratings.fidelity.board import PsnrRow
from ratings.ranking.board import HumanBoard

RANKING_COLUMNS = [
    *("rank", "rank_low", "rank_high", "method", "team", "baseline"),
    *("score", "se", "ci_low", "ci_high", "win_rate", "judgments"),
    *("band_low", "band_high", "degrees_of_freedom", "scale", "kind", "kind_reason"),
]
PSNR_COLUMNS = [
    *("rank", "method", "team", "baseline", "psnr_db", "mse", "bytes", "bpp"),
    *("decode_seconds", "peak_memory_bytes", "decoder_bytes", "ms_ssim", "kind", "kind_reason"),
]
JUDGMENT_COLUMNS = [
    *("judgment_id", "trial_id", "rater", "image", "dataset"),
    *("crop_x", "crop_y", "crop_width", "crop_height", "left", "right", "choice", "kind"),
    *("response_ms", "issued_at", "judged_at", "excluded", "exclusion_reason", "simulated"),
    *DISPLAY_FACTS,
]


def ranking_rows(board: HumanBoard) -> list[dict[str, Any]]:
    """Return the board as one dict a method, with the columns of ranking.csv."""
    return [
        {name: getattr(row, name, None) for name in RANKING_COLUMNS}
        | {"baseline": row.kind == "baseline", "scale": board.scale.name}
        for row in board.rows
    ]


def ranking_document(board: HumanBoard) -> dict[str, Any]:
    """Return the board with all that is needed to reproduce and to judge it, for JSON."""
    return {
        "study": board.study.slug,
        "scale": board.scale.as_json(),
        "dataset": board.dataset.slug if board.dataset else None,
        "judgments": board.judgments,
        "raters": board.raters,
        "pictures": board.pictures,
        "provisional": board.provisional,
        "simulated": board.simulated,
        "notes": board.notes,
        "computed_at": board.computed_at.isoformat() if board.computed_at else None,
        "settings": board.settings,
        "input_sha256": board.input_sha256,
        "software_version": board.software_version,
        "results": ranking_rows(board),
        "groups": board.groups,
        "pairs": [asdict(one) for one in board.chances],
    }


def psnr_rows(rows: Iterable[PsnrRow]) -> list[dict[str, Any]]:
    """Return the PSNR board with the columns of psnr.csv; infinite PSNR is the text "inf"."""
    return [
        {name: getattr(row, name, None) for name in PSNR_COLUMNS}
        | {"baseline": row.kind == "baseline", "bytes": row.size_bytes}
        | ({"psnr_db": "inf"} if math.isinf(row.psnr_db) else {})
        for row in rows
    ]


def judgment_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield every judgment of the study in the order it was stored, excluded ones marked."""
    judgments = Judgment.objects.filter(trial__rater__study=study).order_by("id")
    related = (
        *("trial__rater", "trial__crop__original__dataset"),
        *("trial__pair__first", "trial__pair__second"),
    )
    for judgment in judgments.select_related(*related).iterator(chunk_size=2000):
        yield _judgment_row(judgment)


def to_csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield CSV text: the heading, then one line a row; None is an empty field."""
    yield _line(columns)
    for row in rows:
        yield _line(_field(row[name]) for name in columns)


def ranking_csv(board: HumanBoard) -> str:
    """Return ranking.csv."""
    return "".join(to_csv(RANKING_COLUMNS, ranking_rows(board)))


def psnr_csv(rows: Iterable[PsnrRow]) -> str:
    """Return psnr.csv."""
    return "".join(to_csv(PSNR_COLUMNS, psnr_rows(rows)))


def judgments_csv(study: Study) -> Iterator[str]:
    """Yield judgments.csv piece by piece: it may be long."""
    return to_csv(JUDGMENT_COLUMNS, judgment_rows(study))


def _judgment_row(judgment: Judgment) -> dict[str, Any]:
    trial = judgment.trial
    crop = trial.crop
    assert trial.pair is not None
    first, second = trial.pair.first.label, trial.pair.second.label
    left, right = (first, second) if trial.first_left else (second, first)
    row = {
        "judgment_id": judgment.pk,
        "trial_id": trial.pk,
        "rater": trial.rater_id.hex,
        "image": crop.original.name,
        "dataset": crop.original.dataset.slug,
        "crop_x": crop.x,
        "crop_y": crop.y,
        "crop_width": crop.width,
        "crop_height": crop.height,
        "left": left,
        "right": right,
        "choice": judgment.choice,
        "kind": "comparison",
        "response_ms": judgment.response_ms,
        "issued_at": trial.issued_at.isoformat(),
        "judged_at": judgment.judged_at.isoformat(),
        "excluded": judgment.excluded,
        "exclusion_reason": judgment.exclusion_reason,
        "simulated": trial.rater.simulated,
    }
    return row | {name: judgment.display.get(name) for name in DISPLAY_FACTS}


def _field(value: object) -> object:
    """Write booleans in lower case; keep text from being taken for a formula by spreadsheets."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _line(fields: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()
