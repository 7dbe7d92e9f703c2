"""NIC and containment radius, row by row as the tables of the standards give them."""

from __future__ import annotations

import math

import pytest

from tenere.wire.mode_s import integrity

NM = 1852.0


@pytest.mark.parametrize(
    ("code", "supplements", "nic", "radius_m"),
    [
        (9, (0, 0, 0), 11, 7.5), (10, (0, 0, 0), 10, 25), (11, (1, 1, 0), 9, 75), (11, (0, 0, 0), 8, 0.1 * NM),
        (12, (0, 0, 0), 7, 0.2 * NM), (13, (0, 1, 0), 6, 0.3 * NM), (13, (0, 0, 0), 6, 0.5 * NM), (13, (1, 1, 0), 6, 0.6 * NM),
        (14, (0, 0, 0), 5, NM), (15, (0, 0, 0), 4, 2 * NM),
        (16, (1, 1, 0), 3, 4 * NM), (16, (0, 0, 0), 2, 8 * NM), (17, (0, 0, 0), 1, 20 * NM), (18, (0, 0, 0), 0, math.nan),
        (20, (0, 0, 0), 11, 7.5), (21, (0, 0, 0), 10, 25), (22, (0, 0, 0), 0, math.nan),
        (5, (0, 0, 0), 11, 7.5), (6, (0, 0, 0), 10, 25), (7, (1, 0, 0), 9, 75), (7, (0, 0, 0), 8, 0.1 * NM),
        (8, (1, 0, 1), 7, 0.2 * NM), (8, (1, 0, 0), 6, 0.3 * NM), (8, (0, 0, 1), 6, 0.6 * NM), (8, (0, 0, 0), 0, math.nan),
    ],
)  # fmt: skip
def test_version_2(code: int, supplements: tuple[int, int, int], nic: int, radius_m: float) -> None:
    assert integrity.nic_of(2, code, *supplements) == nic
    assert integrity.radius_of(2, code, *supplements) == pytest.approx(radius_m, nan_ok=True)
    assert integrity.nic_of(7, code, *supplements) == nic  # later editions read as the last known


@pytest.mark.parametrize(
    ("code", "supplement", "nic", "radius_m"),
    [(7, 1, 9, 75), (7, 0, 8, 0.1 * NM), (8, 1, 0, math.nan), (11, 1, 9, 75), (11, 0, 8, 0.1 * NM), (13, 1, 6, 0.6 * NM),
     (13, 0, 6, 0.5 * NM), (16, 1, 3, 4 * NM), (16, 0, 2, 8 * NM)],
)  # fmt: skip
def test_version_1_has_one_supplement(code: int, supplement: int, nic: int, radius_m: float) -> None:
    for b in (0, 1):
        assert integrity.nic_of(1, code, supplement, b, 0) == nic
        assert integrity.radius_of(1, code, supplement, b, 0) == pytest.approx(radius_m, nan_ok=True)


def test_version_0_and_an_unknown_one_take_no_supplement_and_the_less() -> None:
    for version in (-1, 0):
        assert integrity.nic_of(version, 11, 1, 1, 0) == 8
        assert integrity.nic_of(version, 16, 1, 1, 0) == 1
        assert integrity.radius_of(version, 16, 1, 1, 0) == 10 * NM
    assert integrity.nic_of(2, 19, 0, 0, 0) == -1
