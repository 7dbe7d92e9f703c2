"""Gross faults: each convention wrong in its own way is found and named; wrong aircraft and healthy sensors are not blamed."""

import copy
import dataclasses
import math

import numpy as np
import pytest
from bench.registration_world import Bias, World, ring

from tenere.batch import NOT_LIVE
from tenere.track import register
from tenere.track.place import Sites
from tenere.track.register import phrases
from tenere.track.register.trust import UNTRUSTED, WARNED

CLEAN = Bias()
FULL = 2 * np.pi


def world(radars=2, **options):
    return World(ring(radars), [CLEAN] * radars, **{"aircraft": 30, "seed": 11, **options})


def watch(w, seconds, spoil=None, table=None, state=None, start=0, sensor=0):
    """Run registration over a world whose plots are spoilt; return the state and when each first finding came."""
    state = state or register.init(register.RegisterConfig())
    table, sites, first = table or w.table, Sites(), {}
    for t in range(start + 1, start + seconds + 1):
        plots, tracks, picture = w.tick(float(t))
        if spoil is not None:
            plots = spoil(t, plots)
        tracks = np.where(plots.sensor == sensor, 0, tracks)  # the spoilt sensor's plots are in nobody's track
        register.observe(state, register.corrected(state, plots), tracks, picture, table, w.plane, sites, float(t))
        for i, f in state.trust.findings.items():
            first.setdefault((i, f.verdict), t)
    return state, first


def of_sensor(plots, sensor, **changed):
    """Return the plots with the columns of one sensor's changed: each a function of the column."""
    mine = plots.sensor == sensor
    return plots.replace(**{name: np.where(mine, change(getattr(plots, name)), getattr(plots, name)) for name, change in changed.items()})


def turned(degrees):
    return lambda _, p: of_sensor(p, 0, azimuth_rad=lambda a: (a + math.radians(degrees)) % FULL)


AZIMUTHS = {
    "turned": lambda a: (a + math.radians(107)) % FULL,
    "anticlockwise": lambda a: -a % FULL,
    "anticlockwise_from_east": lambda a: (np.pi / 2 - a) % FULL,
    "from_east": lambda a: (a - np.pi / 2) % FULL,
    "gon_as_degrees": lambda a: (a / 0.9) % FULL,
    "radians_as_degrees": np.radians,
    "degrees_as_radians": lambda a: np.where(np.degrees(a) < 7, np.degrees(a), np.nan),
}
RANGES = {"range_nm_as_km": 1 / 1.852, "range_km_as_nm": 1.852, "range_half": 0.5, "range_ft_as_m": 1 / 0.3048, "range_factor": 0.7}


@pytest.mark.parametrize("fault", AZIMUTHS)
def test_an_azimuth_of_another_convention_is_named(fault):
    w = world(aircraft=200 if fault == "degrees_as_radians" else 30)  # of all azimuths only seven degrees of arc are left
    state, _ = watch(w, 60, lambda _, p: of_sensor(p, 0, azimuth_rad=AZIMUTHS[fault]))
    found = state.trust.findings
    assert list(found) == [0]
    assert found[0].verdict == UNTRUSTED
    assert found[0].fault == fault
    if fault == "turned":
        assert abs(float(found[0].figure) - 107) <= 1


@pytest.mark.parametrize("fault", RANGES)
def test_a_range_in_another_unit_is_named(fault):
    state, _ = watch(world(), 60, lambda _, p: of_sensor(p, 0, range_m=lambda r: r * RANGES[fault]))
    assert {i: (f.verdict, f.fault) for i, f in state.trust.findings.items()} == {0: (UNTRUSTED, fault)}


@pytest.mark.parametrize(
    ("fault", "place"), [("place_swapped", lambda r: (r.lon_rad, r.lat_rad)), ("place_south", lambda r: (-r.lat_rad, r.lon_rad))]
)
def test_a_place_written_down_wrongly_is_named(fault, place):
    w = world()
    table = copy.deepcopy(w.table)
    table.rows[0].lat_rad, table.rows[0].lon_rad = place(w.table.rows[0])
    state, _ = watch(w, 60, table=table)
    assert {i: (f.verdict, f.fault) for i, f in state.trust.findings.items()} == {0: (UNTRUSTED, fault)}


