"""The protocol as JSON and back."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ratings.comparisons.models import Study
from ratings.comparisons.protocol import (
    UNKNOWN,
    Checks,
    Layout,
    Platform,
    Protocol,
    Recruiting,
    Screening,
    SmallWindow,
    Training,
    Translation,
)


def test_json_gives_every_value_back() -> None:
    protocol = Protocol(
        layout=Layout.AGAINST,
        enlarge=2,
        small_window=SmallWindow.REFUSE,
        break_every=30,
        languages=("en", "de"),
        translations=(Translation("de", "Studie", "Welche?", "Ja."),),
        training=Training(trials=3, right=2, attempts=1),
        checks=Checks(golden=0.2, repeats=0.05, repeat_gap=20, identical=0.01),
        screening=Screening(quality=1.1, drop_unflipped=False),
        recruiting=Recruiting(
            open=False,
            most_raters=100,
            platforms=(Platform("prolific", completion_code="C1"), Platform("lab", most_raters=9)),
        ),
    )
    stored = json.loads(json.dumps(protocol.as_json()))
    assert Protocol.from_json(stored) == protocol


def test_what_is_not_stored_has_its_default() -> None:
    assert Protocol.from_json({}) == Protocol()
    assert Protocol.from_json({"checks": {"golden": 0.3}}).checks == Checks(golden=0.3)


def test_a_study_parses_its_protocol_once_and_again_where_it_has_changed() -> None:
    study = Study(protocol_json={"enlarge": 2})
    parsed = study.protocol
    assert parsed == Protocol(enlarge=2)
    assert study.protocol is parsed
    study.protocol_json["enlarge"] = 3  # within the stored value
    assert study.protocol == Protocol(enlarge=3)
    study.protocol_json = {}
    assert study.protocol == Protocol() == Study().protocol


ANSWERS = st.tuples(st.integers(0, 5000), st.integers(UNKNOWN, 5))


@given(told=st.lists(ANSWERS), layout=st.sampled_from(Layout))
def test_fast_is_the_same_for_one_answer_and_for_many(
    told: list[tuple[int, int]], layout: Layout
) -> None:
    protocol = Protocol(layout=layout)
    response_ms, flips = np.array(told, np.int64).reshape(-1, 2).T
    each = [protocol.is_fast(*one) for one in told]
    assert protocol.is_fast(response_ms, flips).tolist() == each
    assert all(type(one) is bool for one in each)
