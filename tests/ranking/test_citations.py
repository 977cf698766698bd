"""Citations as other software reads them: BibTeX by pybtex, the Citation File Format as YAML."""

import json
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import Entry, parse_string

from ratings.ranking.frozen.citations import Citation, bibtex, cff, citation_line, dataset_json

TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).filter(
    str.strip
)


def cited(**fields: object) -> Citation:
    known = {
        "key": "small-0123456789ab",
        "title": "Small: Test, Finals",
        "authors": ["Jane Doe", "ETH Zürich"],
        "published": date(2026, 5, 1),
        "url": "https://x.example/small/rankings/0123/",
        "version": "0123456789ab",
    }
    return Citation(**(known | fields))  # type: ignore[arg-type]


def entry(text: str) -> Entry:
    (found,) = parse_string(text, "bibtex").entries.values()
    return found


def test_bibtex_is_read_as_it_was_meant() -> None:
    read = entry(bibtex(cited(doi="10.5281/zenodo.1_2", license="CC-BY-4.0")))
    assert read.type == "misc" and read.key == "small-0123456789ab"
    assert dict(read.fields) == {
        "title": "{Small: Test, Finals}",
        "year": "2026",
        "month": "5",
        "version": "0123456789ab",
        "doi": "10.5281/zenodo.1_2",
        "url": "https://x.example/small/rankings/0123/",
        "note": "Licence: CC-BY-4.0",
    }
    assert list(map(str, read.persons["author"])) == ["{Jane Doe}", "{ETH Zürich}"]


@given(TEXTS, TEXTS)
def test_no_name_breaks_bibtex(title: str, author: str) -> None:
    read = entry(bibtex(cited(title=title, authors=[author, "and and"])))
    assert read.fields["year"] == "2026" and len(read.persons["author"]) == 2
    for value in (read.fields["title"], str(read.persons["author"][0])):
        assert value.startswith("{") and value.endswith("}")


@pytest.mark.parametrize(("mark", "set"), [("&", r"\&"), ("{", r"\textbraceleft{}"), ("_", r"\_")])
def test_what_tex_would_take_for_a_command_is_escaped(mark: str, set: str) -> None:
    assert entry(bibtex(cited(title=f"A {mark} B"))).fields["title"] == f"{{A {set} B}}"


@given(TEXTS, TEXTS)
def test_a_cff_says_the_same(title: str, author: str) -> None:
    read = yaml.safe_load(cff(cited(title=title, authors=[author], license="CC-BY-4.0")))
    assert read["cff-version"] == "1.2.0" and read["type"] == "dataset"
    assert read["title"] == title and read["authors"] == [{"name": author}]
    assert read["date-released"] == date(2026, 5, 1) and read["license"] == "CC-BY-4.0"
    assert "doi" not in read


def test_a_cff_takes_no_licence_of_one_s_own() -> None:
    assert "license" not in yaml.safe_load(cff(cited(license="LicenseRef-Unsplash")))


def test_the_line_names_authors_year_title_version_and_address() -> None:
    line = citation_line(cited(authors=["Doe, J.", "B", "C"]))
    assert line == (
        "Doe, J., B, & C. (2026). Small: Test, Finals (Version 0123456789ab) [Data set]. "
        "https://x.example/small/rankings/0123/"
    )
    whole = cited(version="", doi="10.5281/zenodo.1", authors=["Jane Doe"])
    assert citation_line(whole).endswith("Finals [Data set]. https://doi.org/10.5281/zenodo.1")
    many = citation_line(cited(authors=[f"A{n}" for n in range(25)]))
    assert "A18, . . . A24. (2026)" in many


@given(TEXTS)
def test_a_data_set_in_a_script_ends_no_script(title: str) -> None:
    text = dataset_json(cited(title=f"</script>{title}"), "About", {"keywords": ["<!--"]})
    assert "<" not in text and json.loads(text)["name"] == f"</script>{title}"
    assert "license" not in json.loads(text)
