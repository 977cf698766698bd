"""What a definition file changes: every difference in a line, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.definitions.changes import changes, picture_changes

VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"])
FLAT = st.dictionaries(st.sampled_from("abc"), VALUES.filter(lambda v: v is not None))
PHASES = st.dictionaries(st.sampled_from(["one", "two", "three"]), FLAT)


def file(top: dict[str, Any], phases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    tables = [{"slug": slug, **table} for slug, table in phases.items()]
    return top | ({"phase": tables} if tables else {})


@given(FLAT, PHASES, FLAT, PHASES)
def test_each_difference_has_its_line(
    top: dict[str, Any],
    phases: dict[str, dict[str, Any]],
    new_top: dict[str, Any],
    new_phases: dict[str, dict[str, Any]],
) -> None:
    lines = changes(file(top, phases), file(new_top, new_phases))
    expected = {f"{key}:" for key in "abc" if top.get(key) != new_top.get(key)}
    for slug in phases.keys() | new_phases.keys():
        if slug not in new_phases:
            expected.add(f"[[phase]] {slug}: dropped")
        elif slug not in phases:
            expected.add(f"[[phase]] {slug}: new")
        else:
            old, new = phases[slug], new_phases[slug]
            expected |= {f"[[phase]] {slug}: {k}:" for k in "abc" if old.get(k) != new.get(k)}
    starts = [line.partition(" -> ")[0] for line in lines]
    assert len(lines) == len(expected)
    assert all(any(start.startswith(one) for one in expected) for start in starts)


def test_values_are_said_as_the_file_has_them() -> None:
    before = {"own": False, "limits": {"cpu": 1, "wall": 2}, "text": "x" * 100}
    after = {"limits": {"cpu": 5, "wall": 2}, "own": True, "text": "two\nlines"}
    assert changes(before, after) == [
        "own: false -> true",
        "limits.cpu: 1 -> 5",
        f"text: {'x' * 57}... -> two lines",
    ]


def test_tables_without_a_slug_go_by_their_title_and_by_number() -> None:
    dates = [{"title": "Results", "at": 1}, {"title": "Results", "at": 2}]
    assert changes({"calendar": dates}, {"calendar": dates[:1]}) == [
        "[[calendar]] Results (2): dropped"
    ]
    assert changes({}, {"calendar": dates[:1]}) == ["[[calendar]] Results: new"]


def test_many_pictures_are_counted_and_the_first_named() -> None:
    names = {f"{number}.png": "x" for number in range(7)}
    assert picture_changes({"P": {}}, {"P": names}) == [
        "[[dataset]] P: 7 pictures new: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more"
    ]
    assert picture_changes({"P": names}, {"P": names | {"3.png": "y"}}) == [
        "[[dataset]] P: 1 picture changed: 3.png"
    ]


def test_questions_of_a_study_are_called_by_their_slug_or_set() -> None:
    def study(*rows: dict[str, object]) -> dict[str, object]:
        return {"study": [{"slug": "s", "questionnaire": [*rows]}]}

    before = study({"set": "display"}, {"slug": "q", "text": "Well?"})
    after = study({"set": "viewing"}, {"slug": "q", "text": "Really?"})
    assert changes(before, after) == [
        "[[study]] s: questionnaire display: dropped",
        "[[study]] s: questionnaire viewing: new",
        "[[study]] s: questionnaire q: text: Well? -> Really?",
    ]


def test_tables_below_a_study_say_what_changes_in_them() -> None:
    def study(money: int, words: str, places: int) -> dict[str, object]:
        quota = {"attribute": "language", "value": "de", "most_raters": places}
        return {
            "study": [
                {
                    "slug": "s",
                    "recruiter": [{"title": "Look", "platform": "prolific", "money_limit": money}],
                    "translations": [{"language": "de", "name": words, "consent": 80 * "Ja. "}],
                    "recruiting": {"quotas": [quota, {**quota, "value": "en"}]},
                }
            ]
        }

    assert changes(study(2000, "Was?", 1), study(1500, "Wie?", 2)) == [
        "[[study]] s: recruiter prolific: money_limit: 2000 -> 1500",
        "[[study]] s: translations de: name: Was? -> Wie?",
        "[[study]] s: recruiting.quotas language de: most_raters: 1 -> 2",
        "[[study]] s: recruiting.quotas language en: most_raters: 1 -> 2",
    ]
