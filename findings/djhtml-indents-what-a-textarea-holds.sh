#!/usr/bin/env bash
# djhtml 3.0.11: indenting a template changes the value of a textarea, and the text that a translation is found by.
#
# Behaviour  Lines within <textarea> and within {% blocktranslate %} without `trimmed` are indented as tags are, so that
#            a field begins with blanks that nobody wrote, and gettext looks for a text that no catalogue has.
#            Of <pre> the lines stay as they are.
# Guessed    That an indenter leaves alone all in which white space counts, as it does <pre>.
# Bears on   Choosing a formatter for Django templates: djangofmt 1.1.0 and djlint 1.54.0 leave both alone.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check djhtml==3.0.11 django==5.2.19
cat >"$room/page.html" <<'HTML'
{% load i18n %}
<div>
  <pre>
{{ value }}
</pre>
  <textarea>
{{ value }}
</textarea>
  <p>
{% blocktranslate %}One
two{% endblocktranslate %}
  </p>
</div>
HTML
cp "$room/page.html" "$room/before.html"
"$room/venv/bin/djhtml" --tabwidth 2 "$room/page.html" || true
"$room/venv/bin/python" - "$room" <<'PY'
import re
import sys
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

settings.configure(USE_I18N=True)
from django.utils.translation.template import templatize

print("djhtml", version("djhtml"))
room = Path(sys.argv[1])
pages = [(room / name).read_text() for name in ("before.html", "page.html")]


def held(tag: str) -> list[str]:
    return [re.search(rf"<{tag}>\n(.*?)</{tag}>", page, re.DOTALL)[1] for page in pages]


words = [re.search(r"gettext\(u?'(.*?)'\)|_\((?:u)?'(.*?)'\)", templatize(page)).group(0) for page in pages]
for name, (before, after) in {"pre": held("pre"), "textarea": held("textarea"), "words": words}.items():
    print(f"{name}: {before!r} becomes {after!r}")
assert held("pre")[0] == held("pre")[1]
assert held("textarea")[0] != held("textarea")[1], "what a textarea holds stays now"
assert words[0] != words[1], "what is translated stays now"
print("seen: a field's value and the text of a translation are indented")
PY
