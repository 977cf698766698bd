"""Boards and judgments as files: CSV (RFC 4180) and plain structures for JSON."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ratings.comparisons.models import Stage, Study
from ratings.comparisons.study.public_definition import issued_digests
from ratings.fidelity.psnr_board import PsnrRow
from ratings.psychometrics.files.csv_fields import quoted
from ratings.psychometrics.inference.ranking_row import OF_OPEN_ENDS, RANKS
from ratings.ranking.boards.human_board import HumanBoard, HumanRow
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS, judgment_lines
from ratings.ranking.tables.columns import Column, columns, names, table

PSNR_COLUMNS = [
    *columns(PsnrRow, "rank", "method", "team", "baseline"),
    Column("psnr_db", float, lambda row: "inf" if math.isinf(row.psnr_db) else row.psnr_db),
    *columns(PsnrRow, "mse"),
    Column("bytes", int, lambda row: row.size_bytes),
    *columns(PsnrRow, "bpp", "decode_seconds", "peak_memory_bytes", "decoder_bytes", "ms_ssim"),
    *columns(PsnrRow, "kind", "kind_reason", "environment"),
]
RANKING_COLUMNS = [
    *columns(HumanRow, *RANKS, "method", "team", "baseline"),
    *columns(HumanRow, "score", "se", "ci_low", "ci_high", "win_rate", "judgments"),
    *columns(HumanRow, "band_low", "band_high", "degrees_of_freedom"),
    *columns(HumanRow, "scale", "kind", "kind_reason", *OF_OPEN_ENDS),
    Column("open_end", str, lambda row: row.open_end.direction if row.open_end else None),
]
# Those of them that tell of a score that is open to one side.
OPEN_END = (*OF_OPEN_ENDS, "open_end")
# Of rankings that compare the rates of a series, the last ones.
RATE_COLUMNS = columns(HumanRow, "phase", "bpp")


def ranking_columns(rates: Sequence[str]) -> list[Column[HumanRow]]:
    """Return the columns of ranking.csv, of a ranking across these rates, if any."""
    return [*RANKING_COLUMNS, *(RATE_COLUMNS if rates else [])]


def ranking_rows(board: HumanBoard) -> list[dict[str, Any]]:
    """Return the board as one dict a method, with the columns of ranking.csv."""
    return table(ranking_columns(board.rates), board.rows)


def psnr_rows(rows: Iterable[PsnrRow]) -> list[dict[str, Any]]:
    """Return the PSNR board with the columns of psnr.csv; infinite PSNR is the text "inf"."""
    return table(PSNR_COLUMNS, rows)


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
        "method_version": board.method_version,
        "software_version": board.software_version,
        "study_sha256": issued_digests(board.study),
        "results": ranking_rows(board),
        "out": [excluded.as_json() for excluded in board.left],
        "groups": board.groups,
        "pairs": [asdict(chance) for chance in board.chances],
        "variants": [variant.as_json(board.scale) for variant in board.variants],
        **({"rates": list(board.rates)} if board.rates else {}),
        **({"rater_groups": board.rater_groups} if board.rater_groups is not None else {}),
        **({"scenes": board.scenes} if board.scenes is not None else {}),
        **board.adjustment,
    }


def to_csv(columns: list[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield CSV text: the heading, then one line a row; None is an empty field."""
    yield _line(columns)
    for row in rows:
        yield _line(_field(row[name]) for name in columns)


def ranking_csv(board: HumanBoard) -> str:
    """Return ranking.csv."""
    return "".join(to_csv(names(ranking_columns(board.rates)), ranking_rows(board)))


def psnr_csv(rows: Iterable[PsnrRow]) -> str:
    """Return psnr.csv."""
    return "".join(to_csv(names(PSNR_COLUMNS), psnr_rows(rows)))


def judgments_csv(study: Study, stage: str = Stage.MAIN) -> Iterator[bytes]:
    """Yield a stage's judgments.csv in UTF-8, some thousand lines at a time: it may be long."""
    yield _line(JUDGMENT_COLUMNS).encode()
    for lines in judgment_lines(study, spreadsheet=True, stage=stage):
        if text := b"\r\n".join(line[:-1] for line in lines):
            yield text + b"\r\n"


def _field(value: object) -> object:
    """Write booleans in lower case, lists with spaces, and no text that would be misread."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(map(str, value))
    return quoted(value) if isinstance(value, str) else value


def _line(fields: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()
