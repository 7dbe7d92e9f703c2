"""GDL 90 as a format: messages to plots and counts, the clock by the heartbeat.

A heartbeat opens each UTC second and says which it is; the reports that follow it are valid at its beginning (3.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots
from tenere.errors import Rejects, UsageError
from tenere.units import FOOT_M
from tenere.wire import uat
from tenere.wire.decoded import Decoded
from tenere.wire.format import Format
from tenere.wire.gdl90 import details as tables
from tenere.wire.gdl90 import framing as f
from tenere.wire.gdl90 import reports
from tenere.wire.uat import decode as uat_decode
from tenere.wire.uat.plots import Senders
from tenere.wire.uat.text import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

DAY_S = 86_400
CLOCK_OFF_S = 60.0
SECOND_S = 1.0
TICKS_A_SECOND = 12_500_000  # of 80 ns
FEET_A_STEP = 5
NO_ALTITUDE = -0x8000

CLOCK_OFF = "GDL 90 heartbeat off by over a minute"
NAMES = {
    f.HEARTBEAT: "heartbeat", f.INITIALIZATION: "initialization", f.UPLINK: "uplink", f.TERRAIN: "height above terrain",
    f.OWNSHIP: "ownship", f.ALTITUDE: "ownship altitude", f.TRAFFIC: "traffic", f.BASIC: "basic report", f.LONG: "long report",
}  # fmt: skip
TIME_OF_RECEPTION = (f.UPLINK, f.BASIC, f.LONG)
"""Messages that carry a UAT message whole, after a time of reception of three bytes."""


@dataclass
class State:
    """One source: its unfinished frame, its last heartbeat, its own height, and the UAT senders it passed on.

    second_s: UTC second of the last heartbeat, NaN: unknown; heard_s: when that arrived. height_m: of its own antenna above
    the ellipsoid, until an ownship report has taken it. above_sea: its device says that it gives heights above the sea.
    """

    tail: f.Tail = field(default_factory=f.Tail)
    second_s: float = math.nan
    heard_s: float = math.nan
    height_m: float = math.nan
    above_sea: bool = False
    senders: Senders = field(default_factory=Senders)

    def hear(self, m: f.Message, tick_time_s: float, rejects: Rejects) -> None:
        """Take what a message says of the source itself."""
        if m.data[0] == f.HEARTBEAT:
            near_s = tick_time_s if math.isnan(m.receive_s) else m.receive_s
            late_s = (near_s - seconds_of_day(m.data) + DAY_S / 2) % DAY_S - DAY_S / 2
            if abs(m.receive_s - (near_s - late_s)) > CLOCK_OFF_S:
                rejects.add(CLOCK_OFF, m.offset)
                late_s = math.nan
            self.second_s, self.heard_s = near_s - late_s, m.receive_s
        elif m.data[0] == f.ALTITUDE and not self.above_sea:
            steps = int.from_bytes(m.data[1:3], "big", signed=True)
            self.height_m = math.nan if steps == NO_ALTITUDE else steps * FEET_A_STEP * FOOT_M
        elif m.data[:2] == bytes((f.FOREFLIGHT, 0)):
            self.above_sea = bool(m.data[38] & 1)

    def time_of(self, m: f.Message, tick_time_s: float) -> float:
        """Return when a message is valid: at its heartbeat, later by whole seconds where the next one is missing, or when it arrived."""
        if math.isnan(self.second_s):
            return tick_time_s if math.isnan(m.receive_s) else m.receive_s
        late_s = m.receive_s - self.heard_s
        missed_s = math.floor(late_s) * SECOND_S if late_s >= SECOND_S else 0.0
        return self.second_s + missed_s


def seconds_of_day(heartbeat: bytes) -> float:
    """Return the UTC seconds of the day of a heartbeat, NaN where it has none (3.1.3: 17 bits, the highest in status 2)."""
    seconds = (heartbeat[2] >> 7) << 16 | heartbeat[4] << 8 | heartbeat[3]
    return float(seconds) if heartbeat[2] & 1 and seconds < DAY_S else math.nan


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing; raise UsageError for options, for there are none."""
    for key in hint.options:
        raise UsageError(f"options.{key}: not an option of gdl90; it has none")
    return State()


