"""Every word of the rating page is translated, and what is compiled is what is kept."""

import re

import pytest
from django.utils import translation

from frontend import messages

BRACED = re.compile(r"\{\w+\}|%\(\w+\)s|<[^>]+>")


@pytest.mark.parametrize("language", messages.languages())
def test_every_word_is_translated_and_no_other_one_is_kept(language: str) -> None:
    words = messages.update(language)
    assert messages.missing(words) == []
    assert messages.po_path(language).read_bytes() == messages.written(words), (
        "The words have changed: run `python -m frontend.messages`."
    )


@pytest.mark.parametrize("language", messages.languages())
def test_what_is_compiled_is_up_to_date(language: str) -> None:
    compiled = messages.po_path(language).with_suffix(".mo").read_bytes()
    assert compiled == messages.compiled(messages.update(language))


@pytest.mark.parametrize("language", messages.languages())
def test_translations_keep_what_is_filled_in_and_marked_up(language: str) -> None:
    for message in messages.update(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for one, text in zip(ids, texts, strict=True):
            if one:
                assert sorted(BRACED.findall(str(one))) == sorted(BRACED.findall(str(text)))


def test_words_are_found_in_templates_and_code_alike() -> None:
    collected = messages.collect()
    assert "Undo the last answer" in collected
    assert "This study is closed" in collected
    plural = next(message for message in collected if isinstance(message.id, tuple))
    assert "%(" in plural.id[0]


def test_a_word_without_translation_is_named() -> None:
    words = messages.Words(locale="de")
    words.add("one", "eins")
    words.add(("a page", "pages"), ("eine Seite", ""))
    words.add("two", "")
    assert messages.missing(words) == ["('a page', 'pages')", "two"]


def test_german_is_spoken_where_it_is_chosen() -> None:
    with translation.override("de"):
        assert translation.gettext("Undo the last answer") == "Die letzte Antwort zurücknehmen"
