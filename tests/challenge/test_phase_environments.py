"""A phase's environments: read, refused with the mend, written out again, kept while named."""

from pathlib import Path

import pytest

from ratings.challenge.definitions.changes import changes
from ratings.challenge.definitions.definition import emit, parse
from ratings.challenge.exchange.dumping import challenge_toml
from ratings.challenge.exchange.loading import load_definition
from ratings.challenge.keys.decoder_environments import (
    DEFAULT,
    MOST,
    EnvironmentTable,
    environments_of,
)
from ratings.challenge.keys.tables import written
from ratings.challenge.keys.toml_text import read_toml
from ratings.challenge.refusals import Refused
from ratings.web.desk.definition.environment_fields import environment_lines, read_environments
from tests.builders import build_submission
from tests.challenge.definitions import GOOD

IMAGE = f"registry.example.org/team/jax@sha256:{'a' * 64}"
PYTHON = '[[phase.environment]]\nslug = "python"\nsource = "python"\n'
TORCH = '[[phase.environment]]\nslug = "torch"\nsource = "torch"\ndescription = "PyTorch | CPU"\n'
JAX = f'[[phase.environment]]\nslug = "jax"\nsource = "{IMAGE}"\ngpu = true\n'
ALL = GOOD + PYTHON + TORCH + JAX


def problems_of(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        parse(text)
    return refused.value.problems


def test_what_is_written_reads_back_the_same() -> None:
    read = parse(ALL).phases[0].environments
    assert read[1:] == (
        EnvironmentTable("torch", "torch", "PyTorch | CPU"),
        EnvironmentTable("jax", IMAGE, "", gpu=True),
    )
    assert parse(emit(parse(ALL))).phases[0].environments == read
    assert f"\n\n{TORCH}gpu = false\n\n[[phase.environment]]" in emit(parse(ALL))
    assert environments_of(written(read)) == read
    assert environments_of(()) == (DEFAULT,)


@pytest.mark.parametrize(
    ("tables", "place", "mend"),
    [
        (TORCH.replace('"torch"\ndes', '"jax"\ndes'), "torch: source", "an image by its digest"),
        (JAX.replace("@sha256:", ":"), "jax: source", "NAME@sha256:DIGEST"),
        (JAX.replace('"registry', '"--privileged'), "jax: source", "an image by its digest"),
        (TORCH + TORCH, "environment", "'torch' stands there 2 times"),
        (TORCH.replace('slug = "torch"', 'slug = "a b"'), "a b: slug", "letters, digits"),
        (TORCH + "colour = 1\n", "torch: colour", "unknown"),
        (TORCH.replace("[[phase.environment]]", "[phase.environment]"), "env", "[[phase.env"),
        (
            "".join(TORCH.replace('slug = "torch"', f'slug = "t{n}"') for n in range(MOST + 1)),
            "environment",
            "name 10 at most; these are 11",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(tables: str, place: str, mend: str) -> None:
    (problem,) = problems_of(GOOD + tables)
    assert problem.startswith("[[phase]] test: environment") and place in problem
    assert mend in problem


def test_each_change_of_an_environment_has_its_line() -> None:
    before, after = read_toml(GOOD + PYTHON + TORCH), read_toml(GOOD + PYTHON + JAX)
    after["phase"][0]["environment"][0]["description"] = "numpy"
    assert changes(before, after) == [
        "[[phase]] test: environment torch: dropped",
        "[[phase]] test: environment python: description: not set -> numpy",
        "[[phase]] test: environment jax: new",
    ]
    assert changes(read_toml(GOOD), read_toml(GOOD + TORCH)) == [
        "[[phase]] test: environment torch: new"
    ]


def test_a_field_of_the_form_gives_the_tables_back() -> None:
    tables = read_toml(ALL)["phase"][0]["environment"]
    lines = environment_lines(tables)
    assert lines == f"python | python\ntorch | torch | PyTorch | CPU\njax | {IMAGE} | gpu"
    assert read_environments(lines) == tables
    assert read_environments("jax\n\n") == [{"slug": "jax", "source": ""}]


@pytest.mark.parametrize("gpu", [{}, {"gpu": True}])
@pytest.mark.parametrize("description", ["gpu", "CPU | gpu", "CPU|GPU", "CPU |", "|"])
def test_a_description_is_no_mark_of_a_gpu(description: str, gpu: dict[str, bool]) -> None:
    tables = [{"slug": "jax", "source": IMAGE, "description": description, **gpu}]
    assert read_environments(environment_lines(tables)) == tables


@pytest.mark.django_db
def test_an_environment_that_submissions_name_stays_as_it_is(tmp_path: Path) -> None:
    phase = load_definition(ALL, tmp_path).phases.get()
    for _ in range(2):
        build_submission(phase, environment="torch")

    def refusal(text: str) -> list[str]:
        with pytest.raises(Refused) as refused:
            load_definition(text, tmp_path)
        assert refused.value.code == "in-use"
        return refused.value.problems

    torch = "[[phase]] test: environment: torch: 2 submissions name it;"
    assert refusal(GOOD + PYTHON) == [f"{torch} keep it in the file, with this slug."]
    moved = refusal(GOOD + TORCH.replace('source = "torch"', 'source = "python"'))
    assert moved == [
        f"{torch} leave `source` and `gpu` as they are, and name another environment beside it."
    ]
    challenge = load_definition(GOOD + TORCH.replace("CPU", "on CPUs"), tmp_path)
    assert "PyTorch | on CPUs" in challenge_toml(challenge)


@pytest.mark.django_db
def test_the_usual_environment_is_kept_like_any_other(tmp_path: Path) -> None:
    build_submission(load_definition(GOOD, tmp_path).phases.get())
    with pytest.raises(Refused, match="environment: python: 1 submission names it; keep it"):
        load_definition(GOOD + TORCH, tmp_path)
    assert load_definition(GOOD + PYTHON + TORCH, tmp_path).phases.get().environments
