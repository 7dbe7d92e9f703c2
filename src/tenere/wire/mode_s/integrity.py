"""How far a position may be wrong without anybody noticing: NIC and its radius, from type code and supplements.

DO-260A and DO-260B 2.2.3.2.3.1 (the type subfield of position messages, versions 1 and 2). In version 0 the type code
alone says it (DO-260 NUCp); the least NIC that its radius allows stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.units import NM_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RADIUS_M = {
    11: 7.5, 10: 25.0, 9: 75.0, 8: 0.1 * NM_M, 7: 0.2 * NM_M, 6: 0.5 * NM_M, 5: NM_M, 4: 2 * NM_M, 3: 4 * NM_M, 2: 8 * NM_M, 1: 20 * NM_M,
}  # fmt: skip
_BY_CODE = {
    5: 11, 6: 10, 7: 8, 8: 0, 9: 11, 10: 10, 11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 2, 17: 1, 18: 0, 20: 11, 21: 10, 22: 0,
}  # fmt: skip


def _tables() -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return NIC (3, 32, 2, 2, 2) and its radius in metres, by version, type code and supplements A, B, C; -1 and NaN: none."""
    nic = np.full((3, 32, 2, 2, 2), -1, np.int8)
    radius = np.full((3, 32, 2, 2, 2), np.nan)
    for code, value in _BY_CODE.items():
        nic[:, code] = value
        radius[:, code] = _RADIUS_M.get(value, np.nan)
    nic[0, 16], radius[0, 16] = 1, 10 * NM_M
    nic[1:, 7, 1], radius[1:, 7, 1] = 9, _RADIUS_M[9]  # version 1 has supplement A alone
    nic[1, 11, 1], radius[1, 11, 1] = 9, _RADIUS_M[9]
    radius[1, 13, 1] = 0.6 * NM_M
    nic[1, 16, 1], radius[1, 16, 1] = 3, _RADIUS_M[3]
    nic[2, 7, 1, :, 1], radius[2, 7, 1, :, 1] = 8, _RADIUS_M[8]  # A with C is not assigned: the worse of its neighbours
    for a, c, value, miles in ((1, 1, 7, 0.2), (1, 0, 6, 0.3), (0, 1, 6, 0.6)):
        nic[2, 8, a, :, c], radius[2, 8, a, :, c] = value, miles * NM_M
    nic[2, 11, 1, 1], radius[2, 11, 1, 1] = 9, _RADIUS_M[9]
    radius[2, 13, 0, 1], radius[2, 13, 1] = 0.3 * NM_M, 0.6 * NM_M
    nic[2, 16, 1, 1], radius[2, 16, 1, 1] = 3, _RADIUS_M[3]
    return nic, radius


NIC, RADIUS_M = _tables()


@njit(cache=True)
def nic_of(version: int, code: int, a: int, b: int, c: int) -> int:
    """Return NIC of a position of a type code by ADS-B version (-1 unknown: as 0) and supplements A, B and C; -1: none."""
    return int(NIC[min(max(version, 0), 2), code, a, b, c])


@njit(cache=True)
def radius_of(version: int, code: int, a: int, b: int, c: int) -> float:
    """Return the containment radius in metres that goes with nic_of; NaN: none, or not bounded."""
    return float(RADIUS_M[min(max(version, 0), 2), code, a, b, c])
