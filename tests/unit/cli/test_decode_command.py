"""tenere decode on whole, damaged and wrong files."""

from __future__ import annotations

import gzip
import json
import os

import duckdb
import numpy as np
import pytest

from tenere.cli import main

COUNTS = {
    "asterix/ar_UIS.pcap": ("pcap", {"CAT034": 5936, "CAT048": 1640}, None),
    "asterix/lebl_201002_mlat.ast": ("raw", {"CAT010": 116_308}, 69),
    "asterix/lebl_201002_smr.ast": ("raw", {"CAT010": 52_659}, None),
    "asterix/jade_final_frame_062_065_large_packet_30min.ff": ("final", {"CAT062": 22_396, "CAT063": 5772, "CAT065": 6057}, None),
    "asterix/akap_Jahorina.rply": ("rply", {"CAT048": 2099}, 106),
    "asterix/akap_ARTAS.rply": ("rply", {"CAT062": 346}, None),
    "modes/traffic_tutorial.jsonl.gz": ("json lines", {"DF17": 30_900}, 17),
    "remoteid/cdc_parrot_anafi4_real.pcapng": (
        "pcapng",
        {"Location": 1140, "Basic ID": 385, "System": 385, "Operator ID": 385},
        None,
    ),
}
HEADS = {
    "asterix/ar_UIS.pcap": 60_000,
    "asterix/lebl_201002_mlat.ast": 60_000,
    "asterix/jade_final_frame_062_065_large_packet_30min.ff": 60_000,
    "asterix/akap_Jahorina.rply": 60_000,
    "modes/traffic_tutorial.jsonl.gz": 100_000,
    "remoteid/cdc_parrot_anafi4_real.pcapng": 200_000,
}


def decode(capsys, *files) -> tuple[int, list[dict], str]:
    code = main(["decode", "--json", *map(str, files)])
    out, err = capsys.readouterr()
    return code, json.loads(out)["files"], err


def test_the_counts_of_the_real_recordings(shared_data, capsys):
    code, entries, _ = decode(capsys, *(shared_data / name for name in COUNTS))
    assert code == 0
    for entry, (name, (framing, records, addresses)) in zip(entries, COUNTS.items(), strict=True):
        assert entry["file"] == str(shared_data / name)
        assert entry["framing"] == framing
        assert {k: entry["records"].get(k) for k in records} == records, name
        if addresses is not None:
            assert entry["addresses"] == addresses, name
        assert all(isinstance(n, int) and n > 0 for n in entry["rejected"].values())
        assert set(entry["first_offset"]) == set(entry["rejected"])
        assert "error" not in entry
    assert sum(entries[6]["records"].values()) == 71_939


def beginning(shared_data, name: str) -> bytes:
    path = shared_data / name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data[: HEADS[name]]


