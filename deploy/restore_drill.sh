#!/bin/sh
# Restores the site as it was a minute ago, or at TIME, into an empty folder, and checks it there:
#
#     sh deploy/restore_drill.sh FILES FOLDER ["2026-12-01 12:00:00+00"]
#
# FILES is a folder that keep_files.sh has made since. The running site is left alone. Afterwards
# FOLDER is a data directory (RATINGS_DATA_DIR), with the database in postgres/cluster.
set -eu
if [ $# -lt 2 ]; then
    echo 'Usage: sh deploy/restore_drill.sh FILES FOLDER ["YYYY-MM-DD HH:MM:SS+00"]' >&2
    exit 2
fi
files=$1 folder=$2 at=${3:-$(date --utc --date='1 minute ago' '+%F %T+00')}
: "${BARMAN:=barman}" "${PYTHON:=.venv/bin/python}" "${PGUSER:=ratings}" "${PGDATABASE:=ratings}"
cd "$(dirname "$0")/.."
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "$folder is not empty: name a new folder." >&2
    exit 1
fi
mkdir -p "$folder"

# As the embedded Postgres has it: where its programs are, where a data directory has its database,
# and, for root, who runs it. For a server of another version set POSTGRES_BIN.
as_embedded() {
    $PYTHON -c "from pathlib import Path; from ratings.database.cluster import Cluster
print(Cluster(Path('$folder').resolve()).$1 or '')"
}
: "${POSTGRES_BIN:=$(as_embedded binaries)}"
home=$(as_embedded home) user=$(as_embedded user)
as_server() {
    if [ -z "$user" ]; then "$@"; else
        setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
    fi
}

echo "Restoring to $at"
cluster=$home/cluster
mkdir -p "$home"
$BARMAN switch-wal --force --archive ratings
$BARMAN check-backup ratings latest
$BARMAN recover --target-time "$at" --target-action promote ratings latest "$cluster"
cp -a "$files" "$folder/files"

# Whoever may enter the socket's folder may enter the database, as in the embedded one.
socket=$(mktemp -d /tmp/restored.XXXXXX)
echo "local all all trust" > "$cluster/pg_hba.conf"
touch "$cluster/postgresql.conf" # Debian keeps its own elsewhere
if [ -n "$user" ]; then chown -R "$user" "$home/" "$socket"; fi
chmod 700 "$home" "$cluster"
stop() {
    (cd "$socket" && as_server "$POSTGRES_BIN/pg_ctl" stop --silent --mode=fast --pgdata="$cluster") || true
    rm -rf "$socket"
}
trap stop EXIT
(cd "$socket" && as_server "$POSTGRES_BIN/pg_ctl" start --wait --silent --timeout=3600 \
    --pgdata="$cluster" --log="$home/server.log" \
    --options="-c listen_addresses= -c unix_socket_directories=$socket -c hot_standby=off")

unset RATINGS_FILES_URL # of the running site
export RATINGS_DATA_DIR="$folder"
DATABASE_URL="postgres://$PGUSER@$(printf %s "$socket" | sed 's|/|%2F|g')/$PGDATABASE"
export DATABASE_URL
$PYTHON manage.py migrate --check
$PYTHON manage.py rebuild_counts
$PYTHON manage.py files --dry-run
# Each ranking is fitted anew to the restored judgments, and by another implementation beside.
studies=$("$POSTGRES_BIN/psql" -XAt -h "$socket" -U "$PGUSER" -c 'SELECT slug FROM ratings_study' "$PGDATABASE")
for study in $studies; do
    $PYTHON manage.py export_study "$study" "$folder/exports/$study"
done
echo "Restored to $at in $folder: counters agree, no file is missing, rankings are in exports/."
