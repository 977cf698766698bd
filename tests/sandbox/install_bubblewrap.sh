#!/bin/sh
# Makes sure that bubblewrap is there for the sandbox: Debian's, installed where that is possible.
set -eu
if command -v bwrap >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing bubblewrap for the sandbox"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends bubblewrap >/dev/null
    exit 0
fi
echo "The sandbox needs bubblewrap: install it (package 'bubblewrap'), then run make test again." >&2
exit 1
