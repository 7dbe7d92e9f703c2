"""Minimum safe altitude warning, and its ground against a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.watch.nets import Seat, tracks

from tenere.batch import AircraftClass, Severity, TrackFlag, Tracks
from tenere.watch import WatchConfig
from tenere.watch.kernels import terrain as k
from tenere.watch.msaw_config import MsawConfig
from tenere.world import Aerodromes, Ground, World

FLAT = Ground(11.0, 0.0, 0.01, 0.01, np.full((200, 200), 300.0, np.float32))
"""A plain 300 m high, 9 to 11 N, 0 to 2 E."""


def hill() -> Ground:
    """The plain with a wall of 1,500 m along 1.0 E."""
    height = FLAT.height_m.copy()
    height[:, 99:102] = 1500.0
    return FLAT._replace(height_m=height)


def flight(high_m: float, rate_ms: float = 0.0, lon_deg: float = 0.9, **more: object) -> Tracks:
    """One aircraft eastwards at 100 m/s at 10 N, with a QNH and good height."""
    return tracks(
        1,
        **{
            "lat_rad": np.radians(10.0), "lon_rad": np.radians(lon_deg), "vx_ms": 100.0, "pressure_altitude_m": high_m,
            "altitude_m": high_m, "height_std_m": 20.0, "vertical_rate_ms": rate_ms, **more,
        },
    )  # fmt: skip


def test_a_flight_towards_a_hill_is_warned_and_one_above_it_is_not():
    world = World(ground=hill())
    seat = Seat(world=world).look(flight(1000.0, lon_deg=0.95), 8)
    assert seat.rules == ["msaw"]
    assert {b"msaw_clearance", b"msaw_ground"} <= set(seat.evidence.rule.tolist())
    assert Seat(world=world).look(flight(1800.0, lon_deg=0.95), 8).rules == []
    assert Seat(world=world).look(flight(1000.0, lon_deg=0.5), 8).rules == []  # 55 km away: more than a minute


def test_descending_into_flat_ground_is_warned_and_levelled_flight_is_not():
    world = World(ground=FLAT)
    down = Seat(world=world).look(flight(900.0, -12.0), 5)
    assert down.rules == ["msaw"]
    assert down.alerts.predicted_s[0] > 1000.0
    assert Seat(world=world).look(flight(900.0), 5).rules == []


def test_without_ground_or_when_off_the_rule_says_nothing():
    assert Seat(world=World()).look(flight(310.0), 8).rules == []
    off = WatchConfig(msaw=MsawConfig(enabled=False))
    assert Seat(off, World(ground=FLAT)).look(flight(310.0), 8).rules == []


def test_unknown_ground_raises_nothing_and_hides_none_beside_it():
    height = np.full((200, 200), np.nan, np.float32)
    assert Seat(world=World(ground=FLAT._replace(height_m=height))).look(flight(10.0), 8).rules == []
    height[:, 99:102] = 1500.0
    assert Seat(world=World(ground=FLAT._replace(height_m=height))).look(flight(1000.0, lon_deg=0.95), 8).rules == ["msaw"]


FIELD = Aerodromes(np.array([b"DRRN"], "S4"), np.radians([10.0]), np.radians([1.0]), np.array([300.0]))


def test_an_approach_is_quiet_and_one_below_its_slope_is_not():
    world = World(ground=FLAT, aerodromes=FIELD)
    assert Seat(world=world).look(flight(420.0, -3.0, lon_deg=0.97), 8).rules == []  # 3.3 km out at 400 ft
    assert Seat(world=world).look(flight(400.0, 0.0, lon_deg=0.86), 8).rules == ["msaw"]  # 15 km out at 330 ft
    assert Seat(world=World(ground=FLAT)).look(flight(420.0, -3.0, lon_deg=0.97), 8).rules == ["msaw"]


@pytest.mark.parametrize(
    "columns",
    [
        {"flags": int(TrackFlag.CONFIRMED | TrackFlag.ON_GROUND)},
        {"aircraft_class": int(AircraftClass.HELICOPTER)},
        {"vx_ms": 20.0},
        {"pressure_altitude_m": np.nan, "altitude_m": np.nan},
        {"lat_rad": np.nan},
        {"first_s": 999.0},
    ],
)
def test_who_takes_no_part(columns: dict[str, object]):
    world = World(ground=FLAT)
    assert Seat(world=world).look(flight(350.0), 8).rules == ["msaw"]
    assert Seat(world=world).look(flight(350.0, **columns), 8).rules == []


def test_flights_by_eye_may_be_lower():
    world = World(ground=FLAT)
    at = flight(470.0)  # 170 m over the ground, 150 less its uncertainty
    assert Seat(world=world).look(at, 8).rules == ["msaw"]
    assert Seat(world=world).look(at.replace(aircraft_class=int(AircraftClass.LIGHT)), 8).rules == []


def test_a_height_that_is_not_sure_counts_lower():
    world = World(ground=FLAT)
    at = flight(600.0)
    assert Seat(world=world).look(at, 8).rules == []
    assert Seat(world=world).look(at.replace(altitude_m=np.nan), 8).rules == ["msaw"]


def test_near_ground_is_a_warning_and_far_a_caution():
    world = World(ground=hill())
    far = Seat(world=world).look(flight(1000.0, lon_deg=0.945), 6)
    near = Seat(world=world).look(flight(1000.0, lon_deg=0.98), 6)
    assert far.alerts.severity.tolist() == [Severity.CAUTION]
    assert near.alerts.severity.tolist() == [Severity.WARNING]


@pytest.mark.parametrize("seed", range(5))
def test_the_pyramid_agrees_with_looking_at_every_post(seed: int):
    rng = np.random.Generator(np.random.PCG64(seed))
    height = rng.uniform(0, 3000, (60, 90)).astype(np.float32)
    height[rng.random(height.shape) < 0.1] = np.nan
    levels = k.pyramid(height)
    for _ in range(200):
        i0, j0 = rng.integers(-5, 60), rng.integers(-5, 90)
        i1, j1 = i0 + rng.integers(0, 50), j0 + rng.integers(0, 95)
        box = height[max(i0, 0) : max(i1 + 1, 0), max(j0, 0) : max(j1 + 1, 0)]
        wanted = float(np.nanmax(box)) if np.isfinite(box).any() else -np.inf
        assert k.greatest(levels, int(i0), int(i1), int(j0), int(j1)) == wanted


@pytest.mark.parametrize("seed", range(3))
def test_clearances_agree_with_a_slow_walk(seed: int):
    rng = np.random.Generator(np.random.PCG64(seed))
    height = rng.uniform(0, 1500, (100, 100)).astype(np.float32)
    levels, grid = k.pyramid(height), np.array([11.0, 0.0, 0.01, 0.01])
    a = np.column_stack(
        [
            rng.uniform(10.2, 10.8, 8),
            rng.uniform(0.2, 0.8, 8),
            rng.normal(0, 120, 8),
            rng.normal(0, 120, 8),
            rng.uniform(1200, 2200, 8),
            rng.normal(0, 8, 8),
        ]
    )
    got = k.clearances(levels, grid, a, np.full(8, 150.0), 60.0, 3.0, 500.0)
    for i, (lat, lon, east, north, z, rate) in enumerate(a):
        reach, first = 500.0 + 1.5 * np.hypot(east, north), np.inf
        for t in np.arange(0.0, 61.0, 3.0):
            at = lat + np.degrees(north * t / k.EARTH_M)
            on = lon + np.degrees(east * t / k.EARTH_M / np.cos(np.radians(lat)))
            up = np.degrees(reach / k.EARTH_M)
            across = up / np.cos(np.radians(at))
            rows = slice(max(int(np.floor((11.0 - at - up) / 0.01)), 0), int(np.ceil((11.0 - at + up) / 0.01)) + 1)
            cols = slice(max(int(np.floor((on - across) / 0.01)), 0), int(np.ceil((on + across) / 0.01)) + 1)
            if z + rate * t - height[rows, cols].max() < 150.0:
                first = t
                break
        assert got[i, 0] == first
