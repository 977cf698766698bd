"""Rankings and judgments as LaTeX tables as wide as a line; comments above say what they need."""

from collections.abc import Iterable, Iterator, Sequence

from ratings.comparisons.models import Stage, Study, Trial
from ratings.psychometrics.rounding import counted, fixed, per_cent
from ratings.ranking.boards.human_board import HumanBoard, HumanRow
from ratings.ranking.evidence.judgment_rows import judgment_rows
from ratings.ranking.tables.tex_letters import escape, preamble

# Columns: their heads, shares of a line's width, and whether they hold names, not numbers.
_RANKING = (
    ("Rank", 0.09, False),
    ("Method", 0.21, True),
    ("Team", 0.18, True),
    ("Score", 0.09, False),
    (r"95\,\% interval", 0.195, False),
    (r"Win rate, \%", 0.1, False),
    ("Judgments", 0.135, False),
)
# Those of the judgments' columns that a page has room for.
_JUDGMENTS = (
    ("judgment_id", 0.13, False),
    ("rater", 0.18, True),
    ("image", 0.165, True),
    ("left", 0.16, True),
    ("right", 0.16, True),
    ("choice", 0.085, True),
    ("response_ms", 0.12, False),
)
JUDGMENT_COLUMNS = tuple(name for name, _, _ in _JUDGMENTS)
_NOTHING = "---"


def ranking_tex(board: HumanBoard) -> str:
    """Return the ranking as a tabular; comments above it say what it was made of, and needs."""
    rows = "".join(_row(row, board.scale.page_decimals) for row in board.rows)
    names = [name for row in board.rows for name in (row.method, row.team)]
    comments = [*_comments(board), *preamble("array,booktabs", names)]
    heads = _line(head for head, _, _ in _RANKING)
    return "".join(
        [
            *(f"% {line}\n" for line in comments),
            _begin("tabular", _RANKING),
            f"\\toprule\n{heads}\\midrule\n{rows}\\bottomrule\n",
            _end("tabular"),
        ]
    )


def judgments_tex(study: Study, stage: str = Stage.MAIN) -> Iterator[str]:
    """Yield a stage's judgments that stand as a longtable, its head on each page.

    The columns are `JUDGMENT_COLUMNS`; comments above say what it needs.
    """
    names = study.entries.values_list("label", flat=True)
    yield from (f"% {line}\n" for line in preamble("array,booktabs,longtable", names))
    heads = _line(escape(name).replace(r"\_", r"\_\allowbreak{}") for name in JUDGMENT_COLUMNS)
    yield _begin("longtable", _JUDGMENTS)
    yield f"\\toprule\n{heads}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n"
    for row in judgment_rows(study, stage):
        if row["kind"] == Trial.Kind.COMPARISON and not row["excluded"]:
            yield _line(escape(str(row[name])) for name in JUDGMENT_COLUMNS)
    yield _end("longtable")


def _comments(board: HumanBoard) -> Iterator[str]:
    part = f", data set {board.dataset.slug}" if board.dataset else ""
    yield f"Study {board.study.slug}{part}{': SIMULATED' if board.simulated else ''}"
    raters = board.judged_by(counted(board.raters, "rater", grouped=False))
    pictures = board.judged_on(counted(board.pictures, "picture", grouped=False))
    judgments = counted(board.judgments, "judgment", grouped=False)
    yield f"{judgments}, {raters}, {pictures}"
    yield f"Scores in {board.scale.unit}. {board.scale.anchor}"
    yield f"input {board.input_sha256}, software {board.software_version}"


def _row(row: HumanRow, places: int) -> str:
    ranks, interval = _NOTHING, _NOTHING
    if row.rank_low is not None and row.rank_high is not None:
        alone = row.rank_low == row.rank_high
        ranks = str(row.rank_low) if alone else f"{row.rank_low}--{row.rank_high}"
    if row.ci_low is not None and row.ci_high is not None:
        interval = f"${fixed(row.ci_low, places)}$ to ${fixed(row.ci_high, places)}$"
    score = _NOTHING
    if row.placed and row.score is not None:
        score = f"${fixed(row.score, places)}$"
    elif row.score_bound is not None:
        sign = r"\ge" if row.score_at_least is not None else r"\le"
        score = f"${sign} {fixed(row.score_bound, places)}$"
    rate = _NOTHING if row.win_rate is None else per_cent(row.win_rate)
    names = (escape(row.method), escape(row.team))
    return _line([ranks, *names, score, interval, rate, str(row.judgments)])


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\" + "\n"


def _begin(kind: str, columns: Sequence[tuple[str, float, bool]]) -> str:
    """Begin a table in small letters whose columns break lines and make up the width of one."""
    kinds = "".join(
        rf"  >{{\ragged{'right' if is_name else 'left'}\arraybackslash}}"
        rf"p{{\dimexpr{share:.3f}\linewidth-2\tabcolsep\relax}}" + "\n"
        for _, share, is_name in columns
    )
    small = r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}"
    # A longtable begins a paragraph by itself.
    start = r"\noindent" if kind == "tabular" else ""
    return f"{small}{start}\n\\begin{{{kind}}}{{%\n{kinds}}}\n"


def _end(kind: str) -> str:
    return f"\\end{{{kind}}}\n\\endgroup\n"
