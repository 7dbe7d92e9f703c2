"""Whatever persons command, in any order: nothing raises, no number is used twice or shown twice, civil flights stay, bits repeat."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere import track
from tenere.batch import PlotKind, Plots, Status, SystemTracks, TrackFlag, Tracks
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig
from tenere.track.orders import ANSWERS, KINDS

CENTRE = (np.deg2rad(13.5), np.deg2rad(2.1))
BEGIN_S, TICK_S = 1_000_000.0, 4.0
ADDRESSES = np.array([0x062A01, 0x062A02, 0x062A03, 0x062A03, -1, -1])
"""Two flights, one that two tracks show, two without a name."""

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
number = st.integers(1, 12)
who = {"by": st.just("Lt Issa"), "reason": st.just("told")}
hold = {"hold_s": st.sampled_from([10.0, 40.0, 3600.0])}


def kind(name: str, optional: dict[str, Any] | None = None, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(name), **fields}, optional=optional or {})


report = kind(
    "track_report",
    by=who["by"],
    words=st.just("low, seen by a village"),
    lat_deg=st.sampled_from([13.5, 13.6, 12.0, 89.9, -13.5]),
    lon_deg=st.sampled_from([2.1, 2.4, 3.0, -177.9]),
    position_std_m=st.sampled_from([10.0, 3000.0, 2e5]),
    optional={
        "track": number,
        "report_s": st.sampled_from([BEGIN_S, BEGIN_S - 300.0, BEGIN_S + 50.0, 0.0]),
        "course_deg": st.sampled_from([0.0, 200.0]),
        "speed_ms": st.sampled_from([0.0, 50.0, 900.0]),
        "speed_std_ms": st.sampled_from([0.1, 500.0]),
        "keep_s": st.sampled_from([10.0, 60.0, 900.0]),
        "aircraft_class": st.sampled_from(["drone", "airliner", "boat"]),
        "callsign": st.sampled_from(["UNO123", "no"]),
    },
)
sound = st.one_of(
    report,
    report,
    kind("track_correlate", track=number, other=number, **who),
    kind("track_merge", track=number, other=number, optional=hold, **who),
    kind("track_merge", track=number, other=number, optional=hold, **who),
    kind("track_split", track=number, optional=hold, **who),
    kind("track_apart", track=number, other=number, optional=hold, **who),
    kind("track_end", track=number, optional=hold, **who),
    kind("track_undo", order=number, **who),
    kind("track_undo", order=number, **who),
)
wild = st.dictionaries(st.sampled_from(["kind", "track", "other", "by", "reason", "order", "hold_s", "lat_deg"]), anything, max_size=8) | (
    st.builds(lambda c, key, value: c | {key: value}, sound, st.sampled_from(["track", "by", "reason", "hold_s", "x", 3]), anything)
)
tick = st.tuples(st.lists(sound | wild, max_size=5), st.integers(0, 63), st.integers(0, 63), st.sampled_from([1, 1, 1, 4]))
"""What is commanded, which aircraft are seen, which numbers are guarded, how many ticks pass."""


def plots(time_s: float, seen: int) -> Plots:
    """Return position reports of the aircraft whose bits are set."""
    i = np.flatnonzero((seen >> np.arange(6)) & 1)
    dt = time_s - BEGIN_S
    x, y = 4e3 * i + (120.0 + 5.0 * i) * dt, 3e3 * i
    return Plots.blank(
        len(i),
        time_s=time_s - 0.1,
        kind=PlotKind.ADSB,
        lat_rad=CENTRE[0] + y / 6.34e6,
        lon_rad=CENTRE[1] + x / (6.38e6 * np.cos(CENTRE[0])),
        address=ADDRESSES[i],
        position_std_m=40.0,
    )


class Held:
    """A tracker and an operator, each of whose pictures is held to what every picture must be."""

    def __init__(self) -> None:
        self.state = track.init(TrackConfig(), (SensorConfig(id="A", kind="adsb", source="a", period_s=TICK_S),), CENTRE)
        self.time_s = BEGIN_S
        self.raw = track.init(TrackConfig(), (SensorConfig(id="A", kind="adsb", source="a", period_s=TICK_S),), CENTRE)
        self.made: set[int] = set()
        self.octets: list[bytes] = []

    def tick(self, commands: list[Any], seen: int, guarded: np.ndarray) -> Tracks:
        heard = [Heard("a", plots(self.time_s, seen), SystemTracks.blank(), Status.blank())]
        before = self.state.next_number
        self.state, answers = track.order(self.state, commands, self.time_s, guarded)
        asked = [c for c in commands if isinstance(c, dict) and isinstance(c.get("kind"), str) and c["kind"] in KINDS]
        assert len(answers) == len(asked)
        for answer in answers:
            assert answer.key in ANSWERS
            assert "{" not in answer.text("en") + answer.text("fr") or "{" in "".join(answer.details)
        fresh = {a.track for a in answers if a.accepted and a.track >= before}
        assert not fresh & self.made
        self.made |= fresh
        self.state, out = track.step(self.state, heard, self.time_s, TICK_S)
        self.check(out.tracks, out.aside)
        assert set(out.plot_tracks.tolist()) - {0} <= set(out.tracks.number.tolist()) | set(range(1, self.state.next_number))
        self.octets += [np.ascontiguousarray(getattr(out.tracks, name)).tobytes() for name, *_ in Tracks.columns()]
        self.octets.append(repr(answers).encode())
        self.flights(out.tracks, out.aside, guarded)
        self.time_s += TICK_S
        return out.tracks

    def check(self, tracks: Tracks, aside: Tracks) -> None:
        numbers = tracks.number.tolist()
        assert len(set(numbers)) == len(numbers), "a number is shown twice"
        assert not set(numbers) & set(aside.number.tolist()), "a row is shown and hidden"
        assert len(set(aside.number.tolist())) == len(aside)
        assert 0 not in numbers
        assert max([0, *numbers]) < self.state.next_number
        for name in ("x_m", "y_m", "var_xx_m2", "var_yy_m2", "time_s", "lat_rad", "lon_rad", "first_s"):
            assert np.isfinite(getattr(tracks, name)).all(), name
        assert (tracks.var_xx_m2 * tracks.var_yy_m2 > tracks.var_xy_m2**2).all()
        manual = (tracks.flags & TrackFlag.MANUAL) != 0
        assert (tracks.kinds[manual] == 0).all()
        assert (tracks.sensors[manual] == 0).all()

    def flights(self, tracks: Tracks, aside: Tracks, guarded: np.ndarray) -> None:
        """Hold that the address of each guarded flight that is hidden is in the picture."""
        hidden = aside.take((aside.address >= 0) & np.isin(aside.number, guarded) & ((aside.flags & TrackFlag.MANUAL) == 0))
        merged = {n: self.state.manual.root(n) for n in hidden.number.tolist()}
        for number, address in zip(hidden.number.tolist(), hidden.address.tolist(), strict=True):
            root = merged[number]
            assert (tracks.address == address).any() or (root != number and root in tracks.number), "a civil flight is out of the picture"


@settings(max_examples=30, deadline=None)
@given(st.lists(tick, min_size=1, max_size=8))
def test_no_sequence_of_commands_breaks_the_picture(events):
    def run() -> Held:
        h = Held()
        for _ in range(4):
            h.tick([], 63, np.zeros(0, np.uint32))
        for commands, seen, guards, times in events:
            guarded = np.flatnonzero((guards >> np.arange(6)) & 1).astype(np.uint32) + 1
            for k in range(times):
                h.tick(commands if k == 0 else [], seen | 1, guarded)
        return h

    assert run().octets == run().octets


@settings(max_examples=20, deadline=None)
@given(st.lists(tick, min_size=1, max_size=6))
def test_the_tracker_behind_never_feels_the_hand(events):
    """But for splits, which it is told of, its own tracks move as if nobody had commanded anything."""
    h = Held()
    for commands, seen, _, times in events:
        told = [c for c in commands if not (isinstance(c, dict) and c.get("kind") == "track_split")]
        for k in range(times):
            heard = [Heard("a", plots(h.time_s, seen | 1), SystemTracks.blank(), Status.blank())]
            h.raw, _ = track.step(h.raw, heard, h.time_s, TICK_S)
            h.tick(told if k == 0 else [], seen | 1, np.zeros(0, np.uint32))
            for name in ("alive", "confirmed", "hits", "row", "hot", "key"):
                assert np.array_equal(getattr(h.state.store, name), getattr(h.raw.store, name), equal_nan=True), name
