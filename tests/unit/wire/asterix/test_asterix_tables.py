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
    for kept in (tables._latest, tables._kept_latest, tables._others, tables.table):
        kept.cache_clear()
    yield tmp_path
    for kept in (tables._latest, tables._kept_latest, tables._others, tables.table):
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
    for made_before in (tables._latest, tables._kept_latest, tables.table):
        made_before.cache_clear()
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


def test_older_editions_are_kept_apart_and_read_again(elsewhere: Path) -> None:
    made = tables.table(48, "1.27")
    latest, others = tables.cache_file(), tables.cache_file("-editions")
    assert sorted(p.name for p in elsewhere.joinpath("tenere").iterdir()) == sorted([latest.name, others.name])
    before = others.stat().st_mtime_ns
    for kept in (tables._latest, tables._kept_latest, tables._others, tables.table):
        kept.cache_clear()
    assert tables.table(48, "1.27") == made
    assert others.stat().st_mtime_ns == before


def test_every_edition_that_is_known_is_there() -> None:
    assert {category: list(known) for category, known in editions().items()} == {
        category: list(tables.known_editions(category)) for category in tables.described_categories()
    }
    for category in tables.known_categories():
        for edition in tables.known_editions(category):
            assert tables.table(category, edition).edition == edition
    assert tables.known_editions(222) == ()


def test_reserved_expansion_fields_have_tables_of_their_own() -> None:
    found = {category: tables.expansion(category) for category in range(256)}
    assert [category for category, made in found.items() if made is not None] == [21, 48, 62]
    radar = found[48]
    assert radar is not None
    root = radar.nodes[radar.roots[0]]
    assert (root.kind, root.size, root.extra, root.count) == (COMPOUND, 1, 1, 8)
    assert radar.slots[radar.element["MD5/SUM/M5"].slot] == "MD5/SUM"
    assert radar.titles["MD5"]


@pytest.mark.parametrize(
    ("category", "path", "reach"),
    [
        (10, "202/VX", 8192.0),
        (10, "202/VY", 8192.0),
        (10, "210/AX", 32.0),
        (17, "045/LAT", 180.0),
        (17, "045/LON", 180.0),
        (25, "600/LON", 180.0),
    ],
)
def test_steps_that_libasterix_has_wrong_reach_the_range_of_the_specification(category: int, path: str, reach: float) -> None:
    element = tables.table(category).element[path]
    assert element.signed
    assert element.lsb * 2 ** (element.width - 1) == reach


def test_what_depends_on_another_item_is_described_for_each_case() -> None:
    speeds = {e.path: e for e in tables.table(21).dependent}
    assert set(speeds) == {"150/AS/nm_s", "150/AS/mach"}
    mode = tables.table(21).element["150/IM"]
    assert [e.when for e in speeds.values()] == [(mode.slot, mode.bit, mode.width, value) for value in (0, 1)]
    assert speeds["150/AS/mach"].lsb == 0.001
    assert "where 150/IM is 1: quantity, 0.001 Mach" in tables.table(21).element["150/AS"].cases
    assert "1 LPF" in tables.table(4).element["120/CC/CPC"].cases


def test_elements_and_items_have_their_titles() -> None:
    radar = tables.table(48)
    assert radar.titles["040"] == "Measured Position in Polar Co-ordinates"
    assert all(e.path in radar.titles for e in radar.elements if "/" in e.path and not e.repeated)
