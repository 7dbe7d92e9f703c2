"""Work by hand through the whole picture: commands in ticks, the same bits from the tick log, and protection that no hand takes off."""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from tenere.batch import AircraftClass, Identity, TrackFlag
from tenere.config import Config
from tenere.pipeline import Pipeline
from tenere.plans import Plan
from tenere.record.ticklog import Reader, TickLog
from tenere.site import SensorConfig, SourceConfig
from tenere.tick import Chunk, Tick
from tenere.track.orders import KINDS, Correlate, End, Merge, ReportCommand, Split, Undo, as_command
from tenere.track.reported import MOTIONS

T = 1_900_000_000.0
WHO = {"by": "Lt Issa", "reason": "told by the tower"}
CONFIG = Config(
    source=(SourceConfig(id="p", format="plots"),),
    sensor=(SensorConfig(id="A", kind="adsb", source="p", period_s=1.0),),
    plan=(Plan(callsign="UNO123", address="062A01", sts=("HUM",)),),
)
HEAD = b"time,lat,lon,hex,callsign,position_std,kind\n"
REPORT = ReportCommand(
    by="Lt Issa", words="helicopter, north of Dosso, low", lat_deg=13.3, lon_deg=3.2, position_std_m=2000.0, aircraft_class="helicopter"
)


def plots(k: int, *, relief: bool = True, skin: bool = True, ghost: bool = False) -> bytes:
    """Return a second's plots: something without a name from the start, a relief flight beside it from the fifth second on."""
    t, lon = T + k, 2.1 + k * 0.0015
    rows = [HEAD] if k == 0 else []
    if skin:
        rows.append(f"{t},13.5,{lon:.5f},,,60,1\n".encode())
    if relief and k >= 5:
        rows.append(f"{t},13.51,{lon:.5f},062a01,UNO123,30,6\n".encode())
    if ghost and k >= 8:
        rows.append(f"{t},14.2,{lon:.5f},062a01,UNO123,30,6\n".encode())
    return b"".join(rows)


def ticks(n: int, commands: dict[int, list[object]], **seen: bool) -> list[Tick]:
    """Return n seconds of ticks; commands by second."""
    said = {k: tuple(c if isinstance(c, dict) else as_command(c) for c in given) for k, given in commands.items()}
    return [Tick(k, T + k, (Chunk.of("p", [plots(k, **seen)], T + k),), said.get(k, ())) for k in range(n)]


def run(all_ticks: list[Tick]) -> list:
    picture = Pipeline(CONFIG)
    state, outs = picture.init(), []
    for tick in all_ticks:
        state, out = picture.step(state, tick)
        numbers = out.tracks.number.tolist()
        assert len(set(numbers)) == len(numbers) == len(out.identities)
        assert out.identities.number.tolist() == numbers
        outs.append(out)
    return outs


def digest(outs: list) -> str:
    h = hashlib.sha256()
    for out in outs:
        out.digest(h)
    return h.hexdigest()


def said(out, number: int, column: str):
    return getattr(out.identities, column)[out.identities.number == number][0]


def test_commands_in_ticks_are_replayed_bit_for_bit_from_the_log(tmp_path):
    given = ticks(
        60,
        {
            12: [REPORT, Merge(track=1, other=2, **WHO), {"kind": "track_merge"}, {"kind": "identity", "track": 1}],
            20: [Undo(order=1, **WHO), Split(track=1, **WHO), {"kind": "track_report", "lat_deg": math.nan}],
            30: [Correlate(track=3, other=1, **WHO), End(track=4, **WHO)],
            45: [Undo(order=3, **WHO), {"kind": 7}],
        },
    )
    log = TickLog(tmp_path / "by-hand.ticks", CONFIG, "test")
    for tick in given:
        log.append(tick)
    log.close()
    live, again = run(given), run(list(Reader(tmp_path / "by-hand.ticks")))
    assert digest(live) == digest(again)
    assert [a for out in live for a in out.answers] == [a for out in again for a in out.answers]
    for a, b in zip(live, again, strict=True):
        assert (a.orders, repr(a.by_hand)) == (b.orders, repr(b.by_hand))
    assert digest(live) != digest(run(ticks(60, {})))
    told = [(a.kind, a.accepted) for a in live[12].answers]
    assert told == [("track_report", True), ("track_merge", True), ("track_merge", False), ("identity", False)]
    assert live[19].tracks.number.tolist() == [1, 3]
    assert live[12].by_hand[0].remarks[0].words == REPORT.words
    assert [a.key for a in live[30].answers] == ["order.far_apart", "order.done"]
    assert live[-1].orders[0].kind == "split"


def test_without_commands_nothing_changes_hands():
    outs = run(ticks(12, {}))
    assert outs[-1].answers == outs[-1].by_hand == outs[-1].orders == ()


def test_a_merge_protects_the_number_that_lives():
    outs = run(ticks(30, {12: [Merge(track=1, other=2, **WHO)], 20: [{"kind": "identity", "track": 1, "identity": "suspect", **WHO}]}))
    assert (said(outs[11], 1, "protected"), said(outs[11], 2, "protected")) == (0, 1)
    for out in outs[12:]:
        assert out.tracks.number.tolist() == [1]
        assert (said(out, 1, "protected"), said(out, 1, "civil"), said(out, 1, "plan")) == (1, 1, 0)
        assert said(out, 1, "identity") != Identity.SUSPECT
        assert out.tracks.callsign[0] == b"UNO123"
    assert any(b"protected" in d for d in outs[-1].evidence.detail[outs[-1].evidence.rule == b"suspect_refused"])


