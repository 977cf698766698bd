#!/bin/sh
# Lets the tests of containers run too, where Debian's podman can be installed; else they are skipped.
set -eu
if command -v podman >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing podman for the tests of containers"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends podman runc >/dev/null
fi
