"""Every value of the columns against libasterix, on a slice of each real recording: scripts/compare_asterix.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripts.asterix_peers import LibAsterix
from scripts.compare_asterix import CONTRADICTED, compare_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def peer() -> LibAsterix:
    return LibAsterix()


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        ("akap_ARTAS.rply", {62, 63, 65}),
        ("akap_Jahorina.rply", {34, 48}),
        ("croatia_cat21_re.ast", {21}),
        ("ifsnop_068test_rrd3.gps", {1, 2, 8, 19, 20, 34, 48}),
        ("lebl_201002_smr.ast", {10}),
    ],
)
def test_every_value_is_the_one_libasterix_reads(shared_data: Path, peer: LibAsterix, name: str, categories: set[int]) -> None:
    lines = compare_file(shared_data / "asterix" / name, peer, None, 60)
    assert {category for _, category in lines} == categories
    for line in lines.values():
        assert not line.different, line.examples
        assert line.records > 0
        assert line.equal + sum(line.explained.values()) == line.values > 0


def test_what_contradicts_itself_is_no_record(shared_data: Path, peer: LibAsterix) -> None:
    lines = compare_file(shared_data / "asterix" / "croatia_asterix.pcap", peer, None, 60)
    assert {reason for line in lines.values() for reason in line.explained} == {CONTRADICTED}
    assert all(line.records == 0 for line in lines.values())