def test_a_suspect_that_turns_out_the_relief_flight_is_none_any_more():
    suspect = {"kind": "identity", "track": 1, "identity": "suspect", **WHO}
    outs = run(ticks(16, {10: [suspect], 12: [Merge(track=1, other=2, **WHO)]}))
    assert said(outs[11], 1, "identity") == Identity.SUSPECT
    assert said(outs[12], 1, "identity") == Identity.NEUTRAL


def test_an_undone_merge_leaves_both_protected():
    outs = run(ticks(20, {12: [Merge(track=1, other=2, **WHO)], 15: [Undo(order=1, **WHO)]}))
    assert outs[-1].tracks.number.tolist() == [1, 2]
    assert outs[-1].identities.protected.tolist() == [1, 1]


def test_the_second_aircraft_of_a_protected_track_is_protected():
    outs = run(ticks(16, {12: [Split(track=2, **WHO)]}))
    out = outs[-1]
    assert out.tracks.number.tolist() == [1, 2, 3]
    assert out.identities.protected.tolist() == [0, 1, 1]
    assert out.tracks.flags[2] & TrackFlag.MANUAL


def test_a_protected_flight_is_not_ended_by_hand_but_its_ghost_is():
    outs = run(ticks(16, {12: [End(track=2, **WHO)]}))
    (answer,) = outs[12].answers
    assert (answer.accepted, answer.text()) == (False, "Refused: track 2 is a civil or protected flight, and no other track shows it")
    assert 2 in outs[-1].tracks.number
    outs = run(ticks(30, {20: [End(track=3, **WHO)], 25: [End(track=2, **WHO)]}, ghost=True))
    assert outs[19].tracks.number.tolist() == [1, 2, 3]
    assert outs[-1].tracks.number.tolist() == [1, 2]
    assert [a.accepted for out in outs for a in out.answers] == [True, False]


def test_a_reported_relief_flight_protects_the_track_that_it_is():
    callsign = as_command(REPORT) | {"callsign": "UNO123", "lat_deg": 13.5, "lon_deg": 2.12}
    outs = run(ticks(20, {8: [callsign], 14: [Correlate(track=2, other=1, **WHO)]}, relief=False))
    assert outs[13].identities.protected.tolist() == [0, 1]
    assert outs[-1].tracks.number.tolist() == [1]
    assert said(outs[-1], 1, "protected") == 1
    assert outs[-1].by_hand[0].shown_as == 1


def test_protection_lasts_through_a_merge_longer_than_an_unseen_number_is_remembered():
    hold_s = 160.0
    assert CONFIG.identify.forget_s < hold_s, "else this test shows nothing"
    outs = run(ticks(190, {12: [Merge(track=1, other=2, hold_s=hold_s, **WHO)]}))
    assert outs[160].tracks.number.tolist() == [1]
    assert outs[-1].tracks.number.tolist() == [1, 2]
    assert outs[-1].identities.protected.tolist() == [1, 1]


@pytest.mark.parametrize("odd", [None, 7, [], {"kind": "track_end", "track": -1}, {"kind": "track_undo"}, {"kind": "track_split", 5: 6}])
def test_a_command_that_is_none_breaks_nothing(odd):
    outs = run([*ticks(10, {}), Tick(10, T + 10, (), (odd,))])
    assert np.array_equal(outs[-1].tracks.number, [1, 2])
    assert not any(a.accepted for a in outs[-1].answers)


def test_what_an_aircraft_says_behind_the_row_protects_the_row():
    """The younger of two merged tracks gives the name of a protected flight; the row keeps the elder's own name."""
    outs = []
    picture = Pipeline(CONFIG)
    state = picture.init()
    for k in range(20):
        t, lon = T + k, 2.1 + k * 0.0015
        rows = [HEAD] if k == 0 else []
        rows.append(f"{t},13.5,{lon:.5f},,NIN101,60,4\n".encode())
        if k >= 3:
            rows.append(f"{t},13.51,{lon:.5f},,{'UNO123' if k >= 14 else ''},60,4\n".encode())
        said_now = (as_command(Merge(track=1, other=2, **WHO)),) if k == 10 else ()
        state, out = picture.step(state, Tick(k, T + k, (Chunk.of("p", [b"".join(rows)], T + k),), said_now))
        outs.append(out)
    assert outs[12].tracks.number.tolist() == [1]
    assert outs[-1].tracks.callsign.tolist() == [b"NIN101"]
    assert (said(outs[12], 1, "protected"), said(outs[-1], 1, "protected")) == (0, 1)


def test_the_page_about_it_says_what_is(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "howto" / "manual-tracks.md").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text('[site]\nname = "Test"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (script,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (table,) = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(script, "manual-tracks.md", "exec"), names)  # the page's own lines
    assert capsys.readouterr().out == "True 1 Done\n"
    told = {k: v for k, v in as_command(names["report"]).items() if v is not None}
    assert json.loads(table).items() <= told.items()
    assert set(re.findall(r"^\| `(track_[a-z]+)`", page, re.MULTILINE)) == KINDS - {"track_report"}
    assert "(95 m/s for a helicopter, 300 m/s where the class is unknown)" in page
    assert MOTIONS[AircraftClass.HELICOPTER].top_ms == 95.0
    assert MOTIONS[AircraftClass.UNKNOWN].top_ms == 300.0
