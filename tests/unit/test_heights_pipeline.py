"""QNH through the whole picture: from a METAR feed and by hand, in ticks, and the same bits from the tick log."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from tenere.batch import HeightSource, Trend
from tenere.cli.session import snapshot
from tenere.config import Config
from tenere.pipeline import Pipeline
from tenere.qnh import QnhConfig
from tenere.record.ticklog import Reader, TickLog
from tenere.serve import picture
from tenere.serve.commands import parse_command
from tenere.serve.page import page_tracks
from tenere.site import SensorConfig, SourceConfig
from tenere.tick import Chunk, Tick
from tenere.track.heights.config import HeightsConfig

T = 1_626_098_400.0  # 12 July 2021, 14:00
SOURCES = (SourceConfig(id="p", format="plots"), SourceConfig(id="w", format="metar"))
SENSORS = (SensorConfig(id="A", kind="adsb", source="p", period_s=1.0),)
CONFIG = Config(source=SOURCES, sensor=SENSORS, heights=HeightsConfig(transition_altitude_ft=5000.0))
HEAD = b"time,lat,lon,hex,baro_altitude,geo_altitude\n"
SET = {"kind": "qnh", "station": "DRRN", "lat_deg": 13.48, "lon_deg": 2.18, "qnh_hpa": 1000.0, "by": "Awa"}


def plots(k: int) -> bytes:
    """Return a second's plots near Niamey: one that climbs at 5 m/s from 600 m, one at 9,000 m."""
    t, lon = T + k, 2.1 + k * 0.0015
    rows = [f"{t},13.5,{lon:.5f},062a01,{600 + 5 * k},{640 + 5 * k}\n", f"{t},13.6,{lon:.5f},062a02,9000,9300\n"]
    return b"".join([HEAD] if k == 0 else []) + "".join(rows).encode()


def ticks(n: int, metar: dict[int, bytes], commands: dict[int, dict]) -> list[Tick]:
    """Return n seconds of ticks; METAR lines and commands by second."""
    out = []
    for k in range(n):
        chunks = [Chunk.of("p", [plots(k)], T + k)] + ([Chunk.of("w", [metar[k]], T + k)] if k in metar else [])
        out.append(Tick(k, T + k, tuple(chunks), (commands[k],) if k in commands else ()))
    return out


def run(all_ticks: list[Tick], config: Config = CONFIG) -> tuple[list, str]:
    made, digest, outs = Pipeline(config), hashlib.sha256(), []
    state = made.init()
    for tick in all_ticks:
        state, out = made.step(state, tick)
        out.digest(digest)
        outs.append(out)
    return outs, digest.hexdigest()


def low(out) -> int:
    return int(np.flatnonzero(out.tracks.address == 0x062A01)[0])


METAR = {10: b"METAR DRRN 121330Z 24008KT 38/21 Q1010=\n"}


def test_a_report_and_then_a_person_set_what_is_shown():
    outs, _ = run(ticks(30, METAR, {20: SET}))
    before, reported, by_hand = outs[9], outs[15], outs[25]
    assert np.isnan(before.tracks.altitude_m).all()
    # 1010 hPa lies 27.0 m, 1000 hPa 110.9 m above 1013.25 hPa
    for out, hpa, down in ((reported, 1010.0, 27.0), (by_hand, 1000.0, 110.9)):
        t, i = out.tracks, low(out)
        assert t.qnh_hpa[i] == pytest.approx(hpa)
        assert t.altitude_m[i] == pytest.approx(t.pressure_altitude_m[i] - down, abs=0.5)
        assert np.isnan(t.altitude_m[1 - i])
    assert [(p.station, p.qnh_hpa, p.transition_level, p.by) for p in by_hand.pressures] == [("DRRN", 1000.0, 55, "Awa")]
    assert [(p.station, p.by) for p in reported.pressures] == [("DRRN", "")]
    assert before.pressures == ()
    assert by_hand.tracks.trend[low(by_hand)] == Trend.CLIMBING
    assert by_hand.tracks.height_from[low(by_hand)] == HeightSource.PRESSURE


def test_the_log_replays_to_the_same_bits(tmp_path):
    made = ticks(30, METAR, {20: parse_command(json.dumps(SET).encode())})
    outs, live = run(made)
    log = TickLog(tmp_path / "a.ticks", CONFIG, "test")
    for tick in made:
        log.append(tick)
    log.close()
    _, again = run(list(Reader(tmp_path / "a.ticks")))
    assert again == live
    _, without = run(ticks(30, {}, {}))
    assert without != live
    assert len(outs) == 30


def test_the_page_and_the_api_say_it():
    outs, _ = run(ticks(26, METAR, {}))
    snap = snapshot(outs[-1], {})
    page, _, _ = page_tracks(snap)
    i = low(outs[-1])
    assert page.altitude_ft[i] == pytest.approx(page.level_ft[i] - 88.6, abs=2)
    assert np.isnan(page.altitude_ft[1 - i])
    assert page.trend.tolist() == [Trend.CLIMBING if k == i else Trend.LEVEL for k in range(2)]
    row = picture.track_rows(snap)[i]
    assert (row["qnh_hpa"], row["trend"], row["height_from"], row["heights_differ"]) == (1010.0, "climbing", "pressure", False)
    assert row["height_m"] == pytest.approx(640 + 5 * 25, abs=30)
    said = picture.pressure_rows(snap.pressures)
    assert [(p["station"], p["qnh_hpa"], p["time"], p["by"]) for p in said] == [("DRRN", 1010.0, T - 1800.0, None)]


def test_the_site_file_sets_one_until_a_report_comes():
    by_hand = QnhConfig(station="DRRN", lat_deg=13.48, lon_deg=2.18, qnh_hpa=1005.0)
    config = Config(source=SOURCES, sensor=SENSORS, qnh=(by_hand,))
    outs, _ = run(ticks(16, METAR, {}), config)
    assert [float(out.tracks.qnh_hpa[low(out)]) for out in (outs[8], outs[-1])] == pytest.approx([1005.0, 1010.0])


def test_a_command_that_cannot_be_obeyed_changes_nothing():
    outs, _ = run(ticks(8, {}, {3: {**SET, "qnh_hpa": 29.92}, 4: {**SET, "by": ""}}))
    assert np.isnan(outs[-1].tracks.qnh_hpa).all()