def test_two_radars_exchanged_are_named_by_each_other():
    w = world(radars=2)
    spoil = lambda _, p: p.replace(sensor=np.where(p.sensor < 2, 1 - p.sensor, p.sensor))  # noqa: E731 - one line is clearer
    state, _ = watch(w, 60, spoil)
    found = state.trust.findings
    assert {i: (f.verdict, f.fault, f.figure) for i, f in found.items()} == {
        0: (UNTRUSTED, "other_site", "R1"),
        1: (UNTRUSTED, "other_site", "R0"),
    }


def test_positions_with_latitude_and_longitude_swapped_are_named():
    w = world()
    state, _ = watch(w, 60, lambda _, p: p.replace(lat_rad=p.lon_rad, lon_rad=p.lat_rad), sensor=2)
    assert {i: (f.verdict, f.fault) for i, f in state.trust.findings.items()} == {2: (UNTRUSTED, "swapped")}


def test_one_aircraft_warns_within_two_scans_and_three_condemn():
    w = world(radars=1, aircraft=1)
    w.start[:], w.velocity[:] = (60e3, 0.0), (0.0, 150.0)
    state, first = watch(w, 60, turned(107))
    assert first[0, WARNED] <= 2 * w.period_s[0] + 4.0  # two turns, and the batch in which plots are compared
    assert (0, UNTRUSTED) not in first
    assert state.trust.findings[0].targets == (f"{w.address[0]:06X}",)

    w = world(radars=1, aircraft=3)
    w.start[:] = [(60e3, 0.0), (-50e3, 20e3), (0.0, 90e3)]
    state, first = watch(w, 60, turned(107))
    assert first[0, UNTRUSTED] <= 2 * w.period_s[0] + 4.0
    assert len(state.trust.findings[0].targets) == 3


def test_one_aircraft_that_a_second_kind_of_sensor_sees_condemns():
    w = world(radars=2, aircraft=1)
    w.start[:], w.velocity[:] = (30e3, 60e3), (0.0, 150.0)
    state, _ = watch(w, 60, turned(107))
    assert {i: f.verdict for i, f in state.trust.findings.items()} == {0: UNTRUSTED}


def test_three_aircraft_of_one_place_are_one():
    w = world(radars=1, aircraft=3)
    w.start[:] = [(60e3, 0.0), (61e3, 0.0), (60e3, 1e3)]
    w.velocity[:] = (0.0, 150.0)
    state, _ = watch(w, 60, turned(107))
    assert {i: f.verdict for i, f in state.trust.findings.items()} == {0: WARNED}


@pytest.mark.parametrize("spoofed", [1, 12])
def test_false_positions_condemn_nobody(spoofed):
    random = np.random.Generator(np.random.PCG64(4))
    false = {k: tuple(random.uniform(-150e3, 150e3, 2)) for k in range(spoofed)}
    state, _ = watch(world(reported=false), 90)
    assert state.trust.findings == {}


def test_a_lone_false_position_condemns_nobody_where_nothing_else_flies():
    w = world(radars=1, aircraft=1, reported={0: (90e3, -40e3)})
    w.start[:] = (40e3, 50e3)
    state, _ = watch(w, 90)
    assert not any(f.verdict == UNTRUSTED for f in state.trust.findings.values())


def test_many_addresses_from_one_place_condemn_nobody():
    w = world(aircraft=30)
    false = {k: tuple(np.array([20e3, 30e3]) - w.at(45.0)[k]) for k in range(24)}
    w.reported = false
    state, _ = watch(w, 90)
    assert state.trust.findings == {}


def test_a_clock_off_by_hours_is_named():
    w = world(radars=3)
    w.table.rows[1].clock_off_s = 7200.0
    state, _ = watch(w, 12)
    found = state.trust.findings
    assert {i: (f.verdict, f.fault, f.figure) for i, f in found.items()} == {1: (UNTRUSTED, "clock", "-7200")}
    assert register.kept_out(state, w.tick(13.0)[0].replace(sensor=1)).all()


def test_a_recording_played_later_is_nobodys_fault():
    w = world(radars=3)
    for row in w.table.rows:
        row.clock_off_s = 1e6
    state, _ = watch(w, 12)
    assert state.trust.findings == {}