@pytest.mark.parametrize("name", HEADS)
def test_damaged_recordings_still_give_what_stands(shared_data, tmp_path, capsys, name):
    rng = np.random.Generator(np.random.PCG64(11))
    whole = beginning(shared_data, name)
    made = [tmp_path / "whole"]
    made[0].write_bytes(whole)
    for k, hits in enumerate((1, 10, 100, 1000)):
        data = np.frombuffer(whole, np.uint8).copy()
        at = rng.integers(0, len(data), hits)
        data[at] = rng.integers(0, 256, hits)
        made.append(tmp_path / f"mutated-{k}")
        made[-1].write_bytes(data.tobytes())
    for k, size in enumerate((len(whole) // 2, len(whole) - 3)):
        made.append(tmp_path / f"cut-{k}")
        made[-1].write_bytes(whole[:size])
    made.append(tmp_path / "hole")
    made[-1].write_bytes(whole[: len(whole) // 3] + rng.bytes(2000) + whole[len(whole) // 3 + 2000 :])
    _, entries, _ = decode(capsys, *made)
    counts = [sum(e["records"].values()) for e in entries]
    full, one, ten, hundred, _, half, most, hole = counts
    assert full > 50
    assert one >= 0.95 * full - 3
    assert ten >= 0.85 * full
    assert hundred >= 0.4 * full
    assert most >= full - 60
    assert 0.35 * full <= half <= 0.65 * full
    assert hole >= 0.8 * full
    assert all(e["framing"] == entries[0]["framing"] for e in entries[:4] + entries[5:])


def test_the_offset_of_what_was_refused_is_a_place_in_the_file(shared_data, tmp_path, capsys):
    data = bytearray((shared_data / "asterix" / "akap_Jahorina.rply").read_bytes()[:20_000])
    path = tmp_path / "hurt.rply"
    at = data.index(b"\x30\x00", 10_000)
    data[at + 3 : at + 23] = b"\xff" * 20
    path.write_bytes(data)
    _, (entry,), _ = decode(capsys, path)
    assert entry["rejected"]
    assert any(abs(offset - at) < 60 for offset in entry["first_offset"].values())


def test_wrong_files_are_status_1_and_the_others_are_still_read(shared_data, tmp_path, capsys):
    (tmp_path / "empty").touch()
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    (tmp_path / "a.txt").write_text("hello\n" * 1000)
    (tmp_path / "noise").write_bytes(np.random.Generator(np.random.PCG64(2)).bytes(300_000))
    os.mkfifo(tmp_path / "pipe")
    good = shared_data / "asterix" / "akap_ARTAS.rply"
    wrong = [tmp_path / n for n in ("empty", "a.png", "a.txt", "noise", "pipe", "absent")] + [tmp_path]
    code, entries, err = decode(capsys, *wrong[:4], good, *wrong[4:])
    assert code == 1
    assert [bool(e["records"]) for e in entries] == [False] * 4 + [True] + [False] * 3
    for path in wrong:
        entry = next(e for e in entries if e["file"] == str(path))
        assert entry["error"].startswith(f"{path}: ")
        assert f"tenere decode: {entry['error']}" in err
    assert decode(capsys, good)[0] == 0


def test_a_file_whose_every_record_is_refused_is_status_1(tmp_path, capsys, shared_data):
    data = bytearray((shared_data / "asterix" / "croatia_cat048.raw").read_bytes())
    data[3:] = b"\xff" * (len(data) - 3)
    (tmp_path / "x.raw").write_bytes(data)
    code, (entry,), _ = decode(capsys, tmp_path / "x.raw")
    assert code == 1
    assert "error" in entry


def test_a_name_that_is_no_text(shared_data, tmp_path, capsys):
    path = tmp_path / os.fsdecode(b"caf\xe9.rply")
    path.write_bytes((shared_data / "asterix" / "akap_ARTAS.rply").read_bytes())
    code, (entry,), _ = decode(capsys, path)
    assert (code, entry["file"]) == (0, str(path))
    assert main(["decode", str(path)]) == 0
    assert "CAT062" in capsys.readouterr().out


def test_the_table_for_people(shared_data, capsys):
    assert main(["decode", str(shared_data / "asterix" / "akap_Jahorina.rply")]) == 0
    out = capsys.readouterr().out
    assert "rply, asterix; 106 addresses" in out
    assert "2,099  CAT048" in out


# --- every field, as tables ---


def rows_of(path) -> int:
    return duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("asterix/ar_UIS.pcap", {"CAT034": 5936, "CAT048": 1640}),
        ("asterix/akap_ARTAS.rply", {"CAT062": 346}),
        ("modes/beast_sample_dump1090.bin", {"DF17": 23}),
        ("remoteid/cdc_parrot_anafi4_real.pcapng", {"Location": 1140, "Basic ID": 385, "System": 385, "Operator ID": 385}),
    ],
)
def test_a_table_a_category_that_duckdb_reads(shared_data, capsys, tmp_path, name, tables):
    assert main(["decode", "--json", str(shared_data / name), "--to", "parquet", "-o", str(tmp_path / "t")]) == 0
    said = json.loads(capsys.readouterr().out)["tables"]
    assert {k: said[k]["rows"] for k in tables} == tables
    for kind, count in tables.items():
        assert rows_of(said[kind]["file"]) == count
    assert not list((tmp_path / "t").glob("*.part"))


def test_tables_hold_what_the_counts_say_for_every_recording(shared_data, capsys, tmp_path):
    files = [shared_data / name for name in ("asterix/goasterix_sample.ast", "asterix/a4py_cat062.ast", "asterix/croatia_cat034.raw")]
    assert main(["decode", "--json", *map(str, files), "--to", "parquet", "-o", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    counted: dict[str, int] = {}
    for entry in said["files"]:
        for kind, n in entry["records"].items():
            counted[kind] = counted.get(kind, 0) + n
    assert {kind: table["rows"] for kind, table in said["tables"].items()} == counted


def test_a_folder_needs_a_kind_and_a_kind_a_folder(tmp_path, capsys):
    path = tmp_path / "x"
    path.write_bytes(b"x")
    assert main(["decode", str(path), "-o", str(tmp_path)]) == 2
    assert "--to parquet" in capsys.readouterr().err
    assert main(["decode", str(path), "--to", "csv"]) == 2
    assert "-o DIR" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--option", "editions"), "give KEY=VALUE"),
        (("--option", "a=1", "--option", "a.b=2"), "has a value already"),
        (("--mapping", "none.toml"), "cannot be read"),
        (("--format", "morse"), "there is no such format"),
        (("--format", "asterix", "--option", "editions.48=99.9"), "99.9"),
    ],
)
def test_options_of_a_format_that_make_no_sense(tmp_path, capsys, words, complaint):
    path = tmp_path / "x"
    path.write_bytes(b"x")
    assert main(["decode", str(path), *words]) in {1, 2}
    assert complaint in capsys.readouterr().err
