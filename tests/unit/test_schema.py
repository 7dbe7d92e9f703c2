from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tenere import schema
from tenere.batch import BATCHES, Batch, column
from tenere.page import PAGE_BATCHES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("made", "path"), [(schema.typescript, "web/src/wire.ts"), (schema.markdown, "docs/reference/columns.md")])
def test_what_is_committed_is_what_the_generator_prints(made, path):
    kind = made.__name__
    assert (ROOT / path).read_text() == made(), f"run: python -m tenere.schema {kind} > {path}"


def test_hash_changes_with_name_type_and_unit_of_a_column():
    def of(name: str, dtype: str, unit: str) -> str:
        made = type("Probe", (Batch,), {"__annotations__": {name: "F64"}, name: column(dtype, unit, "a doc")})
        return schema.schema_hash([dataclass(frozen=True)(made)])

    hashes = {of("a", "f8", "s"), of("b", "f8", "s"), of("a", "f4", "s"), of("a", "f8", "m")}
    assert len(hashes) == 4
    assert of("a", "f8", "s") == of("a", "f8", "s")
    assert all(len(h) == 16 and int(h, 16) >= 0 for h in hashes)


def test_typescript_holds_every_page_column_in_order():
    text = schema.typescript()
    for batch in PAGE_BATCHES:
        at = text.index(f'{{ name: "{batch.__name__}"')
        for name, dtype, _, _ in batch.columns():
            at = text.index(f'["{name}", "{dtype.kind}{dtype.itemsize}"]', at)


def test_page_columns_are_of_dtypes_a_browser_has():
    for batch in PAGE_BATCHES:
        for name, dtype, _, _ in batch.columns():
            assert dtype.kind == "S" or f"{dtype.kind}{dtype.itemsize}" in schema.ARRAYS, name


def test_data_names_every_batch_and_column():
    data = schema.schema_data()
    assert [b["name"] for b in data["batches"]] == [b.__name__ for b in (*BATCHES, *PAGE_BATCHES)]
    assert all(c["doc"] for b in data["batches"] for c in b["columns"])
    assert data["vocabularies"]["Identity"] == {"pending": 0, "unknown": 1, "assumed_friend": 2, "friend": 3, "neutral": 4, "suspect": 5}


def test_main_prints_or_says_how(capsys):
    assert schema.main(["typescript"]) == 0
    assert capsys.readouterr().out == schema.typescript()
    assert schema.main([]) == 2
    assert "usage" in capsys.readouterr().err
