from __future__ import annotations

import math

import msgspec
import pytest

from tenere.track import multi


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lifetime_s", 0.0),
        ("gate", math.nan),
        ("prune_weight", 0.0),
        ("report_existence", 1.0),
        ("births_km2_s", -1.0),
        ("drift_m2s3", math.inf),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        multi.MultiConfig(**{name: value})


def test_an_area_without_extent_is_refused():
    with pytest.raises(ValueError, match="std_m"):
        multi.BirthArea(std_m=0.0)


def test_settings_come_from_a_table():
    config = msgspec.convert({"max_hypotheses": 50, "areas": [{"x_m": 5.0, "per_s": 0.01}]}, multi.MultiConfig)
    assert config.areas[0].x_m == 5.0
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"gate": -1.0}, multi.MultiConfig)
