"""The exercise as a feed: binds the simulator to the wire, so that its bytes are real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere import exercise
from tenere.batch import AircraftClass, PlotKind
from tenere.exercise.script import Script
from tenere.units import FLIGHT_LEVEL_M, FOOT_M, FPM_MS, KNOT_MS, NM_M
from tenere.wire import beast
from tenere.wire.asterix.encode import encode_records
from tenere.wire.mode_s import encode as squitter
from tenere.wire.remote_id.encode import beacon_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Alerts, Plots, Status, Tracks
    from tenere.plans import Plan
    from tenere.site import SensorConfig, SourceConfig
    from tenere.tick import Chunk

    I64 = NDArray[np.int64]
    U8 = NDArray[np.uint8]

DAY_S = 86_400.0
TIME_STEP_S = 1.0 / 128.0
TYPE_OF_KIND = np.zeros(16, np.int64)
"""I048/020 TYP of each PlotKind (ASTERIX Part 4, 5.2.2)."""
TYPE_OF_KIND[[PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S]] = [1, 2, 3, 5, 7]
CATEGORY_OF_CLASS = np.full(16, 0xA0, np.int64)
"""Emitter category of each AircraftClass (DO-260B 2.2.3.2.5.2)."""
CATEGORY_OF_CLASS[[AircraftClass.LIGHT, AircraftClass.AIRLINER, AircraftClass.HIGH_PERFORMANCE]] = [0xA1, 0xA3, 0xA6]
CATEGORY_OF_CLASS[[AircraftClass.HELICOPTER, AircraftClass.GLIDER, AircraftClass.DRONE]] = [0xA7, 0xB1, 0xB6]
SIL = 3


def encode_radar(plots: Plots, first: I64) -> tuple[bytes, I64]:
    """Write one radar's plots as CAT048 blocks, one a datagram; first: row where each begins."""
    if not len(plots):
        return b"", np.zeros(0, np.int64)
    address = plots.address.astype(np.int64)
    columns = {
        "010/SAC": plots.sac_sic >> 8,
        "010/SIC": plots.sac_sic & 0xFF,
        "140": time_of_day(plots.time_s),
        "020/TYP": TYPE_OF_KIND[plots.kind],
        "040/RHO": plots.range_m / NM_M,
        "040/THETA": np.degrees(plots.azimuth_rad),
        "070/MODE3A": plots.mode_a.astype(np.int64),
        "090/FL": plots.pressure_altitude_m / FLIGHT_LEVEL_M,
        "220": address,
        "240": plots.callsign,
    }
    present = {"070": plots.mode_a >= 0, "090": ~np.isnan(plots.pressure_altitude_m), "220": address >= 0}
    data, ends = encode_records(48, len(plots), columns, present)
    return blocks(48, data, ends, first)


def encode_service(status: Status) -> tuple[bytes, I64]:
    """Write service messages as CAT034 blocks, one a datagram."""
    columns = {
        "010/SAC": status.sac_sic >> 8,
        "010/SIC": status.sac_sic & 0xFF,
        "000": status.message.astype(np.int64),
        "030": time_of_day(status.time_s),
        "020": np.degrees(status.azimuth_rad),
        "041": status.period_s,
        "120/HGT": status.height_m,
        "120/LAT": np.degrees(status.lat_rad),
        "120/LON": np.degrees(status.lon_rad),
    }
    data, ends = encode_records(34, len(status), columns)
    return blocks(34, data, ends, np.arange(len(status)))


