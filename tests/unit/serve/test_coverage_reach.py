"""Measured against predicted: which looks count, for whom, and what is forgotten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flat_coverage import make_desk, ready, views

from tenere.batch import Alerts, Evidence, Identities, PlotKind, TrackFlag, Tracks
from tenere.serve.coverage.reach import KEPT, LOOK_S, Reach
from tenere.serve.snapshot import Snapshot

ADSB, MODE_S, PSR = (1 << k for k in (PlotKind.ADSB, PlotKind.MODE_S, PlotKind.PSR))
HIGH_M = 9000.0


@pytest.fixture(scope="module")
def held():
    return ready(make_desk(step_m=2000.0)).held


def picture(time_s=100.0, **columns):
    """Return four tracks around A and B, 20 km away and high: A is bit 0, B bit 1; a third sensor has bit 2."""
    given = {
        "number": [1, 2, 3, 4],
        "frame": 0,
        "flags": int(TrackFlag.CONFIRMED),
        "lat_rad": np.radians([13.2, 13.2, 13.15, 13.15]),
        "lon_rad": np.radians([3.05, 3.05, 3.05, 3.05]),
        "pressure_altitude_m": HIGH_M,
        "kinds": ADSB | MODE_S,
        "sensors": [0b111, 0b101, 0b110, 0b100],
        **columns,
    }
    tracks = Tracks.blank(4, **given)
    return Snapshot(time_s, tracks, Identities.blank(4, number=tracks.number), Evidence.blank(), Alerts.blank(), views("ok", "ok", "ok"))


def looked(held, *snapshots):
    reach = Reach()
    for s in snapshots:
        reach.take(held, s)
    return reach.seen()


def test_each_track_counts_for_both_and_is_seen_by_those_whose_bit_it_has(held):
    assert looked(held, picture()) == {"A": (4, 2), "B": (4, 2)}


@pytest.mark.parametrize(
    ("columns", "counted"),
    [
        ({"flags": 0}, 0),
        ({"flags": int(TrackFlag.CONFIRMED | TrackFlag.COASTING)}, 0),
        ({"flags": int(TrackFlag.CONFIRMED | TrackFlag.NOT_LIVE)}, 0),
        ({"flags": int(TrackFlag.CONFIRMED | TrackFlag.ON_GROUND)}, 0),
        ({"pressure_altitude_m": math.nan}, 0),
        ({"pressure_altitude_m": 350.0}, 0),  # below what the terrain allows, or near it
        ({"lat_rad": math.nan}, 0),
        ({"lat_rad": math.radians(40.0)}, 0),
        ({"frame": 1}, 0),
        ({"kinds": PSR}, 0),
        ({"pressure_altitude_m": math.nan, "altitude_m": HIGH_M}, 4),
    ],
)
def test_only_tracks_that_were_surely_there_and_answer_count(held, columns, counted):
    assert looked(held, picture(**columns)) == {"A": (counted, counted // 2), "B": (counted, counted // 2)}


def test_a_receiver_is_not_expected_to_see_what_sends_no_adsb(held):
    assert looked(held, picture(kinds=MODE_S)) == {"A": (4, 2), "B": (0, 0)}


def test_a_sensors_own_plots_do_not_prove_that_a_track_was_there(held):
    assert looked(held, picture(sensors=0b001)) == {"A": (0, 0), "B": (4, 0)}
    assert looked(held, picture(sensors=0)) == {"A": (0, 0), "B": (0, 0)}


def test_overhead_in_the_cone_of_silence_nothing_is_expected_of_a_radar(held):
    over = {"lat_rad": math.radians(13.02), "lon_rad": math.radians(3.0)}
    assert looked(held, picture(**over)) == {"A": (0, 0), "B": (4, 2)}


def test_looks_are_taken_now_and_then_and_forgotten(held):
    assert looked(held, picture(100.0), picture(100.0 + LOOK_S / 2)) == looked(held, picture())
    assert looked(held, picture(100.0), picture(100.0 + LOOK_S))["A"] == (8, 4)
    many = [picture(100.0 + LOOK_S * k) for k in range(KEPT + 30)]
    assert looked(held, *many)["A"] == (4 * KEPT, 2 * KEPT)
    assert looked(held, picture(1000.0), picture(10.0))["A"] == (4, 2)  # a replay that began again


def test_the_desk_tells_it_of_each_sensor():
    desk = make_desk(step_m=2000.0)
    desk.watch(picture())  # nothing is held yet
    ready(desk, views("ok", "ok"))
    desk.watch(picture())
    assert [(s["id"], s["looks"], s["saw"]) for s in desk.state()["sensors"]] == [("A", 4, 2), ("B", 4, 2)]
