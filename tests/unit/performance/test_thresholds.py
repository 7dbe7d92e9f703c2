"""The table of limits, a user's own, and what is judged by them."""

from __future__ import annotations

import importlib.resources
import math
import tomllib
import typing

import numpy as np
import pytest
from air import Air, facts, radar

from tenere import performance
from tenere.errors import UsageError
from tenere.performance import Threshold, Thresholds, thresholds
from tenere.performance.thresholds import judge, merged, parse

PACKED = importlib.resources.files("tenere.performance") / "thresholds.toml"
TABLE = parse(tomllib.loads(PACKED.read_text(encoding="utf-8")), "thresholds.toml")


@pytest.fixture(scope="module")
def found():
    return performance.report(radar(Air(60), 200, detection=0.99, plots=lambda _k, t, rows: {"receive_s": t - 0.1 + 0 * rows}))


def judged(found, **row):
    base = {"id": "x", "metric": "update", "groups": ("ssr",), "source": "a test"}
    (result,) = judge(found, Thresholds(threshold=(Threshold(**{**base, **row}),)))
    return result


def test_the_table_of_the_package_reads_and_every_row_has_its_source():
    assert len(TABLE.threshold) > 30
    for t in TABLE.threshold:
        assert t.source
        assert t.groups
        if t.at_least is None and t.at_most is None:
            assert t.source.endswith("text not at hand"), t.id
        else:
            assert "(by COMPASS)" in t.source or "(quoted)" in t.source, f"{t.id}: where was the limit read?"
            assert "text not at hand" not in t.source


def test_every_document_asked_for_is_in_the_table():
    sources = " ".join(t.source for t in TABLE.threshold)
    for document in ("ED-142", "ED-116", "ED-117", "ED-129", "EUROCONTROL-SPEC-147"):
        assert document in sources
    assert {g for t in TABLE.threshold for g in t.groups} >= {"mlat_wide", "smr", "mlat_airport", "adsb", "picture", "ssr", "psr"}
    assert {g for t in TABLE.threshold for g in t.groups} <= set(typing.get_args(thresholds.Group))


def test_every_figure_named_in_the_table_can_be_found(found):
    known = {*found.sensors[0].shares, *found.sensors[0].values, "update_in", "gaps_over", "false_tracks"}
    for t in TABLE.threshold:
        assert t.metric in known or t.metric.startswith("truth_"), t.metric


def test_shares_are_judged_by_their_interval(found):
    share = found.sensors[0].shares["update"]
    assert judged(found, at_least=0.95).verdict == "pass"
    assert judged(found, at_least=0.9999).verdict == "fail"
    unsure = judged(found, at_least=share.value)
    assert unsure.verdict == "not judged"
    assert "holds the limit" in unsure.why
    assert judged(found, metric="false", at_most=0.01).verdict == "pass"
    assert judged(found, metric="update_in", seconds=1.0, at_least=0.9).verdict == "fail"
    assert judged(found, metric="gaps_over", seconds=16.4, at_most=0.01).verdict == "pass"


def test_why_something_is_not_judged(found):
    assert "no limit" in judged(found).why
    assert "too few samples" in judged(found, at_least=0.5, fewest=10**9).why
    assert "tenere score" in judged(found, metric="truth_position_rms_m", at_most=5.0).why
    assert "not measured" in judged(found, metric="nonsense", at_most=5.0).why
    silent = performance.report(radar(Air(20), 50))
    assert "when plots arrived" in judged(silent, metric="delay_95_s", at_most=1.0).why
    assert judged(found, metric="delay_95_s", at_most=1.0, unit="s").verdict == "pass"


def test_a_residual_is_no_verdict_where_the_noise_is_within_the_limit(found):
    noise, residual = (found.sensors[0].values[n] for n in ("noise_95_m", "position_95_m"))
    assert judged(found, metric="position_95_m", at_most=0.5 * noise, unit="m").verdict == "fail"
    assert judged(found, metric="position_95_m", at_most=2.0 * residual, unit="m").verdict == "pass"
    sensor = found.sensors[0]
    lagging = found._replace(sensors=(sensor._replace(values={**sensor.values, "position_95_m": 10.0 * noise}),))
    between = judged(lagging, metric="position_95_m", at_most=2.0 * noise, unit="m")
    assert between.verdict == "not judged"
    assert "needs the truth" in between.why


