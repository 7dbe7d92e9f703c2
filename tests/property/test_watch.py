"""Whatever arrives and whatever is commanded: no rule raises, no alert number comes twice, the list is bounded."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import AlertState, Identities, Tracks
from tenere.geo.borders import Borders
from tenere.plans import Plan
from tenere.watch import RULES, SensorHealth, WatchConfig, init, step
from tenere.world import World

SQUARE = Borders.of(["Square"], ["NE"], [(0, np.radians(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)))])
PLANS = (Plan(callsign="UNO123", sts=("HUM",)), Plan(callsign="AFR500"))

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
command = (
    st.fixed_dictionaries(
        {"kind": st.just("acknowledge") | anything, "alert": st.integers(-1, 12) | anything}, optional={"by": st.just("Lt Issa") | anything}
    )
    | anything
)
one = st.fixed_dictionaries(
    {
        "number": st.integers(1, 6),
        "callsign": st.sampled_from([b"", b"UNO123", b"A|B", b"\xff\xfe"]),
        "remote_id": st.sampled_from([b"", b"D|\x01\xe9"]),
        "address": st.sampled_from([-1, 0, 0x062A01]),
        "mode_a": st.sampled_from([-1, 0o7500, 0o7600, 0o7700, 0o1234]),
        "emergency": st.integers(0, 255),
        "flags": st.sampled_from([1, 1, 1, 3, 0, 17, 33, 129]),
        "lat_rad": st.floats(-0.01, 0.03) | st.sampled_from([np.nan, np.inf]),
        "lon_rad": st.floats(-0.01, 0.03) | st.sampled_from([np.nan, -np.inf]),
        "var_xx_m2": st.sampled_from([1e2, 1e8, np.nan, -1.0, np.inf]),
        "var_yy_m2": st.sampled_from([1e2, np.nan]),
        "protected": st.integers(0, 1),
        "civil": st.integers(0, 1),
        "plan": st.integers(-1, 3),
    }
)
tick = st.tuples(
    st.lists(one, max_size=6, unique_by=lambda t: t["number"]),
    st.lists(command, max_size=4),
    st.floats(0.1, 400.0),
    st.lists(st.booleans(), max_size=3),
)


def batches(rows: list[dict[str, object]]) -> tuple[Tracks, Identities]:
    columns = {name: np.array([r[name] for r in rows]) for name in (rows[0] if rows else {})}
    who = {name: columns.pop(name) for name in ("protected", "civil", "plan") if name in columns}
    tracks = Tracks.blank(len(rows), **columns)
    return tracks, Identities.blank(len(rows), number=tracks.number, **who)


@settings(max_examples=150, deadline=None)
@given(st.lists(tick, max_size=10), st.integers(1, 4))
def test_nothing_raises_numbers_are_never_reused_and_the_list_is_bounded(ticks, limit):
    state, time_s = init(WatchConfig(max_alerts=limit), World(borders=SQUARE), PLANS), 0.0
    keys: dict[int, tuple[object, ...]] = {}
    ended: set[int] = set()
    live: set[int] = set()
    acknowledged: dict[int, tuple[float, bytes]] = {}
    for rows, commands, after_s, silent in ticks:
        time_s += after_s
        health = SensorHealth(np.arange(len(silent), dtype=np.int16), np.array(silent, bool), ("NIM",))
        state, seen = step(state, *batches(rows), time_s, health, commands)
        alerts = seen.alerts.take(seen.alerts.state != AlertState.CLEARED)
        assert len(alerts) <= limit + 1
        numbers = alerts.alert.tolist()
        assert len(set(numbers)) == len(numbers)
        assert not ended & set(numbers), "an alert number came back"
        ended |= live - set(numbers)
        live = set(numbers)
        for row, number in enumerate(numbers):
            key = (alerts.rule[row], alerts.track[row], alerts.sensor[row], alerts.since_s[row])
            assert keys.setdefault(number, key) == key, "a number stands for another alert"
            assert alerts.rule[row].decode() in RULES
            assert alerts.since_s[row] <= alerts.until_s[row] <= time_s
            alerts.detail[row].decode("utf-8")
            if alerts.by[row]:
                said = (float(alerts.acknowledged_s[row]), alerts.by[row])
                assert acknowledged.setdefault(number, said) == said, "an acknowledgement changed"
        for rule, track in zip(alerts.rule.tolist(), alerts.track.tolist(), strict=True):
            assert (track == 0) == (rule in {b"sensor_silent", b"alerts_overflow"})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-900.0, 900.0), min_size=1, max_size=60))
def test_noise_within_the_margin_of_the_border_never_chatters(offsets_m):
    state = init(WatchConfig(), World(borders=SQUARE))
    for k, metres in enumerate([50_000.0, *offsets_m]):  # well inside first
        at = {"number": 1, "flags": 1, "lat_rad": 0.01, "lon_rad": metres / 6.371e6, "var_xx_m2": 1e4, "var_yy_m2": 1e4}
        state, seen = step(state, Tracks.blank(1, **at), Identities.blank(1, number=1, protected=0, civil=0), float(k))
        assert len(seen.alerts) == 0
