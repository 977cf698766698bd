"""Boards and judgments as files: CSV (RFC 4180) and plain structures for JSON."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ratings.comparisons.models import Study
from ratings.fidelity.board import PsnrRow
from ratings.ranking.board import HumanBoard
from ratings.ranking.judgment_rows import JUDGMENT_COLUMNS, judgment_rows

RANKING_COLUMNS = [
    *("rank", "rank_low", "rank_high", "method", "team", "baseline"),
    *("score", "se", "ci_low", "ci_high", "win_rate", "judgments"),
    *("band_low", "band_high", "degrees_of_freedom", "scale", "kind", "kind_reason"),
]
PSNR_COLUMNS = [
    *("rank", "method", "team", "baseline", "psnr_db", "mse", "bytes", "bpp"),
    *("decode_seconds", "peak_memory_bytes", "decoder_bytes", "ms_ssim", "kind", "kind_reason"),
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
        "variant": board.variant,
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
        "study_sha256": sorted(set(board.study.versions.values_list("sha256", flat=True))),
        "results": ranking_rows(board),
        "groups": board.groups,
        "pairs": [asdict(one) for one in board.chances],
        "variants": [one.as_json(board.scale) for one in board.variants],
    }


def psnr_rows(rows: Iterable[PsnrRow]) -> list[dict[str, Any]]:
    """Return the PSNR board with the columns of psnr.csv; infinite PSNR is the text "inf"."""
    return [
        {name: getattr(row, name, None) for name in PSNR_COLUMNS}
        | {"baseline": row.kind == "baseline", "bytes": row.size_bytes}
        | ({"psnr_db": "inf"} if math.isinf(row.psnr_db) else {})
        for row in rows
    ]


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


def _field(value: object) -> object:
    """Write booleans in lower case, lists with spaces, and no text that looks like a formula."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _line(fields: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()