def test_only_what_applies_is_judged(found):
    assert {r.sensor for r in judge(found, TABLE)} == {"R1", "picture"}
    assert all(r.id.startswith("radar97-ssr") for r in judge(found, TABLE) if r.sensor == "R1")
    other = merged(TABLE, {"group": {"R1": "psr"}}, "f")
    assert all(r.id.startswith("radar97-psr") for r in judge(found, other) if r.sensor == "R1")
    fewer = merged(TABLE, {"drop": ["radar97-ssr-update"]}, "f")
    assert "radar97-ssr-update" not in {r.id for r in judge(found, fewer)}


def test_a_users_file_changes_and_adds_rows(found):
    own = tomllib.loads("""
[[threshold]]
id = "radar97-ssr-update"
at_most = 0.5
source = "our contract, 4.2"

[[threshold]]
id = "ours"
metric = "split"
groups = ["ssr"]
at_most = 0.002
""")
    table = merged(TABLE, own, "limits.toml")
    rows = {r.id: r for r in judge(found, table)}
    assert rows["radar97-ssr-update"].verdict == "fail"
    assert rows["radar97-ssr-update"].limit == "at most 0.5"
    assert rows["radar97-ssr-update"].source == "our contract, 4.2"
    assert rows["ours"].verdict == "pass"
    assert len(table.threshold) == len(TABLE.threshold) + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("threshold = 5", "[[threshold]]"),
        ("threshold = [5]", "[[threshold]]"),
        ("[[threshold]]\nat_most = 1", "has no id"),
        ('[[threshold]]\nid = "new"', "no threshold has this id"),
        ('[[threshold]]\nid = "ed116-update"\nat_lest = 1', "at_lest"),
        ('[[threshold]]\nid = "ed116-update"\nat_least = "much"', "at_least"),
        ('[[threshold]]\nid = "ed116-update"\nat_least = nan', "gives no number"),
        ('[[threshold]]\nid = "ed116-update"\nat_least = inf', "not a number"),
        ('[[threshold]]\nid = "ed116-update"\nat_least = 0.5\nat_most = 0.9', "not both"),
        ('[[threshold]]\nid = "ed116-update"\nseconds = -1', "needs seconds"),
        ('[[threshold]]\nid = "n"\nmetric = "update"\ngroups = ["balloon"]\nat_least = 1', "balloon"),
        ('[group]\nR1 = "balloon"', "balloon"),
        ("group = 3", "group"),
        ('drop = ["nothing"]', "nothing"),
        ("wrong = 1", "wrong"),
    ],
)
def test_what_is_wrong_in_a_file_is_told(text, words):
    with pytest.raises(UsageError, match=r"limits\.toml") as told:
        merged(TABLE, tomllib.loads(text), "limits.toml")
    assert words in str(told.value)


def test_two_rows_of_one_name_are_refused():
    row = {"id": "a", "metric": "update", "groups": ["ssr"]}
    with pytest.raises(UsageError, match="two thresholds"):
        parse({"threshold": [row, row]}, "f")


def test_nothing_found_is_not_judged():
    results = judge(performance.report(performance.init()), TABLE)
    assert {r.verdict for r in results} == {"not judged"}
    assert all(math.isnan(r.value) for r in results)


def test_a_multilateration_is_an_airports_or_wide():
    def mlat(reach):
        air = Air(20, reach_m=reach)
        air.speed *= 0.01
        made = radar(
            air, 60, detection=1.0, sensor=facts("M", "mlat", frame=-1), plots=lambda _k, _t, rows: {"kind": np.full(len(rows), 7)}
        )
        return performance.report(made).sensors[0].group

    assert mlat(5e3) == "mlat_airport"
    assert mlat(200e3) == "mlat_wide"


def test_what_a_document_counts_more_kindly_is_failed_by_none(found):
    assert judged(found, at_least=0.95, one_way=True).verdict == "pass"
    unkept = judged(found, at_least=0.9999, one_way=True, scope="counted otherwise")
    assert unkept.verdict == "not judged"
    assert "counted otherwise" in unkept.why
