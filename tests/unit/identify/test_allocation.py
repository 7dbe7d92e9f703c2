"""The table of address blocks, against addresses of well-known aircraft and its own shape."""

from __future__ import annotations

import numpy as np
import pytest

from tenere.identify.allocation import CODES, FIRST, ICAO, LAST, state_of, states_of

KNOWN = {
    0x062000: "NE",
    0x062FFF: "NE",
    0x061FFF: "",
    0x063000: "",
    0x064001: "NG",
    0x0A0001: "DZ",
    0x018001: "LY",
    0x084001: "TD",
    0x05C001: "ML",
    0x09C001: "BF",
    0x094001: "BJ",
    0xA00001: "US",  # N1
    0xADF7C7: "US",  # N99999
    0x3C6444: "DE",
    0x39E68B: "FR",
    0x400000: "GB",
    0x4D2401: "MT",  # beyond Malta's former 1,024
    0x899001: "TW",
    0xC94000: "SS",
    0xF00001: ICAO,
    0x000000: "",
    0x000001: "",
    0xFFFFFF: "",
}


@pytest.mark.parametrize(("address", "state"), KNOWN.items())
def test_known_addresses(address, state):
    assert state_of(address) == state


def test_blocks_never_overlap_and_lie_on_their_own_size():
    assert (FIRST[1:] > LAST[:-1]).all()
    sizes = LAST - FIRST + 1
    assert (FIRST % sizes == 0).all(), "the leading bits of an address are those of its block"
    assert set(np.log2(sizes)) == {11, 12, 13, 15, 18, 20}


def test_every_state_has_one_block_and_icao_two():
    codes, counts = np.unique(CODES, return_counts=True)
    assert {c.decode(): int(n) for c, n in zip(codes, counts, strict=True) if n != 1} == {ICAO: 2}
    assert codes.size == 195


def test_an_array_is_looked_up_as_a_whole_and_absence_is_empty():
    assert states_of(np.array([-1, 0x062ABC, 0x1FFFFF, 0x200000], np.int32)).tolist() == [b"", b"NE", b"RU", b""]
    assert states_of(np.zeros(0, np.int32)).tolist() == []


def test_another_tables_reading_of_the_blocks_agrees():
    rs1090 = pytest.importorskip("rs1090")
    later = {"QA", "CO", "AD", "DM", "KN", "SS", "TL", "TV", ICAO}  # changed after that table was made
    names: dict[str, set[str]] = {}
    for address in range(1, 0x1000000, 0x800):
        state = state_of(address)
        name = rs1090.aircraft_information(f"{address:06x}")["country"]
        known = not name.startswith(("Unknown", "Unassigned"))
        if state not in later:
            assert bool(state) == known, hex(address)
            names.setdefault(state, set()).add(name if known else "")
    assert all(len(n) == 1 for n in names.values()), "each State is one country there"
    assert len(set().union(*names.values())) == len(names)
