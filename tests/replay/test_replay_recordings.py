"""tenere replay on real recordings: the same picture every time, and from the log it wrote."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pyarrow.parquet as pq
import pytest

from tenere.batch import Alerts, Plots, Tracks
from tenere.cli import main
from tenere.record.ticklog import Reader

ALL = 1 << 30
TABLES = [
    "alerts.parquet", "evidence.parquet", "identities.parquet", "plots.parquet", "replay-1.ticks", "replay.ticks", "tracks.parquet",
]  # fmt: skip
RECORDINGS = {  # how many bytes of each (of what it inflates to)
    "asterix/ar_UIS.pcap": 200_000,
    "asterix/akap_Jahorina.rply": ALL,
    "asterix/akap_ARTAS.rply": ALL,
    "asterix/lebl_201002_mlat.ast": 150_000,
    "asterix/jade_final_frame_062_065_large_packet_30min.ff": 300_000,
    "modes/traffic_tutorial.jsonl.gz": 500_000,
    "remoteid/cdc_parrot_anafi4_real.pcapng": ALL,
}


def replay(capsys, *argv: object, code: int = 0) -> dict:
    assert main(["replay", *map(str, argv), "--speed", "max", "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", RECORDINGS)
def test_twice_and_from_its_log_the_picture_is_the_same(shared_data, tmp_path, capsys, name):
    path = shared_data / name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    part = tmp_path / path.name.removesuffix(".gz")
    part.write_bytes(data[: RECORDINGS[name]])
    out = tmp_path / "out"
    first = replay(capsys, part, "--out", out)
    assert {"ticks", "plots", "tracks", "alerts", "air_s", "cpu_s", "sha256"} <= set(first)
    assert first["tracks"] > 0
    assert first["ticks"] >= first["air_s"] * 0.5 > 0
    again = replay(capsys, part)
    logged = replay(capsys, out / "replay.ticks", "--out", out)
    assert first["sha256"] == again["sha256"] == logged["sha256"]
    assert logged["log"].endswith("replay-1.ticks")  # the first is not overwritten
    assert (logged["lost_bytes"], logged["ticks"]) == (0, first["ticks"])
    assert sorted(p.name for p in out.iterdir()) == TABLES

    tracks, plots = pq.read_table(out / "tracks.parquet"), pq.read_table(out / "plots.parquet")
    assert plots.num_rows == first["plots"]
    assert len(set(tracks["number"].to_pylist())) == first["tracks"]
    assert set(tracks.column_names) > {c[0] for c in Tracks.columns()}
    assert set(plots.column_names) == {c[0] for c in Plots.columns()} | {"track"}
    assert set(pq.read_table(out / "alerts.parquet").column_names) == {c[0] for c in Alerts.columns()} | {"tick_s", "basis"}
    if tracks.num_rows and plots.num_rows:
        assert np.isin(plots["track"].to_numpy(), [*tracks["number"].to_pylist(), 0, -1]).mean() > 0.5


def test_an_unplaced_radar_is_put_nowhere_and_a_site_file_places_it(shared_data, tmp_path, capsys):
    path = shared_data / "asterix" / "akap_Jahorina.rply"
    replay(capsys, path, "--out", tmp_path / "nowhere")
    t = pq.read_table(tmp_path / "nowhere" / "tracks.parquet")
    frame, lat, lon = (t[c].to_numpy() for c in ("frame", "lat_rad", "lon_rad"))
    assert (frame > 0).all()
    assert np.isnan(lat).all()
    assert np.isnan(lon).all()

    seen = {(s >> 8, s & 0xFF) for s in pq.read_table(tmp_path / "nowhere" / "plots.parquet")["sac_sic"].to_pylist()}
    site = tmp_path / "site.toml"
    site.write_text(
        "".join(
            f'[[sensor]]\nid = "R{sac}-{sic}"\nsac = {sac}\nsic = {sic}\nlat_deg = 43.73\nlon_deg = 18.56\n' for sac, sic in sorted(seen)
        )
    )
    replay(capsys, path, "--site", site, "--out", tmp_path / "placed")
    t = pq.read_table(tmp_path / "placed" / "tracks.parquet")
    assert set(t["frame"].to_pylist()) == {0}
    lat = np.degrees(t["lat_rad"].to_numpy())
    assert ((lat > 38) & (lat < 49)).all()


def test_several_files_are_merged(shared_data, tmp_path, capsys):
    data = (shared_data / "asterix" / "akap_Jahorina.rply").read_bytes()
    one, two = tmp_path / "one.rply", shared_data / "asterix" / "akap_ARTAS.rply"
    one.write_bytes(data)
    apart = [replay(capsys, one), replay(capsys, two)]
    both = replay(capsys, one, two, "--out", tmp_path / "out")
    assert both["plots"] == sum(a["plots"] for a in apart)
    assert both["system_tracks"] == sum(a["system_tracks"] for a in apart)
    ticks = list(Reader(tmp_path / "out" / "replay.ticks"))
    assert {c.source for t in ticks for c in t.chunks} == {"one.rply", "akap_ARTAS.rply"}
    assert np.all(np.diff([t.time_s for t in ticks]) > 0)


def test_features_can_be_withheld(shared_data, tmp_path, capsys):
    path = shared_data / "asterix" / "akap_Jahorina.rply"
    replay(capsys, path, "--without", "address, mode_a,track_number", "--out", tmp_path / "out")
    assert Reader(tmp_path / "out" / "replay.ticks").header.config.track.features == ("height",)
    with_all = replay(capsys, path)
    assert with_all["sha256"] != replay(capsys, tmp_path / "out" / "replay.ticks")["sha256"]
    assert "there is no such feature" in replay(capsys, path, "--without", "adress", code=2)["error"]


def test_what_cannot_be_replayed_is_said(shared_data, tmp_path, capsys):
    good = shared_data / "asterix" / "akap_ARTAS.rply"
    (tmp_path / "noise").write_bytes(np.random.Generator(np.random.PCG64(2)).bytes(50_000))
    assert "noise: not a recording" in replay(capsys, tmp_path / "noise", code=1)["error"]
    some = replay(capsys, good, tmp_path / "noise", tmp_path / "absent", code=1)
    assert len(some["errors"]) == 2
    assert some["tracks"] == replay(capsys, good)["tracks"]
    (tmp_path / "file").touch()
    assert "cannot be written there" in replay(capsys, good, "--out", tmp_path / "file", code=2)["error"]
    replay(capsys, good, "--out", tmp_path / "out")
    log = tmp_path / "out" / "replay.ticks"
    assert "replayed alone" in replay(capsys, log, good, code=2)["error"]
    log.write_bytes(log.read_bytes()[:-5])
    torn = replay(capsys, log)
    assert torn["lost_bytes"] > 0
    assert torn["ticks"] == 13


def test_pace_is_kept(shared_data, monkeypatch, capsys):
    slept = []
    monkeypatch.setattr("tenere.cli.replay.time.sleep", slept.append)
    monkeypatch.setattr("tenere.cli.replay.time.monotonic", lambda: 100.0)
    assert main(["replay", str(shared_data / "asterix" / "akap_ARTAS.rply"), "--speed", "2"]) == 0
    assert "sha256" in capsys.readouterr().out
    assert [round(s, 6) for s in slept] == [k / 2 for k in range(1, 14)]
    assert not math.isinf(sum(slept))
