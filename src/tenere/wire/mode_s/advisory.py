"""The fields of an ACAS resolution advisory, the same in DF16, in register 3,0 and in type code 28 (Annex 10 vol. IV, 4.3.8.4.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from tenere.wire.mode_s.codes import altitude13_ft
from tenere.wire.mode_s.messages import bits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.wire.mode_s.layout import Layout


def declare_advisory(table: Layout) -> tuple[int, int, int]:
    """Declare the columns of an advisory; return the first row of each block that read_advisory fills: u1, i4, f4."""
    advised, named = table.mark(), table.mark()
    table.i4("ra_advisory", "active resolution advisory ARA, 14 bits, the first 1: one threat, or one sense for all", advised)
    table.u1("ra_complement", "resolution advisory complement RAC: 8 do not pass below, 4 above, 2 turn left, 1 turn right", advised)
    table.u1("ra_ended", "RA terminated RAT: 1 the advisory has ended", advised)
    table.u1("ra_threats", "multiple threat encounter MTE: 1 more than one", advised)
    table.u1("threat_type", "threat type TTI: 0 none, 1 address, 2 altitude, range and bearing", advised)
    table.i4("threat_address", "24-bit address of the threat", named)
    table.f4("threat_altitude_ft", "ft", "altitude of the threat")
    table.f4("threat_range_nm", "NM", "range of the threat; 0 below 0.05, 12.6 beyond 12.55")
    table.f4("threat_bearing_deg", "deg", "bearing of the threat from the nose, middle of a step of 6 degrees")
    return advised, table.rows["i4"] - 2, table.rows["f4"] - 3


@njit(cache=True)
def read_advisory(
    i: int, message: int, u1: NDArray[np.uint8], i4: NDArray[np.int32], f4: NDArray[np.float32], u: int, j: int, k: int
) -> None:
    """Read the 56 bits of an advisory into record i; u, j and k are what declare_advisory returned."""
    u1[u, i] = 1
    i4[j, i] = bits(message, 9, 22)
    u1[u + 2, i], u1[u + 3, i], u1[u + 4, i] = bits(message, 23, 26), bits(message, 27, 27), bits(message, 28, 28)
    threat = bits(message, 29, 30)
    u1[u + 5, i] = threat
    if threat == 1:
        u1[u + 1, i], i4[j + 1, i] = 1, bits(message, 31, 54)
    elif threat == 2:
        f4[k, i] = altitude13_ft(bits(message, 31, 43))
        if bits(message, 44, 50):
            f4[k + 1, i] = (bits(message, 44, 50) - 1) * 0.1
        if 1 <= bits(message, 51, 56) <= 60:
            f4[k + 2, i] = bits(message, 51, 56) * 6 - 3
