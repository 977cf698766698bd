"""README.md and DATASHEET.md of a release: what it is, how to check it, what is told of raters."""

import json
import re

from ratings.anonymity.column_rules import COLUMN_RULES
from ratings.anonymity.small_cells import LEAST_RATERS
from ratings.challenge.models import Dataset
from ratings.psychometrics.counts.circumstances import DEVICE, FATIGUE, LAYOUT
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.bundles.bundle import rank_command
from ratings.ranking.release import whole_pictures
from ratings.ranking.release.release_facts import ReleaseFacts, license_address
from ratings.ranking.release.released_pictures import FOLDER, LISTED
from ratings.ranking.tables.columns import names
from ratings.ranking.tables.export import RATE_COLUMNS

# What released judgments tell less finely than the site's, so that rankings differ.
UNTOLD = frozenset([DEVICE, FATIGUE, LAYOUT])
README = """# {title}

{study} put one question to raters: "{question}" {numbers}

License: {license}. To cite it: {citation}

## What is in it

| file | what it is |
|---|---|
{files}

Each table is there as CSV and as Parquet, the same rows. In the CSV an apostrophe stands before a
text that spreadsheets or statistics programs would misread, such as a method called NA; Parquet has
texts as they are. croissant.json names the Parquet files, and the head of this file does for
Hugging Face `datasets`: `load_dataset(FOLDER, "judgments")`, and for pictures, where there are any,
`load_dataset("imagefolder", data_dir="FOLDER/pictures")`, or "FOLDER/whole_pictures". Of a ranking
or a PSNR board an empty `dataset` means all data sets together.

## How to check it

Whether the files are whole:

    sha256sum -c SHA256SUMS

Whether the judgments make the published rankings, digit for digit: first here

    RELEASE=$(pwd)

and then in the folder of the software that made them ({software}) any of these. The `results` are
those of the same `command` in rankings.json, which has beside them what the site knows of methods
and no judgment tells: {site_columns}.

{commands}

## What is told of raters

Nothing here leads to a person. A rater is a random name of this release alone; the key that made
the names was deleted. Other versions have other names and the same answers: whoever has two can
match raters by their answers, and then knows what both tell of them. A device class and a language
are told where at least {least} raters share both; where fewer do, they read "other". Raters of one
`group`, such as a lab, have a random name for it, and are one cluster of the rankings' intervals;
where there are groups, each has at least {least} people. Instants are left out. This is the rule,
column by column:

| column at the site | here | how |
|---|---|---|
{rules}

Answers that raters took back are left out. Those that are not counted have `excluded`; the rankings
are of comparisons (column `kind`) that are not excluded, the variants of others: `careful` leaves
out those that are `fast`, `entered` takes in `method_out`, `all` takes in all excluded ones.

## Pictures

{pictures}

## The definition

`definition/` has the study as it stands and as it stood when trials were issued. Recruiting is left
out of it, and e-mail addresses.
"""
# Of the columns of a ranking those that `rank` does not print.
SITE_COLUMNS = ("team", "baseline", "scale", "kind", "kind_reason")
OF_RATES = (
    " Methods of all rates of a series were compared with one another; a method has the name "
)
OF_RATES += "of its phase with its own, and rankings and PSNR boards have the columns `phase` and "
OF_RATES += "`bpp`."
DATASHEET = """# Datasheet

The questions are those of T. Gebru et al., "Datasheets for Datasets", Communications of the ACM 64
(12), 2021, as far as the data answer them.

**For what purpose was it created?** To rank image compression methods by how close people find
their pictures to the originals. {challenge}

**What do the instances represent?** One answer of one rater each, to two versions of one crop of a
picture. The rater was asked: "{question}"

**How many instances are there?** {judgments} answers; {comparisons} of them are comparisons that
count. The others check raters, train them, or are excluded, each with a reason.

**Who are the raters?** {people} people, and {simulated} simulated raters (column `simulated`).
{languages}

**Is it a sample?** Which pairs and crops a rater saw was drawn at random, within the study's
definition, which is in this release. The raters are whoever came: no sample of a population.

**Is any information missing?** Answers that raters took back, and what could lead to a person; see
README.md. {merged}

**Are there errors or noise?** People differ, and some answer at random. The intervals of the
rankings count that: they take raters and pictures as clusters, or groups of raters and scenes of
pictures where there are any. {notes}

**Does it contain data that might be confidential?** No. Every text file was scanned for names,
addresses, identifiers and instants before it was published.

**Did the people consent?** Each agreed to the consent text of the definition before the first
trial.

**What was done to the answers?** {scale} The rankings are fits of a Bradley-Terry model; method
version {method_version}.

**What should it not be used for?** To find out who a rater is.

**Who maintains it?** The organizers of the challenge, at the site that published it. A later
version takes the place of this one; a version may be withdrawn.

**Under which license?** {license} for the data. {licenses}
"""


def readme(facts: ReleaseFacts) -> str:
    """Return README.md, with what the Hugging Face hub and its readers want at its head."""
    release, rates = facts.release, facts.boards[0].rates
    rate_columns = names(RATE_COLUMNS) if rates else []
    text = README.format(
        title=facts.title,
        study=facts.study.name,
        question=facts.study.question,
        numbers=_numbers(facts),
        license=_license(release.license),
        citation=facts.citation,
        files="\n".join(f"| `{path}` | {about} |" for path, about in described_files(facts)),
        software=facts.software,
        site_columns=", ".join(f"`{name}`" for name in (*SITE_COLUMNS, *rate_columns)),
        commands="\n".join([*(f"    {command}" for command in commands(facts)), *_untold(facts)]),
        least=LEAST_RATERS,
        rules="\n".join(
            f"| `{name}` | {f'`{rule.released}`' if rule.released else ''} | {rule.how} |"
            for name, rule in COLUMN_RULES.items()
        ),
        pictures=_pictures(facts),
    )
    return _head(facts) + text


