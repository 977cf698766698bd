"""Workers elsewhere get the runs of environments that they have: one takes what others lack."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from ratings.submissions.models import Run, Worker
from ratings.submissions.runs.workers import add_worker
from tests.jobs.decoders import COPY, open_phase, send, shown, team, zipped
from tests.jobs.torch_stand_in import make_torch_stand_in
from tests.jobs.workers import run_worker
from tests.remote.lines import start_gunicorn, start_remote
from tests.waiting import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
ENVIRONMENTS = [{"slug": "plain", "source": "python"}, {"slug": "deep", "source": "torch"}]


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    process, address = start_gunicorn(settings)
    yield address
    process.terminate()
    process.wait()


@pytest.mark.slow
def test_a_run_that_one_worker_lacks_the_environment_for_is_taken_by_another(
    url: str, sandbox_folder: Path, tmp_path: Path
) -> None:
    phase, names = open_phase(environments=ENVIRONMENTS), ("lacks", "has")
    tokens = {name: add_worker(name, "ann", timezone.now()) for name in names}
    lacks = start_remote(url, tokens["lacks"], tmp_path / "lacks", sandbox_folder)
    try:
        eventually(lambda: Worker.objects.filter(name="lacks", sources=["python"]).exists())
        deep = send(team(), phase, zipped(f"{COPY}\nimport torch\n"), environment="deep")
        plain = send(team("other"), phase, zipped(COPY))
        eventually(lambda: Run.objects.exclude(delivered_at=None).exists())
        assert shown(team("other"), plain)["run"]["attempt"] == 1
        waiting = shown(team(), deep)["run"]
        assert (waiting["state"], waiting["attempt"]) == ("waiting", 0)
        assert "none of the site's workers has it" in waiting["verdict"]

        make_torch_stand_in(sandbox_folder / "other")
        has = start_remote(url, tokens["has"], tmp_path / "has", sandbox_folder / "other")
        try:
            run = eventually(lambda: Run.objects.filter(source="torch", worker__name="has").first())
            eventually(lambda: Run.objects.filter(pk=run.pk).exclude(delivered_at=None).exists())
            run_worker(["scoring"])
            after = shown(team(), deep)
            assert (after["state"], after["run"]["attempt"]) == ("scored", 1), after["problems"]
            assert "a stand-in for PyTorch" in after["log"]
        finally:
            has.kill()
            has.communicate()
    finally:
        lacks.kill()
        lacks.communicate()
