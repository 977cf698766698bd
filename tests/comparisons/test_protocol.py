"""The protocol as JSON and back."""

import json

from ratings.comparisons.protocol import (
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
