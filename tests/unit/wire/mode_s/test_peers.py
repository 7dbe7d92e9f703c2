"""Field by field beside rs1090, through the script that prints the tables: nothing unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripts import compare_mode_s

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("rs1090", reason="rs1090 is an oracle of the tests only")


def compared(ours: compare_mode_s.Ours) -> compare_mode_s.Tally:
    tally = compare_mode_s.compare(ours, compare_mode_s.ask_rs1090(ours), "rs1090")
    assert tally.examples == []
    assert sum(count["unexplained"] for count in tally.fields.values()) == 0
    return tally


def test_messages_made_by_hand() -> None:
    tally = compared(compare_mode_s.constructed())
    assert len(tally.fields) > 90
    assert sum(count["equal"] for count in tally.fields.values()) > 1500


@pytest.mark.parametrize(
    ("name", "least"), [("pymodes_adsb.csv", 15_000), ("pymodes_commb_df20.csv", 30_000), ("beast_sample_dump1090.bin", 600)]
)
def test_recordings(shared_data: Path, name: str, least: int) -> None:
    tally = compared(compare_mode_s.read(shared_data / "modes" / name))
    assert sum(count["equal"] for count in tally.fields.values()) > least


def test_a_wrong_value_is_told() -> None:
    ours = compare_mode_s.constructed()
    row = next(r for r in ours.rows if r and "vertical_rate_fpm" in r)
    row["vertical_rate_fpm"] += 64
    tally = compare_mode_s.compare(ours, compare_mode_s.ask_rs1090(ours), "rs1090")
    assert tally.fields["09 vertical_rate"]["unexplained"] == 1
