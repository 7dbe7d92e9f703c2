"""tenere nuisance and tenere watch try: on flights of known paths, with conflicts planted, and on what is no recording."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.cli import main
from tenere.errors import TenereError
from tenere.record.json_tables import as_csv, is_json_table, unpacked

SECONDS, LAT, LON = 480, 47.0, 2.0


def flights() -> list[dict[str, object]]:
    """Return rows of six flights eastwards, 12 km apart, one level; the last meets a seventh head on at 30,000 ft after 300 s."""
    rows = []
    for t in range(0, SECONDS, 2):
        for k in range(7):
            east = 200.0 * t if k < 6 else 120_000.0 - 200.0 * t
            north = 12_000.0 * min(k, 5)
            rows.append(
                {
                    "timestamp": 1_700_000_000_000 + 1000 * t, "icao24": f"39{k:04x}", "callsign": f"AFR{k}01", "squawk": "2000",
                    "latitude": LAT + north / 111_200.0, "longitude": LON + east / (111_320.0 * math.cos(math.radians(LAT + 0.3))),
                    "altitude": 30_000, "groundspeed": 200.0 / 0.514444, "track": 90.0 if k < 6 else 270.0, "vertical_rate": 0,
                    "onground": False,
                }
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nuisance") / "flights.json.gz"
    path.write_bytes(gzip.compress(json.dumps(flights()).encode()))
    return path


def call(*words: object) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([str(w) for w in words])
    return code, out.getvalue()


@pytest.fixture(scope="module")
def measured(recording: Path) -> dict[str, object]:
    code, said = call("nuisance", recording, "--plant", 12, "--json")
    assert code == 0
    return json.loads(said)


def test_a_real_conflict_is_real_and_alerted_in_time(measured: dict[str, object]):
    stca = measured["rules"]["stca"]
    assert (stca["alerts"], stca["real"], stca["nuisance"], stca["false"]) == (1, 1, 0, 0)
    assert measured["losses"]["counted"] == measured["losses"]["in_time"] == 1
    assert measured["flight_hours"] == pytest.approx(7 * SECONDS / 3600, rel=0.1)
    assert measured["nuisance_per_hour"] == 0.0


def test_planted_conflicts_are_alerted_and_missed_when_the_rule_is_off(measured: dict[str, object], recording: Path, tmp_path: Path):
    planted = measured["planted"]
    assert planted["lost_separation"] >= 5
    assert planted["in_time"] == planted["lost_separation"]
    off = tmp_path / "off.toml"
    off.write_text("[watch.stca]\nenabled = false\n")
    code, said = call("nuisance", recording, "--plant", 12, "--rules", off, "--json")
    blind = json.loads(said)
    assert code == 0
    assert blind["planted"]["missed"] == blind["planted"]["lost_separation"] == planted["lost_separation"]
    assert blind["losses"]["missed"] == 1


def test_the_page_and_the_file(recording: Path, tmp_path: Path):
    code, said = call("nuisance", recording, "-o", tmp_path / "out.json")
    assert code == 0
    assert "flight hours" in said
    assert json.loads((tmp_path / "out.json").read_text())["rules"]["stca"]["real"] == 1


def test_changed_rules_are_tried(recording: Path, tmp_path: Path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[stca]\nshare_horizontal = 0.05\nvisual_nm = 0.1\n[rules.stca]\nenabled = false\n")
    code, said = call("watch", "try", rules, recording, "--json")
    told = json.loads(said)
    assert code == 0
    row = told["rules"]["stca"]
    assert (row["now"], row["changed"], row["added"], row["gone"]) == (1, 0, 0, 1)
    code, said = call("watch", "try", rules, recording)
    assert "stca" in said


@pytest.mark.parametrize("text", ["[stca", "[stca]\nnothing = 1", "stca = 3", "[stca]\nahead_s = -1", "watch = 3"])
def test_wrong_rules_are_refused_by_name(text: str, recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rules = tmp_path / "bad.toml"
    rules.write_text(text)
    assert main(["nuisance", str(recording), "--rules", str(rules)]) == 2
    assert "bad.toml" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"[{}]", b'{"a": {"0": 1}}', b'[{"time": 1}', b'{"time": []}', b'[{"time": "x"}]', b"[" * 5000 + b"{"])
def test_what_is_no_table_is_said_to_be_none(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    assert main(["nuisance", str(path)]) == 1
    assert "bad.json" in capsys.readouterr().err


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["timestamp", "latitude", "a,b", "0"]), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=80)
@given(tree)
def test_any_json_is_a_table_or_refused(said: object):
    data = json.dumps(said).encode()
    with contextlib.suppress(TenereError):
        lines = as_csv(data, Path("x")).decode().splitlines()
        assert len({line.count(",") for line in lines}) == 1
    assert is_json_table(data) in (True, False)


@settings(max_examples=60)
@given(st.binary(max_size=60), st.integers(0, 40), st.integers(0, 255))
def test_damaged_bytes_are_refused_or_read(extra: bytes, at: int, octet: int):
    data = bytearray(gzip.compress(json.dumps(flights()[:3]).encode()) + extra)
    data[at] = octet
    with contextlib.suppress(TenereError):
        as_csv(unpacked(bytes(data), Path("x")), Path("x"))
