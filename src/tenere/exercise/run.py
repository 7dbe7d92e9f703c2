"""The exercise as it runs: blocks of work made whole, sent bytes released by time, and the truth for scoring."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.exercise import adsb, beacons, radar
from tenere.exercise.outbox import EMPTY, Outbox, put, release
from tenere.exercise.traffic import GLANCE_S, Glance, glance, horizon_m, motion, told
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.exercise.encoders import Encoders
    from tenere.exercise.scenarios import Scenario
    from tenere.tick import Chunk

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]


@dataclass(frozen=True)
class ExerciseState:
    """Where the exercise stands. Times are of the exercise: seconds since config.start_s.

    scans: next scan of each radar. second: next second of broadcasts. outboxes: one a sensor, in the order of scenario.sensors.
    glances: by block, the last few.
    """

    scenario: Scenario
    encoders: Encoders
    now_s: float
    scans: tuple[int, ...]
    second: int
    outboxes: tuple[Outbox, ...]
    glances: dict[int, Glance] = field(default_factory=dict)


class Truth(NamedTuple):
    """Every aircraft in the air at one time, (n,) columns. aircraft: its number, the row of the flights.

    height_m is also the pressure altitude. watchers: sensors in whose reach it is (above the radio horizon and in range;
    for a primary radar alone, seen at least half of the time).
    """

    aircraft: I64
    lat_rad: F64
    lon_rad: F64
    height_m: F64
    east_ms: F64
    north_ms: F64
    climb_ms: F64
    address: I64
    mode_a: I64
    callsign: NDArray[np.bytes_]
    remote_id: NDArray[np.bytes_]
    equipment: NDArray[np.uint8]
    emergency: NDArray[np.uint8]
    watchers: I64


def init(scenario: Scenario, encoders: Encoders) -> ExerciseState:
    """Return the exercise at its beginning: nothing sent yet."""
    scans = tuple(radar.scans_before(r, 0.0) - 1 for r in scenario.radars)
    return ExerciseState(scenario, encoders, 0.0, scans, 0, (EMPTY,) * len(scenario.sensors))


def step(state: ExerciseState, until_s: float) -> tuple[ExerciseState, tuple[Chunk, ...]]:
    """Run to a Unix time; return what arrived in [previous, until_s), one chunk a source that delivered anything.

    The bytes depend on the scenario and its seed alone, not on how time is sliced. A time already passed gives nothing.
    """
    scenario, seed, zero = state.scenario, state.scenario.config.seed, state.scenario.config.start_s
    until = until_s - zero
    if until <= state.now_s:
        return state, ()
    boxes, glances = list(state.outboxes), dict(state.glances)
    scans = list(state.scans)
    for i, model in enumerate(scenario.radars):
        while radar.north_s(model, scans[i]) < until:
            seen = _glance(glances, scenario, radar.north_s(model, scans[i]) + 0.5 * model.sensor.period_s)
            plots = radar.scan_plots(model, scenario.traffic, seen, scans[i], seed, zero)
            boxes[i] = put(boxes[i], *radar.send(model, plots, scans[i], state.encoders, zero))
            scans[i] += 1
    second, first = state.second, len(scenario.radars)
    while second < until:
        seen = _glance(glances, scenario, second)
        delivered = []
        if scenario.receivers:
            delivered += adsb.second_reads(scenario.receivers, scenario.traffic, seen, second, state.encoders, seed)
        if scenario.drone_receivers:
            delivered += beacons.second_frames(scenario.drone_receivers, scenario.traffic, seen, second, state.encoders, seed, zero)
        for i, sent in enumerate(delivered):
            boxes[first + i] = put(boxes[first + i], *sent)
        second += 1
    chunks: list[Chunk] = []
    for i, sensor in enumerate(scenario.sensors):
        boxes[i], chunk = release(boxes[i], sensor.source, state.now_s, until, zero)
        if chunk is not None:
            chunks.append(chunk)
    recent = {b: g for b, g in glances.items() if b >= int(until // GLANCE_S) - 2}
    moved = dataclasses.replace(state, now_s=until, scans=tuple(scans), second=second, outboxes=tuple(boxes), glances=recent)
    return moved, tuple(chunks)


def truth(state: ExerciseState, time_s: float) -> Truth:
    """Return every aircraft in the air at a Unix time, past or future."""
    traffic = state.scenario.traffic
    f, at = traffic.flights, time_s - state.scenario.config.start_s
    rows = np.arange(len(f.path))
    m, flying = motion(traffic, rows, at)
    rows, m = rows[flying], m.take(flying)
    code, emergency = told(traffic, rows, at)
    columns = (f.address[rows], code, f.callsign[rows], f.remote_id[rows], f.equipment[rows], emergency)
    ecef = np.stack(geodetic_to_ecef(m.lat_rad, m.lon_rad, m.height_m), axis=1)
    return Truth(rows, *m, *columns, watchers=_watchers(state.scenario, rows, ecef, m.height_m))


def _watchers(scenario: Scenario, rows: I64, ecef_m: F64, height_m: F64) -> I64:
    f = scenario.traffic.flights
    count = np.zeros(len(rows), np.int64)
    for model in scenario.radars:
        away = np.linalg.norm(ecef_m - model.ecef_m, axis=1)
        up = away <= np.minimum(horizon_m(model.antenna_m, height_m - model.ground_m), model.sensor.range_m)
        answers = (f.equipment[rows] >= 1) & (model.interrogator != radar.NONE)
        count += up & (answers | (radar.primary_probability(model, away, f.rcs_m2[rows]) >= 0.5))
    for receiver in scenario.receivers:
        count += (f.equipment[rows] >= 4) & (adsb.hearing(receiver, ecef_m, height_m) > 0.1)
    for receiver in scenario.drone_receivers:
        count += (np.strings.str_len(f.remote_id[rows]) > 0) & (adsb.hearing(receiver, ecef_m, height_m) > 0.1)
    return count


def _glance(glances: dict[int, Glance], scenario: Scenario, time_s: float) -> Glance:
    """Return the glance of a time, kept for whoever needs the same."""
    block = int(time_s // GLANCE_S)
    if block not in glances:
        glances[block] = glance(scenario.traffic, block)
    return glances[block]
