"""Every field of every SBS line as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.detail import Column, Detail
from tenere.wire.sbs.lines import GOOD, KINDS, MSG, NOT_ICAO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.text_lines import Lines

_NUMBERS = (
    ("altitude_ft", "altitude", "ft", "Mode C altitude, to 1013.25 hPa"),
    ("speed_kt", "ground_speed", "kt", "ground speed"),
    ("track_deg", "track", "deg", "track over ground, clockwise from north"),
    ("lat_deg", "latitude", "deg", "WGS-84 latitude"),
    ("lon_deg", "longitude", "deg", "WGS-84 longitude"),
    ("rate_fpm", "vertical_rate", "ft/min", "rate of climb"),
)
_FLAGS = (
    ("alert", "0 no, 1 squawk has changed"),
    ("emergency", "0 no, 1 emergency code set"),
    ("spi", "0 no, 1 transponder ident pressed"),
    ("ground", "0 airborne, 1 ground squat switch active"),
)


def tables(lines: Lines, read: NDArray[Any], cuts: NDArray[np.int64], times_s: NDArray[np.float64]) -> dict[str, Detail]:
    """Return a table of each kind of line; lines refused are left out (step counts them)."""
    found: dict[str, Detail] = {}
    for kind, name in enumerate(KINDS):
        rows = np.flatnonzero((read["reason"] == GOOD) & (read["kind"] == kind))
        found[f"SBS {name}"] = Detail(_columns(kind, lines, read[rows], cuts[rows], rows, times_s[rows]))
    return found


def _columns(
    kind: int, lines: Lines, read: NDArray[Any], cuts: NDArray[np.int64], rows: NDArray[np.int64], times_s: NDArray[np.float64]
) -> tuple[Column, ...]:
    """Return the columns of one kind of line."""

    def text(name: str, field: int, width: int, doc: str) -> Column:
        spans = zip(cuts[:, field].tolist(), (cuts[:, field + 1] - 1).tolist(), strict=True)
        return Column(name, np.array([lines.text[a:b].strip() for a, b in spans], f"S{width}"), "", doc)

    address = read["address"]
    known = address >= 0
    begin = [
        Column("offset", lines.offsets[rows], "", "byte offset of the line in what the source delivered"),
        Column("receive_s", lines.receive_s[rows], "s", "receive time"),
        Column("time_s", times_s, "s", "time of the line, its sender's zone taken off"),
    ]
    head = [
        text("session", 2, 12, "database session record number"),
        text("aircraft", 3, 12, "database aircraft record number"),
        Column("address", np.where(known, address & 0xFFFFFF, 0), "", "24-bit address", known),
        Column("icao", (address < NOT_ICAO).astype(np.uint8), "", "0 a track number after a tilde, 1 an ICAO address", known),
        text("flight", 5, 12, "database flight record number"),
        Column("generated_s", read["generated_s"], "s", "date and time generated, as written: in the sender's zone"),
        Column("logged_s", read["logged_s"], "s", "date and time logged, as written: in the sender's zone"),
    ]
    if kind != MSG:
        return (*begin, *head, text("text", 10, 16, "callsign (SEL, ID) or status (STA: PL, SL, RM, AD, OK)"))
    begin += [
        Column("type", read["type"].astype(np.uint8), "", "1 identification, 2 surface position, 3 airborne position, 4 velocity, "
               "5 altitude, 6 squawk, 7 air-to-air, 8 all-call reply"),
        Column("mlat", read["mlat"], "", "1: an MLAT line"),
    ]  # fmt: skip
    numbers = [Column(name, read[field], unit, doc) for field, name, unit, doc in _NUMBERS]
    squawk = Column("squawk", np.maximum(read["squawk"], 0), "", "Mode A code as a number (octal 7700 is 4032)", read["squawk"] >= 0)
    flags = [Column(name, np.maximum(read[name], 0).astype(np.uint8), "", doc, read[name] >= 0) for name, doc in _FLAGS]
    return (*begin, *head, text("callsign", 10, 8, "callsign"), *numbers, squawk, *flags)
