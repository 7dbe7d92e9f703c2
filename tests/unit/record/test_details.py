"""Details as tables: nothing absent reads as a number, lists stay lists, and other programs read what is written."""

from __future__ import annotations

import json
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tenere.errors import TenereError
from tenere.record import details
from tenere.wire.detail import Column, Detail


def detail(first: int = 0) -> Detail:
    return Detail(
        (
            Column("offset", np.arange(3, dtype=np.int64) + first),
            Column("level", np.array([10.0, np.nan, 30.5]), "FL", "measured level"),
            Column("code", np.array([7, 0, 9], np.int64), present=np.array([True, False, True])),
            Column("name", np.array([b"NIG123", b"", b"\xffB"], "S8"), present=np.array([True, False, True])),
            Column("heard", np.array([3, 7, 9]), offsets=np.array([0, 2, 2, 3])),
            Column("raw", np.frombuffer(b"\x01\x02\xff", np.uint8), offsets=np.array([0, 2, 2, 3]), octets=True),
        )
    )


ROWS = [
    {"file": "a", "offset": 0, "level": 10.0, "code": 7, "name": "NIG123", "heard": [3, 7], "raw": b"\x01\x02"},
    {"file": "a", "offset": 1, "level": None, "code": None, "name": None, "heard": [], "raw": b""},
    {"file": "a", "offset": 2, "level": 30.5, "code": 9, "name": "?B", "heard": [9], "raw": b"\xff"},
]


def test_columns_become_arrow_columns_with_unit_and_meaning():
    table = details.to_arrow(detail(), "a")
    assert table.to_pylist() == ROWS
    field = table.schema.field("level")
    assert field.metadata == {b"unit": b"FL", b"meaning": b"measured level"}


def test_absent_lists_and_octets_are_null():
    absent = np.array([True, False])
    made = details.arrow_column(Column("x", np.array([1, 2]), offsets=np.array([0, 2, 2]), present=absent))
    assert made.to_pylist() == [[1, 2], None]
    made = details.arrow_column(Column("x", np.array([1], np.uint8), offsets=np.array([0, 1, 1]), present=absent, octets=True))
    assert made.to_pylist() == [b"\x01", None]


def test_no_rows_keep_their_types():
    empty = details.to_arrow(Detail(tuple(_none(c) for c in detail().columns)), "a")
    assert len(empty) == 0
    assert empty.schema.types[1:] == details.to_arrow(detail(), "a").schema.types[1:]


def test_parts_join_row_for_row():
    whole = Detail.concat([detail(), detail(3), Detail(tuple(_none(c) for c in detail().columns))])
    table = details.to_arrow(whole, "a")
    assert table.to_pylist() == [*ROWS, *({**row, "offset": row["offset"] + 3} for row in ROWS)]


def _none(column: Column) -> Column:
    offsets = None if column.offsets is None else np.zeros(1, np.int64)
    return replace(column, values=column.values[:0], present=None, offsets=offsets)


def write(folder, kind, monkeypatch):
    monkeypatch.setattr(details, "HELD_ROWS", 5)  # so that a table is written in more than one piece
    writer = details.DetailWriter(folder, kind)
    for k in range(4):
        writer.add({"Basic ID": detail(3 * k), "CAT048": detail()}, "ab"[k // 2])
    return writer


def test_duckdb_reads_a_parquet_table_a_kind_of_record(tmp_path, monkeypatch):
    writer = write(tmp_path / "out", "parquet", monkeypatch)
    assert not list((tmp_path / "out").glob("*.parquet"))
    writer.close()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["Basic_ID.parquet", "CAT048.parquet"]
    path = writer.path("Basic ID")
    query = f"select file, count(*), sum(code), list(distinct len(heard)) from '{path}' group by file order by file"
    assert [(f, n, c, sorted(k)) for f, n, c, k in duckdb.sql(query).fetchall()] == [("a", 6, 32, [0, 1, 2]), ("b", 6, 32, [0, 1, 2])]
    assert writer.rows == {"Basic ID": 12, "CAT048": 12}


def test_csv_and_json_lines_say_the_same(tmp_path, monkeypatch):
    write(tmp_path / "c", "csv", monkeypatch).close()
    lines = (tmp_path / "c" / "CAT048.csv").read_text(encoding="ascii").splitlines()
    assert lines[:3] == [
        '"file","offset","level","code","name","heard","raw"',
        '"a",0,10,7,"NIG123","3 7","0102"',
        '"a",1,,,,"",""',
    ]
    assert len(lines) == 13
    write(tmp_path / "j", "jsonl", monkeypatch).close()
    rows = [json.loads(line) for line in (tmp_path / "j" / "CAT048.jsonl").read_text(encoding="ascii").splitlines()]
    assert rows[0] == {"file": "a", "offset": 0, "level": 10.0, "code": 7, "name": "NIG123", "heard": [3, 7], "raw": "0102"}
    assert rows[1] == {"file": "a", "offset": 1, "raw": ""}


def test_an_interrupted_run_leaves_nothing_that_looks_whole(tmp_path, monkeypatch):
    write(tmp_path, "parquet", monkeypatch).abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(TenereError, match="cannot be written to"):
        details.DetailWriter(tmp_path / "file" / "out", "parquet")


def test_text_of_no_width_and_of_full_width():
    assert details.text_array(np.array([b"ABCDEFGH", b""], "S8")).to_pylist() == ["ABCDEFGH", ""]
    assert details.text_array(np.zeros(0, "S8")).type == pa.string()


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_disk_that_is_full_is_told_by_the_file_and_nothing_is_left(tmp_path, monkeypatch, kind):
    class Full:
        def __init__(self, path, _schema):
            path.write_bytes(b"half")

        def write(self, _table):
            raise OSError(28, "No space left on device")

        def close(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setitem(details._WRITERS, kind, Full)
    writer = details.DetailWriter(tmp_path / "out", kind)
    writer.add({"CAT048": detail()}, "a")
    with pytest.raises(TenereError, match=r"CAT048\.\w+\.part: cannot be written: No space left on device"):
        writer.close()
    writer.abandon()
    assert list((tmp_path / "out").iterdir()) == []
