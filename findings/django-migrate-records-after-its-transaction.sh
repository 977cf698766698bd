#!/usr/bin/env bash
# Django 5.2.19: migrate commits a migration and records it afterwards, as soon as it has an index or a foreign key.
#
# Behaviour  A migration is recorded within its transaction if it has no deferred SQL. One that makes an indexed column has
#            some, and then the order is BEGIN, CREATE TABLE, CREATE INDEX, COMMIT, and only then INSERT INTO
#            django_migrations, by itself. A squashed migration is recorded row by row there: each one that it replaces,
#            and itself last.
# Guessed    That "atomic" takes in the record, or that it depends on the database alone, not on an index.
# Bears on   A deployment that is stopped in between: the tables are there and the history has none or half of the rows,
#            and the next migrate fails on a table that exists, or takes up the migrations that were replaced. Let one
#            transaction hold both, or check the history before.
# Seen       2026-11-30, CPython 3.11, SQLite 3.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19
cd "$room"
mkdir -p study/migrations
touch study/__init__.py study/migrations/__init__.py
migration() { # name, replaced ones, dependencies, indexed
  cat >"study/migrations/$1.py" <<PY
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [$2]
    dependencies = [$3]
    fields = [("id", models.AutoField(primary_key=True)), ("seen", models.IntegerField(db_index=$4))]
    operations = [migrations.CreateModel("Trial$1", fields)]
PY
}
migration m1 "" "" False
migration m2 "" "('study', 'm1')" True
migration m5 "('study', 'm3'), ('study', 'm4')" "('study', 'm2')" True
"$room/venv/bin/python" - <<'PY'
import logging
from importlib.metadata import version

import django
from django.conf import settings

print("django", version("django"))
settings.configure(
    DEBUG=True,
    INSTALLED_APPS=["study"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}},
    LOGGING_CONFIG=None,
)
django.setup()
from django.core.management import call_command

said: list[str] = []


class Kept(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "django.db.backends":
            return
        sql = getattr(record, "sql", "") or ""
        first = " ".join(sql.split()[:2]).rstrip(";")
        if first in ("BEGIN", "COMMIT", "CREATE TABLE", "CREATE INDEX"):
            said.append(first)
        if first == "INSERT INTO" and "django_migrations" in sql:
            said.append("record " + str(record.params[1]))


def order(name: str) -> list[str]:
    said.clear()
    call_command("migrate", "study", name, verbosity=0)
    print(name, said)
    return list(said)


logging.getLogger("django.db.backends").addHandler(Kept())
logging.getLogger("django.db.backends").setLevel(logging.DEBUG)
logging.getLogger("django.db.backends").propagate = False
plain, indexed, squashed = order("m1"), order("m2"), order("m5")
assert plain[-2:] == ["record m1", "COMMIT"]
assert indexed[-2:] == ["COMMIT", "record m2"], "the record is in the transaction now"
assert squashed[-4:] == ["COMMIT", "record m3", "record m4", "record m5"], "a squash is recorded as one now"
print("seen: recorded after the commit")
PY
