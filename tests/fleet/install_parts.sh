#!/bin/sh
# The programs that a fleet takes beside the site's own: Debian's.
set -eu
missing=
command -v faketime >/dev/null 2>&1 || missing="$missing faketime"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
[ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || missing="$missing postgresql"
if [ -z "$missing" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the fleet"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    exit 0
fi
echo "A fleet needs$missing: install it, then run make fleet again." >&2
exit 1
