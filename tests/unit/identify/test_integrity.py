"""What aircraft say of themselves against what is measured: each kind of falsehood, and what must not be taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from bench.integrity import RADARS, SECONDS, World, simulate

from tenere.batch import Identity, Integrity, PlotKind, Plots, Tracks
from tenere.identify import IdentifyConfig, Radars, init, step
from tenere.identify.config import IntegrityConfig
from tenere.identify.integrity.regions import collapsed, regions
from tenere.identify.integrity.spoken import Spoken, new
from tenere.identify.integrity.stage import SLOTS

ALONE = ("unseen ghost", "moved position", "impossible speed", "jumping position", "ghost swarm", "duplicate address", "replay")


@pytest.mark.parametrize("case", ALONE)
def test_a_planted_falsehood_is_found_and_nobody_else_is_accused(case):
    run = simulate(3, case)
    assert (run.found, run.false_doubtful, run.false_contradicted) == (run.planted, 0, 0)
    assert run.planted


@pytest.mark.parametrize("case", ["jamming", "misaligned radar"])
def test_jamming_and_a_misaligned_radar_accuse_no_aircraft(case):
    run = simulate(3, case)
    assert (run.false_doubtful, run.false_contradicted) == (0, 0)
    assert (run.regions > 0) == (case == "jamming")


def test_a_verdict_is_evidence_and_takes_nothing_from_a_civil_flight():
    world, state = World(3, "impossible speed"), init(IdentifyConfig())
    for k in range(195, 230):
        tracks, plots, users = world.tick(float(k))
        state, ids, evidence = step(state, tracks, float(k), plots=plots, plot_tracks=users, radars=RADARS)
    assert ids.integrity[0] == Integrity.CONTRADICTED
    assert (ids.civil[0], ids.identity[0]) == (1, Identity.NEUTRAL)
    mine = evidence.take((evidence.number == 1) & (evidence.rule == b"broadcast_impossible"))
    assert mine.weight.tolist() == [-2.5]
    assert ids.confidence[0] < ids.confidence[1]


def test_untrusted_sensors_give_no_verdict():
    world, state = World(3, "impossible speed"), init(IdentifyConfig())
    for k in range(195, 230):
        tracks, plots, users = world.tick(float(k))
        state, ids, _ = step(state, tracks.replace(sensors=2), float(k), plots=plots, plot_tracks=users, radars=RADARS, untrusted=2)
    assert (ids.integrity == Integrity.NOT_ASSESSED).all()


def test_many_that_begin_when_the_receivers_begin_are_no_swarm():
    state = init(IdentifyConfig())
    n = 12
    lat = np.radians(14.0 + 0.01 * np.arange(n))
    for k in range(60):
        at = {"address": 0x0A1000 + np.arange(n), "lat_rad": lat + 3e-5 * k, "lon_rad": 0.05}
        plots = Plots.blank(n, time_s=float(k), kind=int(PlotKind.ADSB), east_ms=0.0, north_ms=200.0, **at)
        tracks = Tracks.blank(n, number=1 + np.arange(n), first_s=0.0, kinds=1 << PlotKind.ADSB, **at)
        state, ids, _ = step(state, tracks, float(k), plots=plots, plot_tracks=1 + np.arange(n))
    assert (ids.integrity == Integrity.NOT_ASSESSED).all()


def test_nothing_is_expected_of_radars_out_of_range_below_the_horizon_or_without_height():
    lat, lon = np.full(4, RADARS.lat_rad[0]) + np.array([0.01, 0.2, 0.01, 0.03]), np.full(4, RADARS.lon_rad[0])
    height = np.array([3000.0, 10_000.0, np.nan, 300.0])
    assert (RADARS.looks(lat, lon, height, 10.0) > 0).tolist() == [True, False, False, False]
    assert not Radars.none().looks(lat, lon, height, 10.0).any()


def test_accuracy_collapses_at_two_and_recovers_at_four():
    before, nac = np.array([0, 0, 1, 1, 1, 1], np.uint8), np.array([2, 3, 3, 4, -1, 0], np.int8)
    assert collapsed(before, nac).tolist() == [1, 0, 1, 0, 0, 1]


def test_a_region_begins_and_ends_with_hysteresis():
    c, cells = IntegrityConfig(region_hold_s=20.0), {}
    rows: Spoken = new(np.arange(1, 11, dtype=np.int32), 0.0).replace(lat_rad=np.radians(14.5), lon_rad=np.radians(-3.5), nac_p=1)

    def share(low: int, at_s: float) -> int:
        now = rows.replace(heard_s=at_s, low=np.arange(10) < low)
        return len(regions(cells, now, c, at_s))

    assert [share(4, t) for t in (0.0, 10.0, 20.0, 30.0)] == [0, 0, 1, 1]
    assert [share(2, t) for t in (40.0, 60.0, 80.0)] == [1, 1, 1], "between the two limits nothing changes"
    assert [share(1, t) for t in (90.0, 100.0, 110.0)] == [1, 1, 0]
    found = regions({}, rows.replace(heard_s=0.0, low=1), IntegrityConfig(region_hold_s=0.0), 0.0)
    assert found == ()
    assert cells == {}


def test_too_few_aircraft_are_no_region():
    cells: dict[int, object] = {}
    rows = new(np.arange(1, 3, dtype=np.int32), 0.0).replace(lat_rad=0.2, lon_rad=0.1, nac_p=0, low=1)
    assert not any(regions(cells, rows.replace(heard_s=t), IntegrityConfig(), t) for t in (0.0, 100.0, 200.0))


def test_garbage_in_plots_breaks_nothing():
    rng = np.random.Generator(np.random.PCG64(4))
    state, odd = init(IdentifyConfig()), np.array([np.nan, np.inf, -np.inf, 0.0, 1e300, -7.0])
    for k in range(40):
        n = 30
        pick = {c: odd[rng.integers(0, 6, n)] for c in ("time_s", "lat_rad", "lon_rad", "east_ms", "north_ms", "range_m", "azimuth_rad")}
        plots = Plots.blank(
            n,
            kind=rng.integers(0, 14, n),
            address=rng.integers(-1, 4, n),
            sensor=rng.integers(-1, 3, n),
            nac_p=rng.integers(-1, 12, n),
            **pick,
        )
        tracks = Tracks.blank(3, number=[1, 2, 3], address=[1, 2, -1], kinds=rng.integers(0, 1 << 14, 3), lat_rad=odd[:3], lon_rad=odd[1:4])
        with np.errstate(all="ignore"):
            state, ids, _ = step(state, tracks, float(k), plots=plots, plot_tracks=rng.integers(0, 5, n), radars=RADARS)
        assert (ids.integrity <= Integrity.CONTRADICTED).all()
    assert state.integrity.table_key.size == SLOTS
    assert SECONDS > 200