def test_plots_are_kept_out_until_someone_agrees():
    w = world()
    state, _ = watch(w, 60, turned(107))
    plots, _, _ = w.tick(61.0)
    assert (register.kept_out(state, plots) == (plots.sensor == 0)).all()
    register.agree(state, 0)
    assert not register.kept_out(state, plots).any()
    state, _ = watch(w, 30, turned(107), state=state, start=61)
    assert not register.kept_out(state, plots).any()
    mirrored = lambda _, p: of_sensor(p, 0, azimuth_rad=lambda a: -a % FULL)  # noqa: E731 - one line is clearer
    state, _ = watch(w, 400, mirrored, state=state, start=91)
    assert state.trust.findings[0].fault == "anticlockwise"  # another fault than the one agreed to
    assert register.kept_out(state, plots).any()


def test_kept_out_can_be_switched_off():
    config = register.RegisterConfig(trust=register.TrustConfig(keep_out=False))
    w = world()
    state, _ = watch(w, 60, turned(107), state=register.init(config))
    assert state.trust.findings[0].verdict == UNTRUSTED
    assert not register.kept_out(state, w.tick(61.0)[0]).any()


def test_a_radar_that_turns_at_work_is_found():
    w = world()
    state, first = watch(w, 150, lambda t, p: turned(107)(t, p) if t > 90 else p)
    assert first[0, UNTRUSTED] <= 90 + 2 * w.period_s[0] + 4.0 + 4.0
    assert list(state.trust.findings) == [0]


def test_an_untrusted_sensor_bends_no_bias():
    w = world(radars=2, aircraft=40)
    state, _ = watch(w, 120, turned(40))
    rows = {(r.sensor, r.bias): r for r in register.report(state)}
    assert abs(rows[1, "azimuth_rad"].value) < math.radians(0.05)
    assert rows[0, "azimuth_rad"].applied == 0.0


def test_healthy_sensors_with_ordinary_biases_are_never_flagged():
    biased = [Bias(500, 5e-4, math.radians(1.0), 0.3), Bias(-400, 0, math.radians(-1.0)), CLEAN]
    random = np.random.Generator(np.random.PCG64(5))

    def spoil(_, plots):
        """Reflections, garbled addresses, and an address that two aircraft have."""
        azimuth, address = plots.azimuth_rad.copy(), plots.address.copy()
        reflected = random.random(len(plots)) < 0.02
        azimuth[reflected] = random.uniform(0, FULL, int(reflected.sum()))
        wrong = random.random(len(plots)) < 0.02
        address[wrong] = random.choice(address, int(wrong.sum()))
        address[address == 0x380000] = 0x380000 + 977
        return plots.replace(azimuth_rad=azimuth, address=address)

    w = World(ring(3), biased, aircraft=12, seed=12)
    state, first = watch(w, 600, spoil, sensor=-1)
    assert first == {}
    assert state.trust.findings == {}


def test_of_two_aircraft_with_one_address_each_radar_may_see_another():
    w = world(radars=2, aircraft=2)
    one, other = (0x380000 + 977 * k for k in range(2))
    here = np.array(w.table.rows[0].plane_xy(w.plane))  # as far from it both, so that a turn would explain the one by the other
    w.start[:], w.velocity[:] = here + np.array([(60e3, 40e3), (-40e3, 60e3)]), 0.0

    def spoil(t, plots):
        """The first radar sees the one, the second the other; the receiver hears both, and later seldom the one."""
        seldom = (plots.sensor == 2) & (plots.address == one) & ((t > 120) & (t % 30 > 3))
        hidden = ((plots.sensor == 0) & (plots.address == other)) | ((plots.sensor == 1) & (plots.address == one)) | seldom
        return plots.replace(address=np.where(plots.address == one, other, plots.address), flags=np.where(hidden, NOT_LIVE, plots.flags))

    _, first = watch(w, 300, spoil, sensor=-1)
    assert first == {}


def test_findings_are_said_in_both_languages():
    w = world()
    state, _ = watch(w, 60, turned(107))
    for lang, word in (("en", "turned by +107 degrees"), ("fr", "décalés de +107 degrés")):
        said = phrases.said(state.trust.findings[0], w.table, lang)
        assert word in said
        assert "R0" in said
        assert "ADSB" in said
    for fault in {*AZIMUTHS} | {*RANGES} | {"clock", "unexplained", "moved"}:
        found = dataclasses.replace(state.trust.findings[0], fault=fault, figure="3", targets=("A", "B", "C", "D"))
        assert all("{" not in phrases.said(found, w.table, lang) for lang in ("en", "fr"))
