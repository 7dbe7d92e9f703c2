"""Whose register a 24-bit aircraft address belongs to.

ICAO gives each State one block of addresses; the leading bits of an address are those of its block (ICAO Annex 10
Volume III, Part I, Appendix to Chapter 9, Table 9-1, as amended by Amendment 92: the former blocks of 1,024 addresses
hold 2,048 since then). Most addresses are still free: one outside every block says only that a
transponder was set wrongly, and nothing about who flies.

    >>> state_of(0x062ABC), state_of(0x3C6444), state_of(0x0000FF)
    ('NE', 'DE', '')
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ICAO = "ZZ"
"""Stands for ICAO's own blocks (temporary and special use): addresses of no State."""

# Bits an aircraft may choose -> the State's ISO 3166-1 code and the leading hexadecimal digits of its block.
# 2^20 addresses are 1,048,576; 2^11 are 2,048.
_BLOCKS = {
    20: "RU1 USA",
    18: "IT30 ES34 FR38 DE3C GB40 CN78 AU7C IN80 JP84 CAC0 ARE0 BRE4",
    15: """
        ZA008 EG010 LY018 MA020 TN028 DZ0A0 MX0D0 VE0D8 AT440 BE448 BG450 DK458 FI460 GR468 HU470 NO478 NL480 PL488
        PT490 CZ498 RO4A0 SE4A8 CH4B0 TR4B8 RS4C0 UA508 SA710 KR718 KP720 IQ728 IR730 IL738 JO740 LB748 MY750 PH758
        PK760 SG768 LK770 SY778 TH880 VN888 ID8A0 NZC80 ZZF00
    """,
    13: "CO0AC",
    12: """
        MZ006 BI032 CM034 CG036 CI038 GA03E ET040 GQ042 GH044 GN046 KE04C LR050 MG054 MW058 ML05C NE062 NG064 UG068
        QA06A CF06C RW06E SN070 SO078 SD07C TZ080 TD084 TG088 ZM08A CD08C AO090 GM09A BF09C BS0A8 CR0AE CU0B0 SV0B2
        GT0B4 GY0B6 HT0B8 HN0BA JM0BE NI0C0 PA0C2 DO0C4 TT0C6 SR0C8 IE4CA IS4CC AF700 BD702 MM704 KW706 LA708 NP70A
        KH70E YE890 BH894 AE896 PG898 FJC88 CLE80 ECE84 PYE88 PEE8C UYE90 BOE94
    """,
    11: """
        ZW0040 BW0300 KM0350 GW0480 LS04A0 MV05A0 MR05E0 MU0600 SC0740 SL0760 SZ07A0 BJ0940 CV0960 DJ0980 ST09E0
        BB0AA0 BZ0AB0 VC0BC0 AG0CA0 GD0CC0 NA2010 ER2020 CY4C80 LU4D00 MT4D20 MC4D40 SM5000 AL5010 HR5018 LV5028
        LT5038 MD5048 SK5058 SI5068 UZ5078 BY5100 EE5110 MK5120 BA5130 GE5140 TJ5150 ME5160 AM6000 AZ6008 KG6010
        TM6018 BT6800 FM6810 MN6820 KZ6830 PW6840 OM70C0 BN8950 SB8970 TW8990 MH9000 CK9010 WS9020 NRC8A0 LCC8C0
        TOC8D0 KIC8E0 VUC900 ADC910 DMC920 KNC930 SSC940 TLC950 TVC970 ZZF090
    """,
}


def _table() -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bytes_]]:
    blocks = sorted(
        (int(word[2:].ljust(6, "0"), 16), 1 << bits, word[:2])  # NE062 -> 062000
        for bits, words in _BLOCKS.items()
        for word in words.split()
    )
    first = np.array([b[0] for b in blocks], np.int32)
    last = np.array([b[0] + b[1] - 1 for b in blocks], np.int32)
    return first, last, np.array([b[2] for b in blocks], "S2")


FIRST, LAST, CODES = _table()
"""Each block's first and last address and its State, by rising address; blocks never overlap."""


def state_of(address: int) -> str:
    """Return the ISO 3166-1 code of the State that holds an address, ZZ for ICAO's own blocks, else the empty string."""
    return str(states_of(np.array([address], np.int64))[0], "ascii")


def states_of(addresses: NDArray[np.integer]) -> NDArray[np.bytes_]:
    """Return the State's code of each address, (n,) S2; empty outside every block and for -1 (absent)."""
    wanted = addresses.astype(np.int64)
    block = np.searchsorted(FIRST, wanted, side="right") - 1
    inside = (block >= 0) & (wanted <= LAST[block])
    return np.where(inside, CODES[block], b"")
