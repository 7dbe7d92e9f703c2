"""Scores of small pictures, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from score_scene import reports, rows, told

from tenere.estimate.score import LEAST_LIFE_STEPS
from tenere.estimate.steps import Grid, ScoreConfig, grid, own_step_s, span_of

T = np.arange(0.0, 80.0, 4.0)  # 20 steps
FAR = 50e3


def test_the_truth_against_itself_is_perfect():
    truth = rows((0, T, 200 * T, 0), (1, T, -200 * T, FAR), cov=(100, 0, 100), z=9000, address=5, vx_ms=np.repeat((200, -200), 20), vy_ms=0)
    got = told(truth, truth)
    r = got.result()
    assert (r["steps"], r["step_s"], r["aircraft"], r["tracks"]) == (20, 4.0, 2, 2)
    assert r["gospa"][0]["gospa_m"] == 0.0
    assert (r["siap"]["completeness"], r["siap"]["ambiguity"], r["siap"]["spuriousness"]) == (1.0, 1.0, 0.0)
    assert (r["siap"]["longest_track_segment"], r["siap"]["number_changes_an_hour"]) == (1.0, 0.0)
    assert (r["siap"]["id_completeness"], r["siap"]["id_correctness"]) == (1.0, 1.0)
    assert (r["continuity"]["purity"], r["continuity"]["gaps"], r["continuity"]["segments"]) == (1.0, 0, 2)
    assert r["initiation"] == {"p50_s": 0.0, "p95_s": 0.0, "never": 0}
    for name in ("horizontal", "along", "cross", "vertical", "velocity", "heading"):
        assert [v for k, v in r["errors"][name].items() if k.startswith("rms")] == [0.0]
    assert (r["errors"]["containment"]["inside_95"], r["errors"]["pairs"]) == (1.0, 40)


def test_one_missed_and_one_false():
    truth = rows((0, T, 200 * T, 0), (1, T, 200 * T, FAR))
    tracks = rows((0, T, 200 * T + 300, 400), (1, T, 200 * T, -FAR))
    got = told(truth, tracks)
    r = got.result()
    g = r["gospa"][0]
    assert g["gospa_m"] == pytest.approx(math.sqrt(500**2 + 1000**2))  # one pair 500 m apart, c^2 / 2 for each of the others
    assert (g["localisation_m"], g["missed_m"], g["false_m"]) == pytest.approx((500, math.sqrt(0.5e6), math.sqrt(0.5e6)))
    assert (r["siap"]["completeness"], r["siap"]["spuriousness"], r["continuity"]["false_tracks"]) == (0.5, 0.5, 1)
    e = r["errors"]
    assert (e["horizontal"]["rms_m"], e["along"]["mean_m"], e["cross"]["mean_m"]) == pytest.approx((500, 300, -400))  # it flies east
    assert (e["east"]["mean_m"], e["north"]["mean_m"]) == pytest.approx((300, 400))
    assert r["initiation"]["never"] == 1
    assert r["initiation"]["p95_s"] == math.inf
    rows_, lone = got.aircraft(), got.tracks()[1]
    assert [(a["completeness"], a["track"]) for a in rows_] == [(1.0, 0), (0.0, -1)]
    assert (lone["aircraft"], lone["alone_s"], lone["life_s"]) == (-1, 80.0, 80.0)


def test_several_cut_offs_and_another_order():
    truth, tracks = rows((0, T, 200 * T, 0)), rows((0, T, 200 * T, 3000))
    one, five = told(truth, tracks, cuts_m=(1000.0, 5000.0), order=1.0).result()["gospa"]
    assert (one["gospa_m"], one["missed_a_step"]) == (pytest.approx(1000.0), 1.0)  # two lone ones at c / 2
    assert (five["gospa_m"], five["missed_a_step"]) == (pytest.approx(3000.0), 0.0)


def test_two_that_swap_numbers():
    y = np.where(T < 40, 0.0, FAR)
    truth = rows((0, T, 200 * T, 0), (1, T, 200 * T, FAR))
    r = told(truth, rows((0, T, 200 * T, y), (1, T, 200 * T, FAR - y))).result()
    assert (r["continuity"]["switches"], r["continuity"]["purity"], r["siap"]["completeness"]) == (2, 0.5, 1.0)
    assert r["siap"]["longest_track_segment"] == 0.5
    assert r["siap"]["number_changes_an_hour"] == pytest.approx(2 / 160 * 3600)
    assert r["gospa"][0]["gospa_m"] == pytest.approx(0.0)  # it sees no numbers


def test_aircraft_side_by_side_keep_their_tracks_though_the_others_are_nearer_for_a_moment():
    truth = rows((0, T, 200 * T, 0), (1, T, 200 * T, 300))
    wild = np.where(np.arange(20) % 3 == 1, 320.0, 0.0)  # every third time each is nearer to the other
    got = told(truth, rows((4, T, 200 * T, wild), (5, T, 200 * T, 300 - wild), parties=6))
    r = got.result()
    assert (r["continuity"]["switches"], r["continuity"]["purity"]) == (0, 1.0)
    assert r["errors"]["horizontal"]["max_m"] == pytest.approx(320)
    assert r["gospa"][0]["gospa_m"] < 320 * math.sqrt(2) / 2  # GOSPA takes the best of each moment


def test_a_gap_a_late_start_and_a_second_track():
    truth = rows((0, T, 200 * T, 0))
    early, late = T[(T >= 8) & (T < 40)], T[T >= 60]
    r = told(truth, rows((0, early, 200 * early, 0), (1, late, 200 * late, 0))).result()
    assert r["siap"]["completeness"] == pytest.approx(13 / 20)
    assert r["initiation"] == {"p50_s": 8.0, "p95_s": 8.0, "never": 0}
    c = r["continuity"]
    assert (c["segments"], c["gaps"], c["gap_s"], c["longest_gap_s"], c["switches"]) == (2, 1, 20.0, 20.0, 1)
    assert r["siap"]["longest_track_segment"] == pytest.approx(8 / 20)


def test_a_track_beside_another_is_ambiguity_and_not_false():
    truth = rows((0, T, 200 * T, 0))
    got = told(truth, rows((0, T, 200 * T, 50), (1, T, 200 * T, -200)))
    r = got.result()
    assert (r["siap"]["ambiguity"], r["siap"]["spuriousness"]) == (2.0, 0.0)
    assert r["gospa"][0]["false_a_step"] == 1.0
    series = got.series()
    assert (set(series.redundant.tolist()), set(series.false.tolist())) == ({1}, {0})
    assert r["errors"]["horizontal"]["rms_m"] == pytest.approx(50)


def test_velocity_and_heading():
    truth = rows((0, T, 0 * T, 0))._replace(y_m=100 * T, vx_ms=0 * T, vy_ms=0 * T + 100)
    tracks = truth._replace(vx_ms=0 * T + 100, vy_ms=0 * T)
    e = told(truth, tracks).result()["errors"]
    assert e["velocity"]["rms_ms"] == pytest.approx(math.hypot(100, 100))
    assert (e["heading"]["mean_rad"], e["speed"]["rms_ms"]) == pytest.approx((math.pi / 2, 0))  # clockwise


def test_one_that_stands_still_has_no_heading_nor_along_and_across():
    truth = rows((0, T, 0 * T, 0))
    e = told(truth, truth._replace(vx_ms=0 * T + 3, vy_ms=0 * T)).result()["errors"]
    assert [e[name]["n"] for name in ("heading", "along", "cross")] == [0, 0, 0]
    assert e["speed"]["mean_ms"] == pytest.approx(3)


def test_the_vertical_error_and_what_is_not_known_of_it():
    up = np.where(np.arange(20) < 5, np.nan, 9030.0)
    e = told(rows((0, T, 200 * T, 0), z=9000), rows((0, T, 200 * T, 0), z=up)).result()["errors"]["vertical"]
    assert (e["n"], e["mean_m"], e["rms_m"]) == pytest.approx((15, 30, 30))


def test_the_ellipse_holds_what_it_holds():
    east = np.where(np.arange(20) < 5, 300.0, 200.0)  # 3 and 2 standard deviations; 95 % is 2.45
    r = told(rows((0, T, 200 * T, 0)), rows((0, T, 200 * T + east, 0), cov=(1e4, 0, 4e4))).result()["errors"]["containment"]
    assert (r["n"], r["inside_95"]) == (20, 0.75)
    assert r["nees"] == pytest.approx((5 * 9 + 15 * 4) / 20 / 2)


def test_identity_is_complete_and_correct_as_far_as_it_is_told():
    truth = rows((0, T, 200 * T, 0), address=0xABC)
    address = np.where(np.arange(20) < 5, -1, np.where(np.arange(20) < 8, 0xDEF, 0xABC))
    siap = told(truth, rows((0, T, 200 * T, 0), address=address)).result()["siap"]
    assert siap["id_completeness"] == pytest.approx(15 / 20)
    assert siap["id_correctness"] == pytest.approx(12 / 15)


def test_a_partial_truth_calls_no_track_false():
    truth = rows((0, T, 200 * T, 0))
    tracks = rows((0, T, 200 * T + 100, 0), (1, T, 200 * T, FAR))
    r = told(truth, tracks, partial=True).result()
    assert r["gospa"][0]["gospa_m"] == pytest.approx(100)
    assert math.isnan(r["siap"]["spuriousness"])
    assert r["siap"]["completeness"] == 1.0


def test_the_truth_is_read_at_each_rows_own_time():
    late = T[1:] - 3.0  # 1 s after each row of the truth; steps end up to 3 s later
    r = told(rows((0, T, 200 * T, 0)), rows((0, late, 200 * late, 0), (1, T, 200 * T, FAR)), cuts_m=(100.0,), step_s=4.0)
    assert r.result()["errors"]["horizontal"]["max_m"] < 1e-6
    assert r.following.tracked.tolist() == [19]


def test_after_the_truth_has_ended_nothing_counts_and_before_that_a_track_too_many_does():
    short = T[:10]
    truth = rows((0, short, 200 * short, 0), (1, T[:15], 200 * T[:15], FAR))
    tracks = rows((0, T, 200 * T, 0), (1, T, 200 * T, FAR))
    got = told(truth, tracks)
    assert (got.result()["steps"], got.result()["siap"]["completeness"]) == (15, 1.0)
    assert got.series().false.tolist() == [0] * 10 + [1] * 5


def test_from_and_until():
    truth = rows((0, T, 200 * T, 0))
    r = told(truth, truth, from_s=10.0, until_s=20.0).result()
    assert (r["from_s"], r["until_s"], r["steps"]) == (12.0, 20.0, 3)


def test_coarser_steps_take_the_last_row_of_each():
    tracks = rows((0, T, 200 * T + np.where(T % 8 == 0, 10.0, 500.0), 0))
    r = told(rows((0, T, 200 * T, 0)), tracks, step_s=8.0).result()
    assert (r["steps"], r["errors"]["horizontal"]["max_m"]) == (10, pytest.approx(10.0))


def test_brief_ones_do_not_count_for_the_wait():
    brief = T[: LEAST_LIFE_STEPS - 1]
    truth = rows((0, T, 200 * T, 0), (1, brief, 200 * brief, FAR))
    r = told(truth, rows((0, T, 200 * T, 0))).result()
    assert r["initiation"]["never"] == 0
    assert r["siap"]["completeness"] < 1


def test_the_step_is_that_of_ticks_or_what_most_rows_keep_to():
    assert own_step_s(rows((0, T, 0, 0))) == 4.0
    gappy = np.concatenate([T, T[-1] + 40 + T])
    assert own_step_s(rows((0, gappy, 0, 0))) == 4.0
    loose = np.cumsum(np.array([1.0, 1.1, 0.9, 2.0] * 20))
    assert own_step_s(rows((0, loose, 0, 0))) == pytest.approx(2.0)
    assert math.isnan(own_step_s(rows((0, T[:1], 0, 0))))


def test_steps_end_within_the_span_and_on_the_beat():
    tracks = rows((0, T + 1.0, 0, 0))
    assert grid((0.0, 20.0), tracks, ScoreConfig()) == Grid(1.0, 4.0, 5)
    assert grid((0.0, 21.0), tracks, ScoreConfig()).ends == 6
    assert grid((22.0, 24.0), tracks, ScoreConfig()).ends == 0
    assert grid((math.inf, -math.inf), tracks, ScoreConfig()).ends == 0
    assert span_of(reports([], [], [], [])) == (math.inf, -math.inf)


def test_a_picture_of_one_moment():
    one = rows((0, T[:1], 5.0, 5.0))
    r = told(one, one).result()
    assert (r["steps"], r["siap"]["completeness"]) == (1, 1.0)


def test_no_tracks_at_any_step():
    r = told(rows((0, T, 200 * T, 0)), rows((0, T + 1e4, 0, 0)))
    assert r.result()["siap"]["completeness"] == 0.0
    assert r.tracks() == []
