#!/bin/sh
# Keeps the site's files as they are now, in a folder named by the time:
#
#     sh deploy/keep_files.sh RATINGS_DATA_DIR/files BACKUPS
#
# Stored files never change, so what an earlier folder has is a hard link into it, and costs nothing.
# Folders that are too old may simply be removed.
set -eu
if [ $# != 2 ]; then
    echo "Usage: sh deploy/keep_files.sh FILES BACKUPS" >&2
    exit 2
fi
mkdir -p "$2"
backups=$(cd "$2" && pwd)
latest=$(find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20*Z' | sort | tail -n 1)
now=$backups/$(date --utc +%Y-%m-%dT%H%M%SZ)
# Named when it is whole. Left out is what can be made again, and what is not stored yet.
rsync --archive ${latest:+--link-dest="$latest"} \
    --exclude=/incoming/ --exclude=/decoding/ --exclude=/copies/ --exclude=/previews/ \
    --exclude=/tiles/ "$1/" "$now.part/"
mv "$now.part" "$now"
echo "$now"
