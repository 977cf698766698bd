#!/usr/bin/env bash
# procrastinate 3.10.0: what is set on its Django app is read back from it, and no worker sees it.
#
# Behaviour  procrastinate.contrib.django.app passes reads on to the app that the configuration made, and has no such rule
#            for writes. app.periodic_registry = another one, or app.job_manager, stays on the object that was imported:
#            it reads back as set, and the app that workers, commands and tasks use has its own. No error is raised.
# Guessed    That it is the app, as its type says to tools and its repr to people, or that setting is refused.
# Bears on   Tests and settings that swap a registry or a connector: periodic jobs that were taken out still run. Set it on
#            procrastinate_app.current_app, or use replace_connector, which reaches the app behind.
# Seen       2026-11-30, CPython 3.11, Django 5.2.19.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  django==5.2.19 "procrastinate[django]==3.10.0" psycopg-binary==3.3.9
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import django
from django.conf import settings

print("procrastinate", version("procrastinate"), "django", version("django"))
settings.configure(
    INSTALLED_APPS=["procrastinate.contrib.django"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "never_opened"}},
)
django.setup()

from procrastinate.contrib.django import app, procrastinate_app
from procrastinate.periodic import PeriodicRegistry


@app.periodic(cron="0 * * * *")
@app.task(name="hourly")
def hourly(timestamp: int) -> None:
    pass


real = procrastinate_app.current_app
print("repr of the two:", type(app).__name__, repr(app) == repr(real))
assert app.periodic_registry is real.periodic_registry
print("periodic tasks of the app:", len(real.periodic_registry.periodic_tasks))
app.periodic_registry = PeriodicRegistry()
mine, theirs = (len(each.periodic_registry.periodic_tasks) for each in (app, real))
print("after setting an empty registry: imported", mine, "in use", theirs)
assert (mine, theirs) == (0, 1), "setting reaches the app now"
assert hourly.blueprint is real, "tasks hang on the imported object now"
print("seen: it keeps what is set to itself")
PY
