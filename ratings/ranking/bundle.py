"""The replication bundle: all that is needed to check a study's published rankings elsewhere."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from ratings.comparisons.models import Study
from ratings.fidelity.board import psnr_board
from ratings.psychometrics.figures import drawn
from ratings.ranking.agreement import COLUMNS, agreement_rows
from ratings.ranking.board import HumanBoard, human_board
from ratings.ranking.drawing import drawing_of_board
from ratings.ranking.export import judgments_csv, psnr_csv, ranking_csv, ranking_document, to_csv
from ratings.ranking.fitting import ranked_datasets
from ratings.ranking.parquet import ranking_parquet, write_judgments
from ratings.ranking.tex import ranking_tex

README = """Study {name}

judgments.*    every judgment, as CSV and Parquet; a rater is a random identifier{simulated}
ranking.*      the human ranking of all pictures, with 95 % intervals, as CSV, JSON, Parquet and
               LaTeX; the JSON has the settings, the input's digest and the software's version
psnr.csv       the PSNR board of the same phase
agreement.csv  how PSNR, MS-SSIM and rate go with the human scores
figures/       the ranking as SVG and PDF
SHA256SUMS     digests of these files

A file or folder named after a data set, such as ranking-X.csv, is of its pictures alone.
{scale}

To fit the rankings again, to the last printed digit:

{commands}
"""


def write_bundle(study: Study, directory: Path) -> None:
    """Write the files into an empty directory. Raises OSError where that can't be done."""
    parts = [None, *ranked_datasets(study.phase)]
    boards = [human_board(study, dataset) for dataset in parts]
    _write_judgments(study, directory)
    for board in boards:
        _write_ranking(board, directory)
    (directory / "README").write_text(_readme(boards))
    sums = "".join(_sums(directory))
    (directory / "SHA256SUMS").write_text(sums)


def rank_command(board: HumanBoard) -> str:
    """Return the command that makes this ranking of the bundle's judgments again."""
    options = [f"--dataset {board.dataset.slug}"] if board.dataset else []
    settings = board.settings or {}
    options += [f"--{name} {settings[name]}" for name in ("ties", "level") if name in settings]
    options += [f"--scale {board.scale.name}"]
    options += [f"--mean {board.scale.mean!r}"] if board.scale.name == "elo" else []
    return " ".join(["python manage.py rank judgments.csv --json", *options])


def _write_judgments(study: Study, directory: Path) -> None:
    with (directory / "judgments.csv").open("w", newline="") as text:
        text.writelines(judgments_csv(study))
    with (directory / "judgments.parquet").open("wb") as data:
        write_judgments(study, data)


def _write_ranking(board: HumanBoard, directory: Path) -> None:
    """Write one ranking in every format, its PSNR board and its figures."""
    suffix = f"-{board.dataset.slug}" if board.dataset else ""
    psnr = psnr_board(board.study.phase, board.dataset)
    document = json.dumps(ranking_document(board), indent=1, allow_nan=False)
    texts = {
        "ranking{}.csv": ranking_csv(board),
        "ranking{}.json": document + "\n",
        "ranking{}.tex": ranking_tex(board),
        "psnr{}.csv": psnr_csv(psnr),
        "agreement{}.csv": "".join(to_csv(COLUMNS, agreement_rows(board))),
    }
    for name, text in texts.items():
        (directory / name.format(suffix)).write_text(text, newline="")
    (directory / f"ranking{suffix}.parquet").write_bytes(ranking_parquet(board))
    figures = directory / f"figures{suffix}"
    for name, data in drawn(drawing_of_board(board, psnr)):
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


def _sums(directory: Path) -> Iterator[str]:
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield f"{digest}  {path.relative_to(directory).as_posix()}\n"