def time_of_day(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Unix times as seconds since midnight in steps of 1/128 s; the last step of a day rounds to the next one's first."""
    return np.mod(np.rint(np.mod(time_s, DAY_S) / TIME_STEP_S) * TIME_STEP_S, DAY_S)


def blocks(category: int, data: bytes, ends: I64, first: I64) -> tuple[bytes, I64]:
    """Put a block header before each run of records; first: row where each run begins. Returns bytes and ends of the blocks."""
    if not len(first):
        return b"", np.zeros(0, np.int64)
    stops = ends[np.append(first[1:], len(ends)) - 1]
    starts = np.append(0, stops[:-1])
    out = [
        bytes((category, (b - a + 3) >> 8, (b - a + 3) & 0xFF)) + data[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
    ]
    return b"".join(out), stops + 3 * np.arange(1, len(first) + 1)


def encode_squitters(sent: exercise.Squitters) -> U8:
    """Write extended squitters as DF17 frames, (n, 14)."""
    frames = np.zeros((len(sent.message), 14), np.uint8)
    kinds = exercise.Squitter
    rows = {kind: np.flatnonzero(sent.message == kind) for kind in kinds}
    if len(r := rows[kinds.POSITION]):
        place = np.degrees(sent.lat_rad[r]), np.degrees(sent.lon_rad[r])
        frames[r] = squitter.airborne_position(sent.address[r], *place, sent.pressure_altitude_m[r] / FOOT_M, sent.odd[r])
    if len(r := rows[kinds.VELOCITY]):
        speed = sent.east_ms[r] / KNOT_MS, sent.north_ms[r] / KNOT_MS
        frames[r] = squitter.velocity(sent.address[r], *speed, sent.climb_ms[r] / FPM_MS, 2)
    if len(r := rows[kinds.IDENTIFICATION]):
        frames[r] = squitter.identification(sent.address[r], sent.callsign[r], CATEGORY_OF_CLASS[sent.aircraft_class[r]])
    if len(r := rows[kinds.OPERATIONAL]):
        frames[r] = squitter.operational_status(sent.address[r], sent.nac_p[r].astype(np.int64), SIL, 0)
    if len(r := rows[kinds.STATUS]):
        frames[r] = squitter.emergency_status(sent.address[r], sent.emergency[r].astype(np.int64), sent.mode_a[r])
    return frames


def encode_beast(frames: U8, counter_12mhz: I64, signal: U8) -> tuple[bytes, I64]:
    """Write frames of one receiver as a Beast stream; return it and where each frame ends."""
    data = beast.encode(frames, counter_12mhz, signal)
    octets = np.concatenate([signal[:, None], frames, counter_12mhz[:, None] >> np.array([40, 32, 24, 16, 8, 0]) & 0xFF], axis=1)
    doubled = (octets == beast.ESCAPE).sum(axis=1)
    return data, np.cumsum(2 + 6 + 1 + frames.shape[1] + doubled)


def encode_beacons(sent: exercise.Beacons) -> tuple[bytes, I64]:
    """Write Remote ID beacons as bare IEEE 802.11 frames."""
    if not len(sent.time_s):
        return b"", np.zeros(0, np.int64)
    frames = beacon_frames(
        sent.transmitter,
        sent.remote_id,
        np.degrees(sent.lat_rad),
        np.degrees(sent.lon_rad),
        sent.time_s,
        height_m=sent.height_m,
        speed_ms=np.hypot(sent.east_ms, sent.north_ms),
        course_deg=np.mod(np.degrees(np.arctan2(sent.east_ms, sent.north_ms)), 360.0),
        vertical_ms=sent.climb_ms,
        operator=sent.operator,
        operator_lat_deg=np.degrees(sent.operator_lat_rad),
        operator_lon_deg=np.degrees(sent.operator_lon_rad),
        counter=sent.counter,
    )
    return b"".join(frames), np.cumsum([len(f) for f in frames], dtype=np.int64)


ENCODERS = exercise.Encoders(encode_radar, encode_service, encode_squitters, encode_beast, encode_beacons)


class ExerciseFeed:
    """An exercise that runs: what its site holds, and its bytes slice by slice."""

    def __init__(self, config: exercise.ExerciseConfig) -> None:
        """Build the scenario; raise TenereError where the configuration asks for what is not there."""
        made = exercise.scenario(config)
        self.name: str = made.name
        self.sensors: tuple[SensorConfig, ...] = made.sensors
        self.sources: tuple[SourceConfig, ...] = made.sources
        self.plans: tuple[Plan, ...] = made.plans
        self.centre_lat_deg: float = made.centre_lat_deg
        self.centre_lon_deg: float = made.centre_lon_deg
        self.scenario = made
        self._state = exercise.init(made, ENCODERS)
        self._script = Script(made.told.script, config.start_s)

    def advance(self, until_s: float) -> tuple[Chunk, ...]:
        """Return what arrived since the last call and before a Unix time, one chunk a source."""
        self._state, chunks = exercise.step(self._state, until_s)
        return chunks

    def orders(self, until_s: float, tracks: Tracks | None, alerts: Alerts | None) -> list[dict[str, Any]]:
        """Return what the script's persons say before a Unix time, in the picture of the last tick."""
        return self._script.due(until_s, tracks, alerts)

    def truth(self, time_s: float) -> exercise.Truth:
        """Return every aircraft in the air at a Unix time, for scoring."""
        return exercise.truth(self._state, time_s)


def open_exercise(config: exercise.ExerciseConfig) -> ExerciseFeed:
    """Open the exercise that a configuration asks for, at its beginning."""
    return ExerciseFeed(config)
