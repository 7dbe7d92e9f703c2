"""Open Drone ID: radio frames to plots.

A drone says who it is (Basic ID) and where it is (Location) in messages of their own, each repeated many times. So
each transmitter has a memory, and a Location makes a plot once: copies of it are counted and passed over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind, Plots
from tenere.units import R95_SIGMA
from tenere.wire.decoded import Decoded
from tenere.wire.detail import told
from tenere.wire.format import Format
from tenere.wire.remote_id import messages as m
from tenere.wire.remote_id.authentication import Assemblies
from tenere.wire.remote_id.details import tables
from tenere.wire.remote_id.frames import UNKNOWN, find
from tenere.wire.remote_id.hear import Heard, messages, stamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

CLOCK_OFF_S = 60.0
REPEAT_S = 1.0
NAMELESS_S = 5.0
"""How long a transmitter may go without a Basic ID (which is due every 3 s) before its MAC address has to serve."""

NO_POSITION = "Location without a position"
CLOCK_OFF = "Location clock off by over a minute"
UNVERIFIED = "Authentication not verified"


@dataclass
class Transmitter:
    """What one radio has said: its claimed name, how good a name that is, and its last Location."""

    mac: int
    first_s: float = math.nan
    name: bytes = b""
    rank: int = 0
    place: bytes = b""
    emitted_s: float = -math.inf


@dataclass
class State:
    """The transmitters of one source by MAC address, the one heard longest ago first.

    stranger: the one frame of a transmitter that did not say its address; what it said holds within that frame only.
    """

    transmitters: dict[int, Transmitter] = field(default_factory=dict)
    stranger: tuple[int, Transmitter] = (-1, Transmitter(UNKNOWN))
    signatures: Assemblies = field(default_factory=Assemblies)

    def of(self, heard: Heard) -> Transmitter:
        """Return the memory of a transmitter, now the last in the order; forget the oldest where there are too many."""
        mac = heard.transmitter
        if mac == UNKNOWN:
            if self.stranger[0] != heard.unit:
                self.stranger = (heard.unit, Transmitter(mac))
            return self.stranger[1]
        known = self.transmitters.pop(mac, None) or Transmitter(mac)
        self.transmitters[mac] = known
        if len(self.transmitters) > m.MOST_TRANSMITTERS:
            del self.transmitters[next(iter(self.transmitters))]
        return known


def init(hint: SourceHint) -> State:
    """Return the state of a source that has heard nothing."""
    del hint
    return State()


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode the radio frames of a chunk, one a unit. The state is reused."""
    decoded = Decoded()
    times: list[float] = []
    names: list[bytes] = []
    kept: list[Heard] = []
    state.stranger = (-1, Transmitter(UNKNOWN))
    for heard in messages(chunk, decoded.rejects):
        transmitter = state.of(heard)
        kind = heard.message[0] >> 4
        decoded.records[m.NAMES[kind]] += 1
        if kind == m.BASIC_ID:
            name_transmitter(transmitter, heard.message)
        elif kind == m.AUTHENTICATION:
            decoded.rejects.add(UNVERIFIED, chunk.offset + heard.at)
        elif kind == m.LOCATION:
            received_s = float(chunk.times_s[heard.unit])
            near_s = time_s if math.isnan(received_s) else received_s
            stamp_s = stamp(heard.message, near_s)
            if abs(stamp_s - near_s) > CLOCK_OFF_S:
                decoded.rejects.add(CLOCK_OFF, chunk.offset + heard.at)
                stamp_s = math.nan
            if not is_new(transmitter, heard.message, stamp_s, near_s):
                continue
            times.append(near_s if math.isnan(stamp_s) else stamp_s)
            names.append(name_of(transmitter, near_s))
            kept.append(heard)
    if kept:
        decoded.plots = locations(kept, np.array(times), np.array(names, "S20"), chunk, decoded.rejects)
    return state, decoded


def name_transmitter(transmitter: Transmitter, message: bytes) -> None:
    """Take the name of a Basic ID, unless a better kind of name is known.

    Best is a serial number (1), then a registration (2), then what traffic management (3) or a session (4) gave, then a
    name of no stated kind. Kinds 3 and 4 are binary: their first eight bytes are shown in hex.
    """
    kind, raw = message[1] >> 4, message[2:22]
    rank = {1: 5, 2: 4, 3: 3, 4: 2}.get(kind, 1)
    if rank < transmitter.rank:
        return
    name = {3: b"utm:", 4: b"ses:"}[kind] + raw[:8].hex().encode() if kind in {3, 4} else m.text_of(raw).replace(b" ", b"?")
    if name:
        transmitter.name, transmitter.rank = name, rank


