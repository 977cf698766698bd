"""The decoders' environment: the Dockerfile and the docs say what the server does.

No container engine builds the image here; its lines are read and compared instead.
"""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from ratings.challenge.keys.decoder_limits import DEFAULTS, WALL_TO_CPU, decoder_limits
from ratings.sandbox.containment import containers
from ratings.sandbox.containment.bubblewrap import WORK
from ratings.sandbox.decoders import unpacking
from ratings.sandbox.environments.making import INSTALL, PACKAGES
from ratings.sandbox.environments.recipes import RECIPES
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.environments.variables import variables as servers_variables
from ratings.sandbox.run_limits import GIB, MIB, size_words
from ratings.sandbox.worlds import USUAL

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "ratings" / "kit"
PAGE = (ROOT / "docs" / "kit.md").read_text()
UNITS = {"g": GIB, "m": MIB}
LIMITS = decoder_limits({})


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, lines joined."""
    text = (KIT / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return [(word, " ".join(rest.split())) for word, rest in lines]


def arguments(name: str) -> list[str]:
    return [rest for word, rest in instructions() if word == name]


def pins(path: Path) -> set[str]:
    """Return the pinned lines of the decoders' packages: name, version and marker."""
    lines = (line.rstrip(" \\") for line in path.read_text().splitlines())
    return {line for line in lines if line.partition("==")[0] in PACKAGES}


def docker_run() -> list[str]:
    """Return the words of the docs' command line."""
    match = re.search(r"^docker run (?:.*\\\n)*.*$", PAGE, re.MULTILINE)
    assert match
    return shlex.split(match[0].replace("\\\n", " "))


def option(name: str) -> str:
    words = docker_run()
    assert words.count(name) == 1, name
    return words[words.index(name) + 1]


def in_bytes(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def test_only_known_instructions_in_an_order_that_builds() -> None:
    words = [word for word, _ in instructions()]
    assert words == ["ARG", "FROM", "ARG", "ARG", "COPY", "RUN", "ENV", "USER", "WORKDIR", "CMD"]
    assert arguments("FROM") == ["python:${PYTHON}-slim"]
    default = dict(line.partition("=")[::2] for line in arguments("ARG"))
    assert default == {"PYTHON": "3.11", "ENVIRONMENT": "python", "PIP_EXTRA_INDEX_URL": ""}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={default['PYTHON']}"


def test_it_copies_what_is_there_and_installs_it() -> None:
    (copied,), (run,) = arguments("COPY"), arguments("RUN")
    recipes = {
        path.name for path in (ROOT / "ratings/sandbox/environments").glob(copied.split()[0])
    }
    assert recipes == {recipe.requirements.name for recipe in RECIPES.values()}
    assert " ".join(INSTALL[1:]) in run
    assert '--requirement "/opt/decoding/$ENVIRONMENT.txt"' in run


@pytest.mark.parametrize("slug", RECIPES)
def test_its_packages_are_the_servers(slug: str) -> None:
    wanted = pins(ROOT / "requirements" / "runtime.txt")
    assert {line.partition("==")[0] for line in wanted} == set(PACKAGES)
    assert pins(RECIPES[slug].requirements) == wanted


def test_it_is_an_image_for_the_container_backend() -> None:
    (user,) = arguments("USER")
    assert "0" not in user.split(":")
    assert arguments("WORKDIR") == [WORK]
    assert f"mkdir --mode 1777 {WORK} " in arguments("RUN")[0]
    (line,) = arguments("ENV")
    variables = dict(word.partition("=")[::2] for word in shlex.split(line))
    assert variables.pop("PATH").startswith("/opt/decoding/bin:")
    assert variables == servers_variables(LIMITS.cores)
    sandbox = DecoderEnvironment(Path("nowhere")).variables(LIMITS.cores)
    assert variables.items() <= sandbox.items()
    assert sandbox.keys() - variables.keys() == {"PATH"}


def test_the_docs_run_it_within_the_default_limits() -> None:
    assert in_bytes(option("--memory")) == in_bytes(option("--memory-swap")) == LIMITS.memory_bytes
    assert int(option("--pids-limit")) == LIMITS.processes
    assert float(option("--cpus")) == LIMITS.cores
    assert option("--ulimit") == f"cpu={LIMITS.cpu_seconds:g}"
    assert in_bytes(option("--shm-size")) == LIMITS.scratch_bytes
    assert f"/tmp:size={LIMITS.scratch_bytes // MIB}m" in option("--tmpfs")
    assert docker_run()[-1] == "./decode"
    assert {"--read-only", "--rm"} < set(docker_run())
    image = docker_run()[-2]
    line = r"docker build --tag (\S+) --file ratings/kit/Dockerfile ratings/sandbox/environments"
    built = re.findall(line, PAGE)
    assert built == re.findall(line, (KIT / "Dockerfile").read_text())
    assert built == [image]


@pytest.mark.parametrize("name", ["--network", "--cap-drop", "--security-opt"])
def test_the_docs_contain_it_as_the_server_would(name: str) -> None:
    engine = containers.Engine("podman", "decoding@sha256:0")
    server = containers.arguments(engine, "run", Path("pid"), MIB, LIMITS, USUAL)
    assert option(name) == server[server.index(name) + 1]


def test_the_table_of_limits_is_the_servers() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE))
    wanted = {
        "CPU time of all processes": f"{DEFAULTS['cpu_seconds']} s",
        "wall time": {4: "four times that"}[WALL_TO_CPU],
        "cores": f"{LIMITS.cores:g}",
        "processes and threads": str(LIMITS.processes),
        "written into the working folder, `/work`": size_words(LIMITS.work_bytes),
        "written into `/tmp` and into `/dev/shm`": f"{size_words(LIMITS.scratch_bytes)} each",
        "files in these three": str(LIMITS.files),
        "one picture": size_words(LIMITS.output_bytes),
        "the decoder, unpacked": size_words(unpacking.MOST_BYTES),
    }
    assert wanted.items() <= rows.items()
    memory = rows["memory of all processes, with all that lies in `/work`, `/tmp` and `/dev/shm`"]
    assert memory == f"{size_words(LIMITS.memory_bytes)}, no swap"
    assert rows["its log"].startswith(size_words(LIMITS.log_bytes))
