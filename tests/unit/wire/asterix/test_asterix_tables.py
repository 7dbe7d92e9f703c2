from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tenere.errors import WireError
from tenere.wire.asterix import tables
from tenere.wire.asterix.compiler import compile_table, editions
from tenere.wire.asterix.table import COMPOUND, EXTENDED, FIXED, REPETITIVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of one's own, and tables that are not yet loaded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for kept in (tables._latest, tables.table):
        kept.cache_clear()
    yield tmp_path
    for kept in (tables._latest, tables.table):
        kept.cache_clear()


def test_the_categories_this_program_needs_are_there() -> None:
    assert {1, 2, 4, 10, 19, 20, 21, 23, 34, 48, 62, 63, 65, 240} <= set(tables.known_categories())


def test_an_element_says_where_it_is_and_what_it_is_worth() -> None:
    radar = tables.table(48)
    rho = radar.element["040/RHO"]
    assert (radar.slots[rho.slot], rho.bit, rho.width, rho.lsb, rho.unit) == ("040", 0, 16, 1 / 256, "NM")
    test = radar.element["020/TST"]
    assert (radar.slots[test.slot], radar.slots[test.item], test.bit) == ("020#1", "020", 0)
    assert radar.element["250/MBDATA"].repeated
    assert radar.element["070/MODE3A"].content == "octal"
    assert tables.table(62).element["136"].lsb == 0.25  # a flight level: I062/136 counts quarters of one


def test_every_edition_of_every_category_compiles() -> None:
    for category, known in editions().items():
        for edition, spec in known.items():
            made = compile_table(category, edition, spec)
            assert len(made.slots) == len(set(made.slots))
            assert len(made.elements) == len({e.path for e in made.elements})
            for node in made.nodes:
                assert node.kind in {COMPOUND, EXTENDED} or node.size > 0 or node.kind > REPETITIVE
            for element in made.elements:
                node = made.node_of_slot[element.item]
                if node.kind == FIXED:
                    assert element.bit + element.width <= node.size * 8


def test_tables_are_kept_and_read_again(elsewhere: Path) -> None:
    made = tables.table(48)
    kept = tables.cache_file()
    assert kept.is_relative_to(elsewhere)
    assert [p.name for p in kept.parent.iterdir()] == [kept.name]
    before = kept.stat().st_mtime_ns
    tables._latest.cache_clear()
    tables.table.cache_clear()
    assert tables.table(48) == made
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [b"", b"{", b'{"tables": 3}', b"\xff\xfe"])
def test_a_broken_cache_is_made_again(elsewhere: Path, content: bytes) -> None:
    kept = tables.cache_file()
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    assert 48 in tables.known_categories()
    assert kept.stat().st_size > 10_000
    assert elsewhere in kept.parents


def test_without_a_writable_cache_it_works_all_the_same(elsewhere: Path) -> None:
    (elsewhere / "tenere").write_text("in the way")
    assert 48 in tables.known_categories()


def test_the_command_says_what_there_is(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables.main()
    said = capsys.readouterr().out
    assert "048 (1." in said
    assert str(elsewhere) in said


def test_unknown_categories_and_editions_are_refused() -> None:
    for category, edition in ((222, None), (48, "9.9")):
        with pytest.raises(WireError):
            tables.table(category, edition)
