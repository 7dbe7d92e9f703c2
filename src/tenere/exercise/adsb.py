"""ADS-B: what aircraft broadcast, and which of it each receiver hears.

One second of squitters is made as a whole from its number alone. Rates are those of DO-260B 2.2.3.3: position and
velocity each half second, identification each 5 s, operational status each 2.5 s, aircraft status each 5 s, or each
second (the standard says 0.8 s) while an emergency is on; each is jittered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.exercise import draws
from tenere.exercise.encoders import Squitter, Squitters
from tenere.exercise.motion import SPHERE_M, ground_scale
from tenere.exercise.timetable import ADSB
from tenere.exercise.traffic import Glance, Traffic, answering, horizon_m, motion, told
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.exercise.encoders import Encoders
    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

LIGHT_MS = 299_792_458.0
COUNTER_HZ = 12_000_000
READ_S, READ_DELAY_S = 0.01, 0.002
"""Frames that arrive within the same hundredth of a second come in one read, a little after it."""
GNSS_WHITE_M = 1.5
VELOCITY_STD_MS = 0.25
HEARD = 0.95
"""Share of messages heard from near by."""


class Receiver(NamedTuple):
    """One simulated receiver, ADS-B or Remote ID."""

    sensor: SensorConfig
    number: int
    lat_rad: float
    lon_rad: float
    ground_m: float
    antenna_m: float
    ecef_m: F64
    counter_zero: int


class Broadcast(NamedTuple):
    """Messages of one second, (n,) columns in order of transmission."""

    row: I64
    message: NDArray[np.uint8]
    odd: NDArray[np.uint8]
    time_s: F64

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Broadcast:
        """Return the selected rows."""
        return type(self)._make(c[rows] for c in self)


def hearing(receiver: Receiver, ecef_m: F64, height_m: F64) -> F64:
    """Return the probability (n,) that a receiver hears one message from each place: falls with range, none below the horizon."""
    away = ecef_m - receiver.ecef_m
    distance = np.sqrt(np.einsum("ij,ij->i", away, away))
    share = HEARD * np.clip(1.0 - (distance / receiver.sensor.range_m) ** 6, 0.0, 1.0)
    return np.where(distance <= horizon_m(receiver.antenna_m, height_m - receiver.ground_m), share, 0.0)


def schedule(rows: I64, emergency: NDArray[np.uint8], second: int, rng: np.random.Generator) -> Broadcast:
    """Return the messages that aircraft send within one second."""
    n = len(rows)
    phase = (rows * 0.618_033_988_75) % 1.0
    parts: list[tuple[I64, int, int, F64]] = []
    every = np.arange(n)
    for half in (0, 1):
        shake = rng.random((4, n)) * 0.1
        begin = second + 0.5 * half
        parts += [
            (every, Squitter.POSITION, half, begin + 0.4 * phase + shake[0]),
            (every, Squitter.VELOCITY, half, begin + 0.4 * ((phase + 0.4) % 1.0) + shake[1]),
        ]
        turn = np.flatnonzero((2 * second + half + rows) % 5 == 0)
        parts.append((turn, Squitter.OPERATIONAL, half, begin + 0.4 * ((phase[turn] + 0.7) % 1.0) + shake[2, turn]))
        if half == 0:
            turn = np.flatnonzero((second + rows) % 5 == 0)
            parts.append((turn, Squitter.IDENTIFICATION, half, begin + 0.4 * ((phase[turn] + 0.2) % 1.0) + shake[3, turn]))
        else:
            turn = np.flatnonzero(((second + rows + 2) % 5 == 0) | (emergency > 0))
            parts.append((turn, Squitter.STATUS, half, begin + 0.4 * ((phase[turn] + 0.5) % 1.0) + shake[3, turn]))
    who = np.concatenate([p[0] for p in parts])
    message = np.concatenate([np.full(len(p[0]), p[1], np.uint8) for p in parts])
    odd = np.concatenate([np.full(len(p[0]), p[2], np.uint8) for p in parts])
    time = np.concatenate([p[3] for p in parts])
    order = np.argsort(time, kind="stable")
    return Broadcast(rows[who[order]], message[order], odd[order], time[order])


def second_reads(
    receivers: Sequence[Receiver], traffic: Traffic, seen: Glance, second: int, encoders: Encoders, seed: int
) -> list[tuple[bytes, I64, F64]]:
    """Return what each receiver delivers of one second of messages: bytes, ends of reads, their arrival times (exercise time)."""
    rng = draws.generator(seed, draws.SQUITTERS, second)
    rows = seen.rows[answering(traffic, seen.rows, float(second)) >= ADSB]
    now, _ = motion(traffic, rows, second + 0.5)
    ecef = np.stack(geodetic_to_ecef(now.lat_rad, now.lon_rad, now.height_m), axis=1)
    shares = np.stack([hearing(r, ecef, now.height_m) for r in receivers])
    heard_at_all = np.flatnonzero(shares.max(axis=0) > 0.0)
    rows, shares = rows[heard_at_all], shares[:, heard_at_all]
    _, emergency = told(traffic, rows, float(second))
    sent = schedule(rows, emergency, second, rng)
    place = np.searchsorted(rows, sent.row)
    heard = np.stack([draws.generator(seed, draws.RECEIVER + r.number, second).random(len(sent.row)) for r in receivers]) < shares[:, place]
    _, flying = motion(traffic, sent.row, sent.time_s)
    kept = np.flatnonzero(heard.any(axis=0) & flying)
    sent, heard = sent.take(kept), heard[:, kept]
    squitters, at = compose(traffic, sent, rng)
    frames = encoders.squitter(squitters)
    return [deliver(r, frames, sent.time_s, at, np.flatnonzero(heard[i]), encoders) for i, r in enumerate(receivers)]


def compose(traffic: Traffic, sent: Broadcast, rng: np.random.Generator) -> tuple[Squitters, F64]:
    """Fill in what each message says, with the aircraft's own errors; also return where it was sent from (n, 3)."""
    f, n = traffic.flights, len(sent.row)
    m, _ = motion(traffic, sent.row, sent.time_s)
    errors = rng.standard_normal((4, n))
    east, north = ground_scale(m.lat_rad, m.height_m)
    code, emergency = told(traffic, sent.row, sent.time_s)
    squitters = Squitters(
        message=sent.message,
        odd=sent.odd,
        address=f.address[sent.row],
        lat_rad=m.lat_rad + (traffic.gnss_north_m[sent.row] + GNSS_WHITE_M * errors[0]) / (north * SPHERE_M),
        lon_rad=m.lon_rad + (traffic.gnss_east_m[sent.row] + GNSS_WHITE_M * errors[1]) / (east * SPHERE_M * np.cos(m.lat_rad)),
        pressure_altitude_m=m.height_m,
        east_ms=m.east_ms + VELOCITY_STD_MS * errors[2],
        north_ms=m.north_ms + VELOCITY_STD_MS * errors[3],
        climb_ms=m.climb_ms,
        callsign=f.callsign[sent.row],
        aircraft_class=f.aircraft_class[sent.row],
        nac_p=f.nac_p[sent.row],
        emergency=emergency,
        mode_a=code,
    )
    return squitters, np.stack(geodetic_to_ecef(m.lat_rad, m.lon_rad, m.height_m), axis=1)


def deliver(
    receiver: Receiver, frames: NDArray[np.uint8], time_s: F64, from_ecef_m: F64, heard: I64, encoders: Encoders
) -> tuple[bytes, I64, F64]:
    """Return the stream of one receiver: the frames it heard in order of arrival, each with its counter, cut into reads."""
    away = from_ecef_m[heard] - receiver.ecef_m
    distance = np.sqrt(np.einsum("ij,ij->i", away, away))
    arrival = time_s[heard] + distance / LIGHT_MS
    order = np.argsort(arrival, kind="stable")
    arrival = arrival[order]
    counter = receiver.counter_zero + np.rint(arrival * COUNTER_HZ).astype(np.int64)
    signal = np.clip(235.0 - 80.0 * np.log10(np.maximum(distance[order], 3_000.0) / 3_000.0), 5.0, 255.0).astype(np.uint8)
    data, ends = encoders.beast(frames[heard[order]], counter, signal)
    read = np.ceil(arrival / READ_S).astype(np.int64)
    last = np.flatnonzero(np.diff(read, append=read[-1:] + 1)) if len(read) else read
    return data, ends[last], read[last] * READ_S + READ_DELAY_S
