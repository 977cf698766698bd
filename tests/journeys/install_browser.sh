#!/bin/sh
# Makes sure that a Chromium is there for the journeys: Debian's without windows, which takes much
# less time, where that can be installed, or any other. Firefox is installed beside it where it can
# be: its journeys are skipped without.
set -eu

is_there() {
    for name in "$@"; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

install() {
    apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "$1" fonts-dejavu-core
} >/dev/null

may_install() { [ "$(id -u)" = 0 ] && is_there apt-get; }

if ! is_there firefox-esr firefox && may_install; then
    echo "Installing Firefox for the journeys"
    install firefox-esr || echo "Its journeys are skipped."
fi
if is_there chromium-headless-shell; then exit 0; fi
if may_install; then
    echo "Installing Chromium for the journeys"
    if install chromium-headless-shell; then exit 0; fi
    if ! is_there chromium chromium-browser google-chrome; then install chromium; fi
fi
if is_there chromium chromium-browser google-chrome; then exit 0; fi
echo "The journeys need Chromium: install it (package 'chromium'), then run make test again." >&2
exit 1
