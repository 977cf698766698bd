#!/usr/bin/env bash
# cffconvert 2.0.0: a citation file of type dataset becomes SoftwareSourceCode in schema.org and CodeMeta.
#
# Behaviour  A valid CITATION.cff with type: dataset is converted to JSON-LD of @type SoftwareSourceCode; the type is
#            not read. An unquoted version of 1.10, which the format's schema allows as a number, comes out as the
#            number 1.1.
# Guessed    That schema.org's Dataset is written, as the type field is there for it.
# Bears on   Data sets published with a CITATION.cff: search engines for data sets list Dataset only. Quote versions.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check cffconvert==2.0.0
"$room/venv/bin/python" - <<'PY'
import json
from importlib.metadata import version

from cffconvert import Citation

print("cffconvert", version("cffconvert"))
WORDS = '''cff-version: 1.2.0
message: Please cite this set.
title: Judged pictures
type: dataset
version: {number}
authors:
  - name: A working group
'''


def tried(number: str) -> dict[str, object]:
    citation = Citation(WORDS.format(number=number))
    citation.validate()
    got = json.loads(citation.as_schemaorg())
    print(f"version {number}:", {key: got[key] for key in ("@type", "version")})
    assert json.loads(citation.as_codemeta())["@type"] == got["@type"]
    return got


assert tried("1.10") == tried("1.10") | {"@type": "SoftwareSourceCode", "version": 1.1}, "the type is read now"
assert tried('"1.10"')["version"] == "1.10"
print("seen: a data set becomes source code")
PY
