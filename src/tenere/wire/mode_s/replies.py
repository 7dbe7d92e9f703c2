"""Every field of replies (DF0, 4, 5, 11, 16, 24): their columns, and the kernels that fill them.

Layouts: Annex 10 vol. IV, 3.1.2.5 to 3.1.2.8 and 4.3.8.4. For DF20 and DF21 see tenere.wire.mode_s.comm_b.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

from tenere.wire.mode_s.advisory import declare_advisory, read_advisory
from tenere.wire.mode_s.crc import octet
from tenere.wire.mode_s.decode import message_of
from tenere.wire.mode_s.head import ADDRESS, CONTROL_NAMES, OVERLAID, PROVED, VERIFIED, declare_head, fill_head, head_of
from tenere.wire.mode_s.layout import Layout
from tenere.wire.mode_s.messages import bits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# --- DF0, 4, 5, 16 ---

TABLE = Layout()
declare_head(TABLE)
ON_GROUND = TABLE.u1("on_ground", "vertical status VS: 1 on the ground")
CROSS_LINK = TABLE.u1("cross_link", "cross-link capability CC")
SENSITIVITY = TABLE.u1("sensitivity", "sensitivity level SL of ACAS: 0 does not work")
INFORMATION = TABLE.u1("reply_information", "RI: 0 no ACAS, 2-4 kinds of ACAS, 8 no airspeed, 9-14 to 75, 150, 300, 600, 1200 kt, over")
MV = TABLE.i8("message", "the 56 bits of MV as one number")
U_ADVISORY, I_ADVISORY, F_ADVISORY = declare_advisory(TABLE)

_AIR = ("on_ground", "cross_link", "sensitivity", "reply_information")
_LONG = ("message", *(c.name for c in TABLE.columns if c.name.startswith(("ra_", "threat_"))))
WITHOUT = {
    0: (*CONTROL_NAMES, *_LONG, "mode_a"),
    4: (*_AIR, *_LONG, "mode_a"),
    5: (*_AIR, *_LONG, "altitude_ft"),
    16: (*CONTROL_NAMES, "mode_a", "cross_link"),
}
"""Columns of the table that a format does not have."""


@njit(cache=True)
def fill(
    frames: NDArray[np.uint8],
    found: Any,  # noqa: ANN401 - a structured array
    rows: NDArray[np.int64],
    u1: NDArray[np.uint8],
    i4: NDArray[np.int32],
    i8: NDArray[np.int64],
    f4: NDArray[np.float32],
    _f8: NDArray[np.float64],
) -> None:
    """Fill the columns (blocks, blank) of replies frames[rows], and what decode.run found of them."""
    for i in range(len(rows)):
        frame, told = frames[rows[i]], found[rows[i]]
        head = head_of(frame)
        i4[ADDRESS, i], u1[VERIFIED, i] = told["parity"], told["verified"]
        downlink_format = head >> 27
        fill_head(i, head, downlink_format == 5, u1, i4, f4)
        u1[ON_GROUND, i], u1[CROSS_LINK, i] = head >> 26 & 1, head >> 25 & 1
        u1[SENSITIVITY, i], u1[INFORMATION, i] = head >> 21 & 7, head >> 15 & 15
        if downlink_format == 16:
            message = message_of(frame)
            i8[MV, i] = message
            if bits(message, 1, 8) == 0x30:
                read_advisory(i, message, u1, i4, f4, U_ADVISORY, I_ADVISORY, F_ADVISORY)


# --- DF11: all-call replies ---

ALL_CALL = Layout()
ALL_ADDRESS = ALL_CALL.i4("address", "24-bit address as sent")
ALL_VERIFIED = ALL_CALL.u1("verified", "1: no interrogator's code lies over the parity, or the address proved itself in the last minute")
ALL_CAPABILITY = ALL_CALL.u1("capability", "transponder capability CA: 4 level 2 on the ground, 5 airborne, 6 either, 7 other")
ALL_CODE = ALL_CALL.u1("interrogator", "interrogator's code laid over the parity: CL (3 bits) and IC (4 bits); 0 an acquisition squitter")


@njit(cache=True)
def fill_all_call(
    frames: NDArray[np.uint8],
    found: Any,  # noqa: ANN401 - a structured array
    rows: NDArray[np.int64],
    u1: NDArray[np.uint8],
    i4: NDArray[np.int32],
    _i8: NDArray[np.int64],
    _f4: NDArray[np.float32],
    _f8: NDArray[np.float64],
) -> None:
    """Fill the columns of all-call replies (DF11)."""
    for i in range(len(rows)):
        frame, told = frames[rows[i]], found[rows[i]]
        i4[ALL_ADDRESS, i] = octet(frame, 1) << 16 | octet(frame, 2) << 8 | octet(frame, 3)
        u1[ALL_VERIFIED, i], u1[ALL_CAPABILITY, i], u1[ALL_CODE, i] = told["verified"], octet(frame, 0) & 7, told["parity"]


# --- DF24: segments of a long downlink message (Comm-D) ---

COMM_D = Layout()
D_ADDRESS = COMM_D.i4("address", OVERLAID)
D_VERIFIED = COMM_D.u1("verified", PROVED)
D_KIND = COMM_D.u1("acknowledges", "control KE: 0 a segment of a message, 1 acknowledges an uplink")
D_NUMBER = COMM_D.u1("segment", "number of the segment ND")
D_FIRST = COMM_D.i8("message_head", "the first 16 bits of MD as one number")
D_REST = COMM_D.i8("message_rest", "the other 64 bits of MD, as a signed number")


@njit(cache=True)
def fill_comm_d(
    frames: NDArray[np.uint8],
    found: Any,  # noqa: ANN401 - a structured array
    rows: NDArray[np.int64],
    u1: NDArray[np.uint8],
    i4: NDArray[np.int32],
    i8: NDArray[np.int64],
    _f4: NDArray[np.float32],
    _f8: NDArray[np.float64],
) -> None:
    """Fill the columns of Comm-D segments (DF24; Annex 10 vol. IV, 3.1.2.7.3)."""
    for i in range(len(rows)):
        frame, told = frames[rows[i]], found[rows[i]]
        i4[D_ADDRESS, i], u1[D_VERIFIED, i] = told["parity"], told["verified"]
        u1[D_KIND, i], u1[D_NUMBER, i] = octet(frame, 0) >> 4 & 1, octet(frame, 0) & 15
        i8[D_FIRST, i] = octet(frame, 1) << 8 | octet(frame, 2)
        rest = 0
        for byte in range(3, 11):
            rest = rest << 8 | octet(frame, byte)
        i8[D_REST, i] = rest