def datasheet(facts: ReleaseFacts) -> str:
    """Return DATASHEET.md."""
    numbers, board = facts.numbers(), facts.boards[0]
    languages = sorted({language for _, language in facts.cells.told.values()})
    return DATASHEET.format(
        challenge=_sentence(facts.challenge.summary or facts.challenge.name),
        question=facts.study.question,
        judgments=numbers["judgments"],
        comparisons=board.judgments,
        people=numbers["people"],
        simulated=numbers["simulated"],
        languages=f"Languages told: {', '.join(languages)}." if languages else "",
        merged=f"Of {numbers['merged']} people device class or language reads other.",
        notes=" ".join(board.notes),
        scale=f"Scores are in {board.scale.unit}. {board.scale.anchor}",
        method_version=board.method_version,
        license=_license(facts.release.license),
        licenses=" ".join(
            f"Pictures of {dataset.slug}: {_license(dataset.license)}."
            for dataset in _datasets(facts)
        ),
    )


def _untold(facts: ReleaseFacts) -> list[str]:
    """Say which rankings have no command."""
    if all(command_of(board, facts) for board in facts.boards if board.judgments):
        return []
    named = ", ".join(sorted(UNTOLD))
    return ["", f"Rankings adjusted for one of {named} have none: it is told less finely here."]


def commands(facts: ReleaseFacts) -> list[str]:
    """Return the command of each ranking that has one."""
    return [command for board in facts.boards if (command := command_of(board, facts))]


def command_of(board: HumanBoard, facts: ReleaseFacts) -> str | None:
    """Return the command that makes a ranking again; None without judgments, or where none does."""
    if not board.judgments or UNTOLD & {*board.adjustment.get("adjusted", ())}:
        return None
    return rank_command(board, f"$RELEASE/{facts.tables[0].path('csv')}")


def described_files(facts: ReleaseFacts) -> list[tuple[str, str]]:
    """Return what lies in the release: each path, and what it is."""
    tables = [(f"{table.name}/", f"{table.about}.") for table in facts.tables]
    pictures = [(f"{FOLDER}/", "The crops that raters saw.")] if facts.pictures else []
    if facts.whole_pictures:
        pictures += [
            (f"{whole_pictures.FOLDER}/", "Whole originals, and what methods made of them.")
        ]
    return [
        *tables,
        ("rankings.json", "The rankings with settings, digests, and what is known of each pair."),
        ("definition/", "The study's definition."),
        *pictures,
        ("DATASHEET.md", "How the data came about, and what they are good for."),
        ("croissant.json, ro-crate-metadata.json", "The same for programs."),
        ("SHA256SUMS", "Digests of all files."),
    ]


def own_words() -> set[str]:
    """Return the words that these texts have in any release."""
    rules = " ".join(f"{name} {rule.released} {rule.how}" for name, rule in COLUMN_RULES.items())
    return set(re.findall(r"[^\W_]+", f"{README} {DATASHEET} {OF_RATES} {rules}"))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _head(facts: ReleaseFacts) -> str:
    """Return the YAML that names each table's file: then no reader guesses by names of files."""
    license = facts.release.license
    lines = [f"pretty_name: {json.dumps(facts.title, ensure_ascii=False)}"]
    lines += [f"license: {json.dumps(license.lower() if ' ' not in license else 'other')}"]
    lines += ["configs:"]
    for table in (table for table in facts.tables if table.rows):
        lines += [f"- config_name: {table.name}", "  data_files:"]
        lines += ["  - split: train", f"    path: {table.path('parquet')}"]
    return "\n".join(["---", *lines, "---", "", ""])


def _numbers(facts: ReleaseFacts) -> str:
    numbers = facts.numbers()
    simulated = (
        f" Some raters are SIMULATED: {numbers['simulated']}." if numbers["simulated"] else ""
    )
    rates = OF_RATES if facts.boards[0].rates else ""
    return f"{numbers['judgments']} answers of {numbers['people']} people.{simulated}{rates}"


def _pictures(facts: ReleaseFacts) -> str:
    crops = (
        f"`{FOLDER}/` has {facts.pictures} crops, as lossless WebP; `{LISTED}` says which each is."
    )
    whole = (
        f"`{whole_pictures.FOLDER}/` has {facts.whole_pictures} whole pictures, as PNG: originals, "
        f"and what methods made of them; `{whole_pictures.LISTED}` says which each is."
    )
    held = [crops] * bool(facts.pictures) + [whole] * bool(facts.whole_pictures)
    lines = held or ["There are no pictures in this release."]
    lines += [""] * bool(held)
    lines += [f"- {d.slug}: {_license(d.license)}{_which(d, facts)}." for d in _datasets(facts)]
    lines += [f"- {slug}: left out, for {why}." for slug, why in facts.left_out.items()]
    return "\n".join(lines)


def _datasets(facts: ReleaseFacts) -> list[Dataset]:
    """Return the data sets whose pictures are in it."""
    slugs = {*facts.release.pictures, *facts.release.whole_pictures}
    return list(facts.study.phase.datasets.filter(slug__in=slugs).order_by("slug"))


def _which(dataset: Dataset, facts: ReleaseFacts) -> str:
    """Say where only crops, or only whole pictures, of a data set are in it."""
    crops = dataset.slug in facts.release.pictures
    whole = dataset.slug in facts.release.whole_pictures
    return "" if crops and whole else "; crops" if crops else "; whole pictures"


def _license(license: str) -> str:
    address = license_address(license)
    return license if address == license else f"[{license}]({address})"