def name_of(transmitter: Transmitter, near_s: float) -> bytes:
    """Return the claimed name; where none came in time, one made of the MAC address; before that none."""
    if math.isnan(transmitter.first_s):
        transmitter.first_s = near_s
    if transmitter.name or transmitter.mac == UNKNOWN or abs(near_s - transmitter.first_s) <= NAMELESS_S:
        return transmitter.name
    return f"mac:{transmitter.mac:012x}".encode()


def is_new(transmitter: Transmitter, message: bytes, stamp_s: float, near_s: float) -> bool:
    """Say whether a Location is another than the last of its transmitter; without a usable time, also after a second."""
    place = message[5:13] + message[21:23]
    if place == transmitter.place and not (math.isnan(stamp_s) and abs(near_s - transmitter.emitted_s) >= REPEAT_S):
        return False
    transmitter.place, transmitter.emitted_s = place, near_s
    return True


def locations(heard: list[Heard], times_s: NDArray[np.float64], names: NDArray[np.bytes_], chunk: Chunk, rejects: Rejects) -> Plots:
    """Return a plot of each Location (n,) that has a position, its fields decoded in columns."""
    raw = np.frombuffer(b"".join(h.message for h in heard), np.uint8).reshape(-1, m.SIZE)
    at, unit = np.array([h.at for h in heard]), np.array([h.unit for h in heard])
    lat, lon = _field(raw, 5, "<i4") * 1e-7, _field(raw, 9, "<i4") * 1e-7
    placed = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0) & ~((lat == 0.0) & (lon == 0.0))
    if not placed.all():
        rejects.add(NO_POSITION, chunk.offset + int(at[~placed][0]), int(np.count_nonzero(~placed)))
    course = raw[:, 2] + 180.0 * (raw[:, 1] >> 1 & 1)
    speed = np.where(raw[:, 1] & 1, raw[:, 3] * 0.75 + 63.75, raw[:, 3] * 0.25)
    known = (course <= 360.0) & (speed < 255.0)
    speed = np.where(known, speed, np.nan)
    climb = _field(raw, 4, "i1") * 0.5
    status = raw[:, 1] >> 4
    alarm = status == m.STATUS_EMERGENCY
    return Plots.blank(
        len(heard),
        time_s=times_s,
        receive_s=chunk.times_s[unit],
        kind=PlotKind.REMOTE_ID,
        flags=np.where(status == m.STATUS_GROUND, PlotFlag.ON_GROUND, 0) | np.where(alarm, PlotFlag.EMERGENCY, 0),
        lat_rad=np.radians(lat),
        lon_rad=np.radians(lon),
        position_std_m=m.HORIZONTAL_R95_M[raw[:, 19] & 0xF] / R95_SIGMA,
        height_m=_altitude(_field(raw, 15, "<u2")),
        pressure_altitude_m=_altitude(_field(raw, 13, "<u2")),
        east_ms=speed * np.sin(np.radians(course)),
        north_ms=speed * np.cos(np.radians(course)),
        velocity_std_ms=np.where(known, m.SPEED_R95_MS[raw[:, 20] & 0xF] / R95_SIGMA, np.nan),
        vertical_rate_ms=np.where(np.abs(climb) <= 62.0, climb, np.nan),
        remote_id=names,
        aircraft_class=AircraftClass.DRONE,
        emergency=np.where(alarm, Emergency.GENERAL, Emergency.NONE),
        reference=at,
    ).take(placed)


def _field(raw: NDArray[np.uint8], first: int, dtype: str) -> NDArray[np.float64]:
    """Return a little-endian field of messages (n, 25) as float64."""
    size = np.dtype(dtype).itemsize
    return np.ascontiguousarray(raw[:, first : first + size]).view(dtype)[:, 0].astype(np.float64)


def _altitude(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return metres of half metres above -1,000 m; NaN for 0, which says that there is none."""
    return np.where(steps == 0, np.nan, steps * 0.5 - 1000.0)


def details(state: State, chunk: Chunk, time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every message, a table for each type of message."""
    return state, told(tables(chunk, time_s, state.signatures), chunk)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return one unit: bare radio frames hold nothing that parts them (a capture file does)."""
    return np.array([len(data)], np.int64), np.array([np.nan]), Decoded().rejects


def likeness(head: bytes) -> float:
    """Return 1 where the bytes are a radio frame that carries Remote ID, else 0."""
    return 1.0 if any(True for _ in find(head)) else 0.0


FORMAT = Format("remote_id", init, step, split, likeness, details)
