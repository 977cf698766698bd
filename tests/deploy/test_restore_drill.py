"""The drill: a site that lost its judgments is restored to a moment before, by barman and rsync."""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from ratings.database.cluster import Cluster
from tests.management.sites import ROOT
from tests.own_cluster import own_cluster

BARMAN = shutil.which("barman")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BARMAN, reason="needs barman (package 'barman')"),
]
CONFIGURATION = """
[barman]
barman_home = {home}
barman_user = {user}
log_file = {home}/barman.log
configuration_files_directory = {home}
[ratings]
description = a site
conninfo = host={socket} user=ratings dbname=ratings
streaming_conninfo = host={socket} user=ratings
backup_method = postgres
streaming_archiver = on
slot_name = barman
create_slot = auto
path_prefix = {programs}
"""
# What happens at the site: it is judged and exported, and then all is lost, a moment after.
STORY = """
import sys, time
from pathlib import Path
import django
django.setup()
import numpy as np
from django.db import connection
from ratings.comparisons.judgments.judging import Answer, judge
from ratings.comparisons.models import Judgment, PairCount
from ratings.comparisons.trials.scheduling import issue
from ratings.ranking.tables.export import judgments_csv, ranking_csv
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater

study = build_filled_study(methods=3, pictures=2, slug="restored")
for number in range(6):
    rater = build_rater(study)
    for trial in issue(rater, 5, NOW, np.random.default_rng(number)):
        judge(trial.pk, [rater.pk], Answer(("left", "right")[number % 2], 4000, {"flips": 3}), NOW)
refit(study, NOW)
Path(sys.argv[1]).mkdir()
Path(sys.argv[1], "ranking.csv").write_text(ranking_csv(human_board(study)), newline="")
Path(sys.argv[1], "judgments.csv").write_bytes(b"".join(judgments_csv(study)))
with connection.cursor() as cursor:
    cursor.execute("SELECT clock_timestamp()::text")
    print(cursor.fetchone()[0])
time.sleep(0.01)  # so that the next commit is later, in microseconds
PairCount.objects.all().delete()
Judgment.objects.all().delete()
"""


@pytest.fixture
def cluster(tmp_path: Path, db: None) -> Iterator[Cluster]:
    """A cluster of its own, since barman keeps whole ones."""
    with own_cluster(tmp_path / "site") as cluster:
        yield cluster


@pytest.fixture
def barman(cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """Yield how to call a barman that has a whole copy, and takes whatever is committed."""
    home = tmp_path / "barman"
    home.mkdir()
    words = {"home": home, "user": getpass.getuser()}
    words |= {"socket": cluster.socket_dir, "programs": cluster.binaries}
    (home / "barman.cnf").write_text(CONFIGURATION.format(**words))
    barman = f"barman -c {home / 'barman.cnf'}"
    run(f"{barman} cron")  # begins to receive
    run(f"{barman} switch-wal --force --archive ratings")  # it comes
    run(f"{barman} backup ratings")
    yield barman
    run(f"{barman} receive-wal --stop ratings")


def run(command: str, **variables: str) -> str:
    """Run a shell's command at the checkout; return what it prints."""
    done = subprocess.run(
        ["sh", "-ec", command], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_was_lost_is_restored(cluster: Cluster, barman: str, tmp_path: Path) -> None:
    site, restored = tmp_path / "site", tmp_path / "restored"
    at = run(
        f"exec {sys.executable} -W ignore -c '{STORY}' {tmp_path / 'before'}",
        DATABASE_URL=f"postgres://ratings@{quote(str(cluster.socket_dir), safe='')}/ratings",
        RATINGS_DATA_DIR=str(site),
        DJANGO_SETTINGS_MODULE="ratings.settings",
    ).splitlines()[-1]
    kept = run(f"sh deploy/keep_files.sh {site}/files {tmp_path}/kept").strip()
    # Folders are named from where one is; what can't be restored leaves nothing there.
    drill = f"cd {tmp_path}; sh {ROOT}/deploy/restore_drill.sh {Path(kept).relative_to(tmp_path)}"
    with_it = {"BARMAN": barman, "PYTHON": f"{sys.executable} -W ignore"}
    early = run(f"{drill} restored '2001-01-01 00:00:00+00' 2>&1 || echo refused", **with_it)
    assert "name a later time" in early and early.endswith("refused\n")
    assert not restored.exists()
    told = run(f"{drill} restored '{at}'", **with_it)
    assert "All counters agree." in told
    before, after = tmp_path / "before", restored / "exports" / "restored"
    for name in ("judgments.csv", "ranking.csv"):
        assert (after / name).read_bytes() == (before / name).read_bytes()
    assert len((after / "judgments.csv").read_text().splitlines()) == 1 + 6 * 5
    # A second copy of the files is made of links.
    again = run(f"sh deploy/keep_files.sh {site}/files {tmp_path}/kept").strip()
    stored = [path for path in Path(again).rglob("*") if path.is_file()]
    assert stored and all(path.stat().st_nlink == 2 for path in stored)
    shutil.rmtree(Cluster(restored).home)
