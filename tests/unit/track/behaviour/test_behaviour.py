"""What a track moves like, held to a slow reference, and that it stays apart from what the aircraft says."""

import math
from pathlib import Path

import numpy as np
import pytest

from tenere import watch
from tenere.batch import AircraftClass, KinematicClass, PlotKind, TrackFlag, Tracks
from tenere.identify.rules import FACTS
from tenere.track.behaviour import State, kernel, known, step
from tenere.track.behaviour.table import BINS, EDGES, ENDS, OF, PRIOR, TABLE


def rows(numbers=(1,), **columns):
    base = {"vx_ms": 0.0, "vy_ms": 0.0, "var_v_m2s2": 1.0, "kinds": 1 << PlotKind.DETECTION, "flags": TrackFlag.CONFIRMED}
    return Tracks.blank(len(numbers), number=np.array(numbers), **{**base, **columns})


def moves(path, **columns):
    """Return the class and probability of a track whose velocity over time is path (t -> vx, vy)."""
    state = State()
    for k in range(40):
        vx, vy = path(8.0 * k)
        state, out = step(state, rows(vx_ms=vx, vy_ms=vy, **columns), 1000.0 + 8.0 * k)
    return KinematicClass(int(out.kinematic_class[0])), float(out.kinematic_probability[0])


ANSWERS = {"kinds": 1 << PlotKind.ADSB}


@pytest.mark.parametrize(
    ("expected", "path", "columns"),
    [
        (KinematicClass.JET, lambda _: (230.0, 0.0), {"pressure_altitude_m": 10_600.0, "vertical_rate_ms": 0.0, **ANSWERS}),
        (KinematicClass.LIGHT, lambda _: (45.0, 10.0), {"pressure_altitude_m": 900.0, "vertical_rate_ms": 1.0, **ANSWERS}),
        (KinematicClass.DRONE, lambda t: (12.0, 3.0) if t % 64 < 32 else (0.3, -0.2), {}),
        (KinematicClass.BIRD, lambda t: (12 * math.cos(0.3 * math.sin(t / 15)), 12 * math.sin(0.3 * math.sin(t / 15))), {}),
        (KinematicClass.SURFACE, lambda t: (6.0, 0.0) if t % 96 < 48 else (0.0, 0.0), {"kinds": 1 << PlotKind.SMR}),
    ],
)
def test_a_plain_case_of_each(expected, path, columns):
    found, share = moves(path, **columns)
    assert found == expected
    assert share > 0.5


def test_thin_evidence_names_nobody():
    state, out = step(State(), rows(vx_ms=230.0), 0.0)
    assert (out.kinematic_class[0], out.kinematic_probability[0]) == (KinematicClass.UNKNOWN, 1.0)
    state, out = step(state, rows(vx_ms=230.0), 8.0)  # eight seconds of it
    assert out.kinematic_class[0] == KinematicClass.UNKNOWN
    unsure, _ = moves(lambda _: (12.0, 0.0), var_v_m2s2=100.0)  # a velocity that is not known
    assert unsure == KinematicClass.UNKNOWN


def test_what_an_aircraft_says_is_neither_read_nor_changed():
    plain = moves(lambda t: (12.0, 3.0) if t % 64 < 32 else (0.3, -0.2))
    for said in AircraftClass:
        assert moves(lambda t: (12.0, 3.0) if t % 64 < 32 else (0.3, -0.2), aircraft_class=said) == plain
    _, out = step(State(), rows(aircraft_class=AircraftClass.AIRLINER), 0.0)
    assert out.aircraft_class[0] == AircraftClass.AIRLINER


def test_between_looks_and_in_any_order_each_track_keeps_its_own():
    state = State()
    fast = np.array([True, False, True])
    for k in range(12):
        order = np.array([2, 0, 1]) if k % 2 else np.array([0, 1, 2])
        numbers, vx = np.array([5, 7, 900])[order], np.where(fast, 230.0, 1.0)[order]
        state, out = step(state, rows(numbers, vx_ms=vx, pressure_altitude_m=np.where(fast, 10_000.0, 100.0)[order]), 8.0 * k)
    again = known(state, rows([900, 5, 11]))
    assert again.kinematic_class.tolist() == [KinematicClass.JET, KinematicClass.JET, KinematicClass.UNKNOWN]
    assert out.kinematic_class[out.number == 7][0] != KinematicClass.JET


def slow(kept):
    """Return class and probability of one track, plainly: a product of powers over the features that are known."""
    found = np.zeros(kernel.NFEATURES, np.int64)
    kernel.features(kept, EDGES, BINS, found)
    if kept[kernel.WEIGHT] < kernel.LEAST_S:
        return 0, 1.0
    prior = PRIOR.copy()
    prior[0] *= 1 + kernel.LEAST_S / kept[kernel.WEIGHT]
    log = np.log(prior) + sum(np.log(TABLE[f, found[f]]) for f in range(kernel.NFEATURES) if found[f] >= 0)
    p = np.exp(log - log.max())
    p = np.bincount(OF, p / p.sum())
    best = int(np.argmax(p))
    return (best, p[best]) if p[best] > kernel.LEAST_SHARE else (0, p[0])


def test_the_kernel_says_what_the_plain_product_says():
    rng = np.random.Generator(np.random.PCG64(3))
    state = State()
    for k in range(30):
        columns = {
            "vx_ms": rng.normal(0, 20, 60) * np.arange(60) / 10,
            "vy_ms": rng.normal(0, 20, 60),
            "pressure_altitude_m": np.where(np.arange(60) % 3, rng.uniform(0, 3000, 60), np.nan),
            "vertical_rate_ms": rng.normal(0, 3, 60),
            "flags": np.where(np.arange(60) % 7, TrackFlag.CONFIRMED, TrackFlag.CONFIRMED | TrackFlag.ON_GROUND),
        }
        state, out = step(state, rows(np.arange(1, 61), **columns), 8.0 * k)
    want = [slow(row) for row in state.kept]
    assert out.kinematic_class.tolist() == [k for k, _ in want]
    assert out.kinematic_probability == pytest.approx([p for _, p in want], rel=1e-5)
    assert len(set(out.kinematic_class.tolist())) > 2


def test_the_table_is_one_of_probabilities():
    assert len(ENDS) == kernel.NFEATURES
    assert (TABLE >= 0).all()
    for f, n in enumerate(BINS):
        assert (TABLE[f, :n] > 0).all()  # nothing seen rules a class out
        assert (np.diff(EDGES[f, : n - 1]) > 0).all()
    assert set(OF.tolist()) == {int(k) for k in KinematicClass}


def test_no_rule_reads_it():
    """It is weak evidence of an identity, which no rule can ask for; no alert knows it."""
    for path in Path(watch.__path__[0]).rglob("*.py"):
        assert "kinematic" not in path.read_text(), path
    assert [fact for fact in FACTS if "kinematic" in fact or "moves" in fact] == []
