"""Two pictures against each other, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from score_scene import rows

from tenere.estimate import compare as module
from tenere.estimate.compare import compare
from tenere.estimate.paths import ordered, paths
from tenere.estimate.steps import ScoreConfig, grid, span_of

T = np.arange(0.0, 80.0, 4.0)
FAR = 50e3


@pytest.fixture(params=[1 << 18, 3], autouse=True)
def kept(request, monkeypatch):
    """Have pairs summed in one go, and a little at a time."""
    monkeypatch.setattr(module, "KEPT_KEYS", request.param)


def compared(a, b):
    a, b = ordered(a)[0], ordered(b)[0]
    return compare(paths(a, 30.0), b, grid(span_of(a), b, ScoreConfig()), ScoreConfig())


def test_which_correspond_and_what_is_only_in_one():
    a = rows((0, T, 200 * T, 0), (1, T, 200 * T, FAR))
    b = rows((3, T, 200 * T + 30, 40), (4, T, 200 * T, -FAR))
    got = compared(a, b)
    (p,) = got.pairs()
    assert (p.a, p.b, p.steps, p.from_s, p.until_s) == (0, 3, 20, 0.0, 76.0)
    assert (p.rms_horizontal_m, p.mean_east_m, p.mean_north_m) == pytest.approx((50, 30, 40))
    assert math.isnan(p.mean_vertical_m)
    r = got.result()
    assert r["a"] == {"tracks": 2, "track_s": 160.0, "shared": 0.5, "tracks_alone": 1}
    assert r["b"] == {"tracks": 2, "track_s": 160.0, "shared": 0.5, "tracks_alone": 1}
    assert (r["together_s"], r["beside_s"]) == (80.0, 0.0)


def test_a_track_in_two_pieces_makes_two_pairs():
    first, then = T[:8], T[8:]
    got = compared(rows((0, T, 200 * T, 0), z=100), rows((0, first, 200 * first, 0), (1, then, 200 * then, 10), z=130)).pairs()
    assert [(p.b, p.steps, p.from_s, p.until_s) for p in got] == [(0, 8, 0.0, 28.0), (1, 12, 32.0, 76.0)]
    assert [p.mean_vertical_m for p in got] == [30.0, 30.0]


def test_differences_of_velocity_and_course():
    a = rows((0, T, 200 * T, 0))
    r = compared(a, a._replace(vx_ms=0 * T, vy_ms=0 * T + 200)).result()["differences"]
    assert r["velocity"]["rms_ms"] == pytest.approx(200 * math.sqrt(2))
    assert r["heading"]["mean_rad"] == pytest.approx(-math.pi / 2)
    assert r["horizontal"]["max_m"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("a", "b", "word"), [(7, 7, "same"), (7, 8, "different"), (7, -1, "only_a"), (-1, 8, "only_b"), (-1, -1, "none")])
def test_addresses(a, b, word):
    r = compared(rows((0, T, 200 * T, 0), address=a), rows((0, T, 200 * T, 0), address=b)).result()
    assert {k for k, v in r["identity_s"].items() if v} == {word}
    assert r["identity_s"][word] == 80.0


def test_a_second_track_of_b_stands_beside():
    r = compared(rows((0, T, 200 * T, 0)), rows((0, T, 200 * T, 0), (1, T, 200 * T, 300))).result()
    assert (r["together_s"], r["beside_s"]) == (80.0, 80.0)
    assert r["b"]["shared"] == 0.5
