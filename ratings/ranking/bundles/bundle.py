"""The replication bundle: all that is needed to check a study's published rankings elsewhere."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of
from ratings.comparisons.study.study_tables import study_digest, study_toml
from ratings.comparisons.study.versions import versions_of_main
from ratings.fidelity.psnr_board import decibels, psnr_board
from ratings.psychometrics.report.figures import drawn
from ratings.ranking.boards.board_drawing import drawing_of_board
from ratings.ranking.boards.human_board import HumanBoard, human_board
from ratings.ranking.boards.metric_agreement import AGREEMENT_COLUMNS, agreement_rows
from ratings.ranking.fits.adjusted_variants import ADJUSTED, variants_of
from ratings.ranking.fits.refitting import ranked_datasets
from ratings.ranking.models import Ranking
from ratings.ranking.tables.export import (
    judgments_csv,
    psnr_csv,
    ranking_csv,
    ranking_document,
    to_csv,
)
from ratings.ranking.tables.parquet import ranking_parquet, write_judgments
from ratings.ranking.tables.tex import ranking_tex

# Of a digest, in a file's name.
DIGITS = 12
README = """Study {name}

judgments.*    every answer, as CSV and Parquet; a rater is a random identifier{simulated}
ranking.*      the human ranking of all pictures, with 95 % intervals, as CSV, JSON, Parquet and
               LaTeX; the JSON has the settings, the input's digest and the software's version
psnr.csv       the PSNR board of the same phase
agreement.csv  how PSNR, MS-SSIM and rate go with the human scores
figures/       the ranking as SVG and PDF
study-*.toml   the study's definition, named after the first digits of its SHA-256, which is in the
               column study_sha256 of the judgments: the present one, and each that trials were
               issued under; ranking.json has their digests without recruiting and addresses, which
               is how everybody may have them
SHA256SUMS     digests of these files

A file or folder named after a data set, such as ranking-X.csv, is of its pictures alone.
{scale}

The ranking is of the answers to comparisons (column kind; the other kinds check the raters) that
are not excluded. An answer is excluded, with its reason beside, where its rater undid it, a rule of
the study dropped it, the rater is not used, or a method has left: it was withdrawn, disqualified or
taken out of the study (column method_out, where nothing else stands against the answer). Three
more fits tell what these rules do: ranking-careful.* leaves out fast answers (column fast),
ranking-entered.* takes in methods that have left, ranking-all.* everything but what raters undid
themselves.

Intervals take raters and pictures as clusters, or their groups and scenes where the columns group
and scene name some.

To fit the rankings again, to the last printed digit:

{commands}
"""


def write_bundle(study: Study, directory: Path) -> None:
    """Write the files into an empty directory. Raises OSError where that can't be done."""
    boards = study_boards(study)
    _write_judgments(study, directory)
    issued = dict(versions_of_main(study).values_list("sha256", "definition"))
    for sha256, text in (issued | {study_digest(study): study_toml(study)}).items():
        (directory / f"study-{sha256[:DIGITS]}.toml").write_text(text, "utf-8", newline="")
    for board in boards:
        _write_ranking(board, directory)
        if is_main(board):
            _write_beside(board, directory)
    (directory / "README").write_text(_readme(boards), "utf-8")
    write_sums(directory)


def study_boards(study: Study) -> list[HumanBoard]:
    """Return every ranking of a study: of all and of each data set, published and variants."""
    parts = [None, *ranked_datasets(study.phase)]
    return [
        board
        for variant in variants_of(study)
        for dataset in parts
        if (board := human_board(study, dataset, variant=variant)).judgments or is_main(board)
    ]


def rank_command(board: HumanBoard, judgments: str = "judgments.csv") -> str:
    """Return the command that makes this ranking of a file of judgments again."""
    options = [f"--dataset {board.dataset.slug}"] if board.dataset else []
    if board.variant in ADJUSTED:
        names = ",".join(board.adjustment.get("adjusted", ()))
        options += [f"--adjust {names}"] if names else []
    elif not is_main(board):
        options += [f"--variant {board.variant}"]
    settings = board.settings or {}
    options += [f"--{name} {settings[name]}" for name in ("ties", "level") if name in settings]
    options += [f"--scale {board.scale.name}"]
    options += [f"--mean {board.scale.mean!r}"] if board.scale.name == "elo" else []
    return " ".join([f"python manage.py rank {judgments} --json", *options])


def _write_judgments(study: Study, directory: Path) -> None:
    with (directory / "judgments.csv").open("wb") as text:
        text.writelines(judgments_csv(study))
    with (directory / "judgments.parquet").open("wb") as data:
        write_judgments(study, data)


def is_main(board: HumanBoard) -> bool:
    """Tell whether it is the ranking that is published, and no variant of it."""
    return board.variant == Ranking.Variant.USED


def _suffix(board: HumanBoard) -> str:
    parts = ["" if is_main(board) else board.variant, board.dataset.slug if board.dataset else ""]
    return "".join(f"-{part}" for part in parts if part)


def _write_ranking(board: HumanBoard, directory: Path) -> None:
    """Write one ranking in every format."""
    name = f"ranking{_suffix(board)}"
    document = json.dumps(ranking_document(board), indent=1, allow_nan=False)
    texts = {"csv": ranking_csv(board), "json": document + "\n", "tex": ranking_tex(board)}
    for form, text in texts.items():
        (directory / f"{name}.{form}").write_text(text, "utf-8", newline="")
    (directory / f"{name}.parquet").write_bytes(ranking_parquet(board))


def _write_beside(board: HumanBoard, directory: Path) -> None:
    """Write what stands beside a published ranking: its PSNR board, agreement and figures."""
    suffix = _suffix(board)
    phases = phases_of(board.study)
    psnr = [row for phase in phases for row in psnr_board(phase, board.dataset)]
    agreement = "".join(to_csv(AGREEMENT_COLUMNS, agreement_rows(board)))
    (directory / f"psnr{suffix}.csv").write_text(psnr_csv(psnr), "utf-8", newline="")
    (directory / f"agreement{suffix}.csv").write_text(agreement, "utf-8", newline="")
    figures = directory / f"figures{suffix}"
    for name, data in drawn(drawing_of_board(board, decibels(psnr))):
        figures.mkdir(exist_ok=True)
        (figures / name).write_bytes(data)


def _readme(boards: list[HumanBoard]) -> str:
    whole = boards[0]
    return README.format(
        name=whole.study.name,
        simulated="; some raters are SIMULATED (column simulated)" if whole.simulated else "",
        scale=f"Scores are in {whole.scale.unit}. {whole.scale.anchor}",
        commands="\n".join(f"    {rank_command(board)}" for board in boards),
    )


def write_sums(directory: Path) -> None:
    """Write the digests of all files of a directory into SHA256SUMS beside them."""
    (directory / "SHA256SUMS").write_text("".join(_sums(directory)), "utf-8")


def _sums(directory: Path) -> Iterator[str]:
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield f"{digest}  {path.relative_to(directory).as_posix()}\n"
