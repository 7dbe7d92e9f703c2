"""Columns of a table to plots: units, ranges, and which rows stand.

A row whose time or position is missing, does not read or is out of range gives no plot; any other such value is left out of its
plot. All are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import PlotFlag, PlotKind, Plots
from tenere.wire.plot_table import cells
from tenere.wire.plot_table.cells import Text
from tenere.wire.plot_table.names import KINDS, TARGETS, UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.plot_table.mapping import Layout

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

DAY_S = 86_400.0
DATE_S = 1e8
"""From here on a time is a date (3 March 1973 in seconds)."""
TURN = 2.0 * np.pi

ESSENTIAL = ("time", "lat", "lon", "range", "azimuth", "x", "y")
NO_POSITION = "plots row without a position"
NO_TIME = "plots row without a time"
DECIMAL_COMMA = "plots row with a decimal comma (write numbers with a point)"
TEXT_WIDTH = {"callsign": 8, "remote_id": 20}
NOT_ICAO = 1 << 24


class Read(NamedTuple):
    """What n rows say: target -> (n,) in SI, NaN where they do not, or bytes of a fixed width; and which rows stand.

    wrong: reason -> (n,) rows that it is counted for.
    """

    values: dict[str, F64]
    texts: dict[str, NDArray[np.bytes_]]
    good: Mask
    wrong: dict[str, Mask]


_CALLED = {
    "lat": "latitude", "lon": "longitude", "mode_a": "Mode A code", "nic": "NIC", "nac_p": "NACp", "sil": "SIL", "sac": "SAC", "sic": "SIC",
    "on_ground": "ground flag", "spi": "SPI flag", "source_track": "track number",
}  # fmt: skip


def doc_name(target: str) -> str:
    """Return what a target is called in a reason."""
    return _CALLED.get(target, target.replace("_", " "))


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def unreadable(target: str) -> str:
    """Return the reason for a value that does not read."""
    return f"plots row with {_article(doc_name(target))} that does not read"


def out_of_range(target: str) -> str:
    """Return the reason for a value that cannot be."""
    return f"plots row with {_article(doc_name(target))} out of range"


def _numbers(column: Text, target: str, unit: str, n: int) -> tuple[F64, NDArray[np.uint8]]:
    """Return the numbers of a column of text in SI, and the state of each (see cells)."""
    quantity = TARGETS[target].quantity
    out, state = np.empty(n), np.zeros(n, np.uint8)
    if quantity == "time":
        cells.times(*column, out, state)
    elif quantity in {"address", "code"}:
        base = int(UNITS[quantity][unit])
        cells.codes(*column, base, 6 if base == 16 else (4 if base == 8 else 8), out, state)
    elif quantity == "flag":
        cells.flags(*column, out, state)
    elif quantity == "kind":
        _kinds(column, out, state)
    else:
        cells.decimals(*column, out, state)
    return out, state


def _octal(numbers: F64) -> tuple[F64, NDArray[np.uint8]]:
    """Return codes whose octal digits were written as a decimal number (7700.0 is the code 7700)."""
    known = (numbers >= 0) & (numbers <= 7777) & (numbers == np.floor(numbers))
    whole = np.where(known, numbers, 0).astype(np.int64)
    digits = [whole // 10**k % 10 for k in range(4)]
    good = known & (np.max(digits, axis=0) <= 7)
    codes = sum(digit << 3 * k for k, digit in enumerate(digits))
    return np.where(good, codes, np.nan), np.where(good | np.isnan(numbers), 0, cells.BAD).astype(np.uint8)


def _kinds(column: Text, out: F64, state: NDArray[np.uint8]) -> None:
    """Read kinds: names of PlotKind, or their numbers."""
    written = np.zeros((len(out), 16), np.uint8)
    cells.letters(*column, written)
    names, rows = np.unique(written.view("S16")[:, 0], return_inverse=True)
    known = np.full(len(names), np.nan)
    bad = np.zeros(len(names), np.uint8)
    for i, name in enumerate(names.tolist()):
        text = name.decode("ascii").lower()
        if text.isdigit() and int(text) <= max(PlotKind):
            known[i] = int(text)
        elif text in KINDS:
            known[i] = KINDS[text]
        elif text:
            bad[i] = cells.BAD
    out[:], state[:] = known[rows], bad[rows]


def seconds(values: F64, unit: str, *, text: Mask | None = None) -> F64:
    """Return seconds of times in a unit; "auto": the size of each says which. text: those that were ISO 8601 are seconds already."""
    if unit in {"auto", "iso"}:
        size = np.abs(values)
        factor = np.select([size >= 1e17, size >= 1e14, size >= 1e11], [1e-9, 1e-6, 1e-3], 1.0)
    else:
        factor = np.full(len(values), UNITS["time"][unit])
    return np.asarray(values * (factor if text is None else np.where(text, 1.0, factor)), np.float64)


def read(columns: Mapping[str, Text | F64], layout: Layout, n: int) -> Read:
    """Return what the columns of a table say, target by target; a column is text, or numbers of its own type (Parquet)."""
    got = Read({}, {}, np.ones(n, np.bool_), {})
    for target, found in layout.found.items():
        column = columns[target]
        if TARGETS[target].quantity == "text":
            got.texts[target] = _letters(column, TEXT_WIDTH[target], n)
            continue
        if isinstance(column, Text):
            values, state = _numbers(column, target, found.unit, n)
        else:
            values, state = column, np.where(np.isinf(column), np.uint8(cells.BAD), np.uint8(0))
            if TARGETS[target].quantity == "code" and found.unit == "octal":
                values, state = _octal(values)
        _check(got, target, found.unit, values, state)
    for target, value in layout.constants.items():
        if isinstance(value, str):
            got.texts[target] = np.full(n, value.encode("ascii", "replace"), f"S{TEXT_WIDTH[target]}")
        else:
            got.values[target] = np.full(n, value)
    _place(got)
    return got


def _letters(column: Text | F64, width: int, n: int) -> NDArray[np.bytes_]:
    out = np.zeros((n, width), np.uint8)
    if isinstance(column, Text):
        cells.letters(*column, out)
    return out.view(f"S{width}")[:, 0]


def _check(got: Read, target: str, unit: str, values: F64, state: NDArray[np.uint8]) -> None:
    """Convert a column to SI and refuse what does not read or cannot be."""
    known = TARGETS[target]
    if known.quantity == "time":
        values = seconds(values, unit, text=state == cells.ISO)
    elif known.quantity in {"length", "angle", "speed"}:
        values = values * UNITS[known.quantity][unit]
    off = (values < known.low) | (values > known.high)
    if target == "address":
        got.values["foreign"] = np.where((values >= NOT_ICAO) & (values < 2 * NOT_ICAO), values, np.nan)
        off = (values < 0) | (values >= 2 * NOT_ICAO)
        values = np.where((values <= 0) | (values >= NOT_ICAO), np.nan, values)
    elif known.quantity in {"number", "kind"}:
        off |= np.isfinite(values) & (values != np.floor(values))
    unread = (state == cells.BAD) | (state == cells.COMMA)
    comma = state == cells.COMMA
    for mask, reason in ((unread & ~comma, unreadable(target)), (comma, DECIMAL_COMMA), (off, out_of_range(target))):
        if mask.any():
            got.wrong[reason] = got.wrong[reason] | mask if reason in got.wrong else mask
    if target in ESSENTIAL:
        got.good[unread | off] = False
    got.values[target] = np.where(off | unread, np.nan, values)


def _place(got: Read) -> None:
    """Refuse the rows that say no position, or no time where the table has times."""
    placed = np.zeros(len(got.good), np.bool_)
    for a, b in (("lat", "lon"), ("range", "azimuth"), ("x", "y")):
        if a in got.values and b in got.values:
            placed |= np.isfinite(got.values[a]) & np.isfinite(got.values[b])
    missing = {NO_POSITION: got.good & ~placed}
    if "time" in got.values:
        missing[NO_TIME] = got.good & placed & np.isnan(got.values["time"])
    for reason, mask in missing.items():
        if mask.any():
            got.wrong[reason] = mask
            got.good[mask] = False


def times_of(got: Read, near_s: F64) -> F64:
    """Return the time of each row; one of the day, where a date is known of its arrival near_s (n,), on the day nearest to that."""
    if "time" not in got.values:
        return near_s
    said = got.values["time"]
    of_day = (said >= 0.0) & (said < DAY_S) & (near_s > DATE_S)
    near = near_s + (said - near_s + DAY_S / 2) % DAY_S - DAY_S / 2
    return np.where(of_day, near, np.where(np.isnan(said), near_s, said))


def count(got: Read, offsets: I64, rejects: Rejects) -> None:
    """Count what was wrong, each reason with where its first row begins."""
    for reason, mask in got.wrong.items():
        rejects.add(reason, int(offsets[int(np.argmax(mask))]), int(mask.sum()))


def plots(got: Read, times_s: F64, receive_s: F64, references: I64) -> Plots:
    """Return a plot of each row that stands."""
    n = len(got.good)
    absent = np.full(n, np.nan)

    def say(target: str) -> F64:
        return got.values.get(target, absent)

    def whole(target: str) -> I64:
        values = say(target)
        return np.where(np.isnan(values), -1, values).astype(np.int64)

    speed, course = say("speed"), say("course")
    course = np.where(speed == 0.0, 0.0, course)
    east, north = say("east"), say("north")
    sac, sic = whole("sac"), whole("sic")
    address, track = whole("address"), whole("source_track")
    foreign = whole("foreign")
    lon = say("lon")
    flags = np.where(say("on_ground") == 1.0, PlotFlag.ON_GROUND, 0) | np.where(say("spi") == 1.0, PlotFlag.SPI, 0)
    default = PlotKind.ADSB if "address" in got.values and "lat" in got.values else PlotKind.UNKNOWN
    kind = say("kind")
    return Plots.blank(
        n,
        time_s=times_s,
        receive_s=receive_s,
        sac_sic=np.where((sac >= 0) & (sic >= 0), sac * 256 + sic, -1),
        kind=np.where(np.isnan(kind), default, kind),
        flags=flags,
        range_m=say("range"),
        azimuth_rad=say("azimuth") % TURN,
        elevation_rad=say("elevation"),
        x_m=say("x"),
        y_m=say("y"),
        lat_rad=np.where(np.isnan(lon), np.nan, say("lat")),
        lon_rad=np.where(np.isnan(say("lat")), np.nan, np.where(lon > np.pi, lon - TURN, lon)),
        position_std_m=say("position_std"),
        height_m=say("height"),
        pressure_altitude_m=say("altitude"),
        east_ms=np.where(np.isnan(east), speed * np.sin(course), east),
        north_ms=np.where(np.isnan(north), speed * np.cos(course), north),
        velocity_std_ms=say("velocity_std"),
        vertical_rate_ms=say("vertical_rate"),
        radial_ms=say("radial"),
        nic=whole("nic"),
        nac_p=whole("nac_p"),
        sil=whole("sil"),
        address=address,
        mode_a=whole("mode_a"),
        callsign=got.texts.get("callsign", b""),
        remote_id=got.texts.get("remote_id", b""),
        source_track=np.where((track < 0) & (foreign >= 0), foreign, track),
        reference=references,
    ).take(got.good)