def step(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent; the units of the chunk are datagrams or reads, cut anywhere. The state is reused."""
    decoded = Decoded()
    found, rejects = f.read(state.tail, chunk)
    decoded.rejects.merge(rejects)
    timed = _timed(state, found, tick_time_s, decoded.rejects)
    for m, _, _ in timed:
        decoded.records[_name(m.data)] += 1
    passed_on = _uat_messages(timed, decoded.rejects)
    if passed_on:
        uat_decode.run(state.senders, passed_on, tick_time_s, decoded)
    own = [t for t in timed if t[0].data[0] in {f.OWNSHIP, f.TRAFFIC}]
    if own:
        heard = [m for m, _, _ in own]
        times_s, heights_m = np.array([t for _, t, _ in own]), np.array([h for _, _, h in own])
        plots = reports.plots(heard, times_s, heights_m, decoded.rejects)
        if len(decoded.plots):
            plots = Plots.concat([plots, decoded.plots])
            plots = plots.take(np.argsort(plots.reference, kind="stable"))
        decoded.plots = plots
        decoded.addresses |= frozenset(np.unique(plots.address[plots.address > 0]).tolist())
    return state, decoded


def _timed(state: State, found: Iterable[f.Message], tick_time_s: float, rejects: Rejects) -> list[tuple[f.Message, float, float]]:
    """Return each message, when it is valid, and the height that an ownship report may take."""
    out = []
    for m in found:
        state.hear(m, tick_time_s, rejects)
        height_m = math.nan
        if m.data[0] == f.OWNSHIP:
            height_m, state.height_m = state.height_m, math.nan
        out.append((m, state.time_of(m, tick_time_s), height_m))
    return out


def _name(data: bytes) -> str:
    """Name a message for the counts."""
    if data[0] == f.FOREFLIGHT:
        return f"GDL90 {('device', 'attitude')[data[1]]}" if data[1] in f.FOREFLIGHT_SIZES else "GDL90 other ForeFlight message"
    return f"GDL90 {NAMES.get(data[0], f'message {data[0]}')}"


def _uat_messages(timed: Iterable[tuple[f.Message, float, float]], rejects: Rejects) -> list[uat.text.Message]:
    """Return the UAT messages that a receiver passed on, each at its time of reception within its second (3.3, 3.5.3)."""
    out = []
    for m, time_s, _ in timed:
        if m.data[0] not in TIME_OF_RECEPTION:
            continue
        reason = whole(m.data[4:], uplink=m.data[0] == f.UPLINK)
        if reason:
            rejects.add(reason, m.offset)
            continue
        ticks = int.from_bytes(m.data[1:4], "little")
        said_s = time_s + ticks / TICKS_A_SECOND if ticks < TICKS_A_SECOND and time_s == math.floor(time_s) else time_s
        out.append(uat.text.Message(m.data[4:], m.offset, m.reference, m.receive_s, said_s))
    return out


def details(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every message: tables "GDL90 ..." and, of the UAT messages passed on, "UAT ..."."""
    found, _ = f.read(state.tail, chunk)
    timed = _timed(state, found, tick_time_s, Rejects())
    out = tables.of([(m, t) for m, t, _ in timed])
    return state, {**out, **uat_decode.tabulate(_uat_messages(timed, Rejects()), tick_time_s)}


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end of each frame of a file and the UTC second of the day of its heartbeat, days counted on past midnight."""
    ends: list[int] = []
    times_s: list[float] = []
    at, now_s, day_s = 0, math.nan, 0.0
    bodies = data.split(b"\x7e")
    for body in bodies[:-1]:
        at += len(body) + 1
        if not body:
            continue
        if len(body) <= f.LONGEST:
            message, _ = f.message_of(body)
            if message and message[0] == f.HEARTBEAT and not math.isnan(said_s := seconds_of_day(message)):
                if said_s + day_s < now_s - DAY_S / 2:
                    day_s += DAY_S
                now_s = said_s + day_s
        ends.append(at)
        times_s.append(now_s)
    if not ends or ends[-1] < len(data):
        ends.append(len(data))
        times_s.append(now_s)
    return np.array(ends, np.int64), np.array(times_s, np.float64), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of the bytes that lie in frames whose CRC holds; a cut frame at either end does not count."""
    bodies = head.split(b"\x7e")
    good = total = 0
    for i, body in enumerate(bodies):
        if not body:
            continue
        if len(body) <= f.LONGEST and not f.message_of(body)[1]:
            good += len(body) + 2
        elif i in {0, len(bodies) - 1} and len(body) <= f.LONGEST and len(bodies) > 1:
            continue
        total += len(body) + 2
    return min(1.0, good / max(total, 1))


FORMAT = Format("gdl90", init, step, split, likeness, details)
