"""The reader of the Recommendation's tables takes what varies in them, and refuses what is none."""

from __future__ import annotations

import math

import pytest
from bench.propagation import measure, read


def test_a_table_as_published(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1200MHz / Lb(0.01) dB\r\n,h2(m),1000,10000\r\n,h1(m),1.5,15\r\nD (km),FSL\r\n0,94,88.6,108.6\r\n1,97,91.1,\r\n\r\n")
    found = read(path)
    assert (found.frequency_hz, found.percent) == (1.2e9, 1.0)
    assert found.low_m == [1.5, 15.0]
    assert found.high_m == [1000.0, 10000.0]
    assert found.distances_m.tolist() == [0.0, 1000.0]
    assert found.loss_db[0].tolist() == [88.6, 108.6]
    assert math.isnan(found.loss_db[1, 1])
    result = measure(path)
    assert (result["points"], result["left_out"], result["left_out_empty"]) == (3, 1, 1)
    assert result["max_error_db"] < 0.06


@pytest.mark.parametrize(
    ("head", "hz", "percent"),
    [
        ('"15,500 MHz - Lb(0.95)"', 15.5e9, 95.0),
        ("15.5 GHz / Lb(50%) dB", 15.5e9, 50.0),
        ("\ufeff600MHz / Lb(0.5) dB", 6e8, 50.0),
        ("600MHz / Lb(10) dB", 6e8, 10.0),
    ],
)
def test_heads(tmp_path, head, hz, percent):
    path = tmp_path / "t.csv"
    path.write_text(f"{head}\n,h2 (m),1000\n,h1 (m),1.5\nD (km),FSL\n1,97,91.1\n", encoding="utf-8")
    found = read(path)
    assert found.frequency_hz == pytest.approx(hz)
    assert found.percent == pytest.approx(percent)


@pytest.mark.parametrize("text", ["", "nothing", "1200MHz / Lb(0.01)\n1,2,3", "1200MHz / Lb(0.01)\n,h2(m),1\n,h1(m),1,2\n0,1,2"])
def test_what_is_no_table_is_refused(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011 - its words differ
        read(path)


def test_heights_outside_the_standard_are_left_out_and_counted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1200MHz / Lb(0.01) dB\n,h2(m),1000,80000\n,h1(m),1.5,15\nD (km),FSL\n0,94,88.6,1\n1,97,91.1,1\n")
    result = measure(path)
    assert (result["points"], result["left_out"], result["left_out_outside"], result["left_out_without_path"]) == (2, 2, 2, 0)
