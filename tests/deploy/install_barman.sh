#!/bin/sh
# Lets the test of the backup run too, where Debian's barman can be installed; else it is skipped.
set -eu
if command -v barman >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing barman for the test of the backup"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends barman >/dev/null
fi
