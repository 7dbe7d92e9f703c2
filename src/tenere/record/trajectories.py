"""Tables of where aircraft were: tracks as `tenere track` and replay write them, and whatever is held to be the truth.

Parquet, or CSV with the same names. Needed are a time and a place, and an aircraft's name: id, else number (a table of tracks), else
address (a table of plots). Rows that tell nothing are left out and counted with the first of them; a column that cannot be what its
name says is an error that names the file, the column and the row.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from tenere.batch import PlotKind, TrackFlag
from tenere.errors import Rejects, TenereError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

NAMES = ("id", "number", "address")
FLOATS = (
    "time_s",
    "lat_rad",
    "lon_rad",
    "lat_deg",
    "lon_deg",
    "x_m",
    "y_m",
    "vx_ms",
    "vy_ms",
    "east_ms",
    "north_ms",
    "speed_ms",
    "course_rad",
    "course_deg",
    "var_xx_m2",
    "var_xy_m2",
    "var_yy_m2",
    "pressure_altitude_m",
    "height_m",
)
WHOLES = ("frame", "flags", "source", "kind")
PAIRS = (("lat_rad", "lon_rad"), ("lat_deg", "lon_deg"), ("x_m", "y_m"))
NULLS = ["", "nan", "NaN", "NAN", "null", "NULL", "None", "NA"]
LARGEST_TIME_S = 1e11
LAST_ADDRESS = 0xFFFFFF
PARQUET = b"PAR1"

NO_ID = "row without an id"
NO_TIME = "row without a time"
NO_PLACE = "row without a place"
BAD_PLACE = "row with a latitude or longitude out of range"
COASTED = "row that only carries on (coasting)"
ENDED = "row of a track that has ended"
SYSTEM = "row of another system's track"
OWN = "row of an own track"
OTHER_KIND = "row of another kind"
OTHER_FRAME = "row in the plane of another sensor"
AGAIN = "second row of an id at a time"


def unknown(n: int) -> F64:
    """Return n NaN that take no room: a column that is not there."""
    return np.broadcast_to(np.float64(np.nan), (n,))


@dataclass
class Trajectories:
    """One table. Columns are NaN (address -1) where not known; lat and lon are NaN in a table of x and y, and x, y the other way."""

    path: Path
    names: list[str]
    who: I64
    """(n,) row of names"""
    columns: dict[str, F64]
    address: I64
    frame: I64
    rows: int
    row: I64
    """which row of the file each is"""
    left_out: Rejects = field(default_factory=Rejects)

    def take(self, good: NDArray[np.bool_], reason: str) -> None:
        """Keep the good rows, and count the others under a reason."""
        if not good.all():
            bad = self.row[~good]
            self.left_out.add(reason, int(bad.min()), len(bad))
            self.who, self.address, self.frame, self.row = self.who[good], self.address[good], self.frame[good], self.row[good]
            n = len(self.who)
            self.columns = {name: values[good] if values.strides[0] else unknown(n) for name, values in self.columns.items()}


@dataclass(frozen=True)
class Choice:
    """Which rows of a table count."""

    coasting: bool = True
    which: str = "all"
    """own, system or all: whose tracks"""
    kind: str = ""
    """name of a PlotKind: only plots of that kind"""


def read(path: Path, choice: Choice) -> Trajectories:
    """Read a table; raise TenereError naming file, column and row where it cannot be one, or where no row of it stands."""
    table = _table(path)
    names = table.column_names
    for name in names:
        if name in {*NAMES, *FLOATS, *WHOLES} and names.count(name) > 1:
            raise TenereError(f"{path}: has the column {name} {names.count(name)} times")
    key = next((n for n in NAMES if n in names), None)
    if key is None:
        raise TenereError(f"{path}: has no column id (which aircraft), nor number (of tracks) or address; it has {_list(names)}")
    if "time_s" not in names:
        raise TenereError(f"{path}: has no column time_s (seconds); it has {_list(names)}")
    places = [pair for pair in PAIRS if pair[0] in names and pair[1] in names]
    if not places:
        pairs = ", ".join(" and ".join(p) for p in PAIRS)
        raise TenereError(f"{path}: has no columns of a place: needed is one of {pairs}; it has {_list(names)}")
    text = path.suffix.lower() in (".csv", ".txt")
    floats = {n: _floats(path, n, table.column(n), text=text) for n in FLOATS if n in names}
    wholes = {n: _wholes(path, n, table.column(n), text=text) for n in WHOLES if n in names}
    address = _addresses(path, table.column("address")) if "address" in names else np.full(table.num_rows, -1, np.int64)
    ids, who = _ids(path, key, table.column(key), address)
    del table
    columns = _in_radians(floats)
    n = len(who)
    made = Trajectories(path, ids, who, columns, address, wholes.get("frame", np.zeros(n, np.int64)), n, np.arange(n))
    _choose(made, wholes, choice)
    if not len(made.who):
        reasons = "; ".join(f"{reason}: {count:,}" for reason, count in made.left_out.counts.items()) or "it holds no rows"
        raise TenereError(f"{path}: no row of it stands ({reasons})")
    return made


def _choose(made: Trajectories, wholes: dict[str, I64], choice: Choice) -> None:
    """Leave out what tells nothing, and what is not asked for."""
    flags, source, kind = wholes.get("flags"), wholes.get("source"), wholes.get("kind")
    if choice.kind:
        if kind is None:
            raise TenereError(f"{made.path}: has no column kind, so that its {choice.kind} cannot be chosen")
        made.take(kind == PlotKind[choice.kind], OTHER_KIND)
    made.take(made.who >= 0, NO_ID)
    made.take(np.abs(np.nan_to_num(made.columns["time_s"], nan=np.inf)) <= LARGEST_TIME_S, NO_TIME)
    c = made.columns
    located = np.isfinite(c["lat_rad"]) & np.isfinite(c["lon_rad"])
    made.take(located | (np.isfinite(c["x_m"]) & np.isfinite(c["y_m"])), NO_PLACE)
    c = made.columns
    made.take(~((np.abs(c["lat_rad"]) > np.pi / 2) | (np.abs(c["lon_rad"]) > 2 * np.pi)), BAD_PLACE)
    if kind is not None or flags is None:  # the flags of plots are others
        return
    made.take(flags[made.row] & TrackFlag.ENDED == 0, ENDED)
    if not choice.coasting:
        made.take(flags[made.row] & TrackFlag.COASTING == 0, COASTED)
    if source is not None and choice.which != "all":
        system = source[made.row] >= 0
        made.take(system if choice.which == "system" else ~system, OWN if choice.which == "system" else SYSTEM)


def _table(path: Path) -> pa.Table:
    """Return the columns that are known by name."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise TenereError(f"{path}: is a folder or no regular file; name a table")
        if found.st_size == 0:
            raise TenereError(f"{path}: is empty")
        with path.open("rb") as f:
            head = f.read(4096)
        if head[:4] == PARQUET:
            file = pq.ParquetFile(path)
            wanted = [n for n in file.schema_arrow.names if n in {*NAMES, *FLOATS, *WHOLES}]
            return file.read(columns=list(dict.fromkeys(wanted)) or None)
        if path.suffix.lower() not in (".csv", ".txt"):
            raise TenereError(f"{path}: is no Parquet file, and not named .csv; tenere track and tenere replay --out write tracks.parquet")
        line = head.split(b"\n")[0]
        names = pc_csv.open_csv(path, parse_options=_parsing(line)).schema.names
        return pc_csv.read_csv(
            path,
            parse_options=_parsing(line),
            convert_options=pc_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=NULLS, strings_can_be_null=True, quoted_strings_can_be_null=True
            ),
        )
    except OSError as e:
        raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e
    except (pa.ArrowException, ValueError) as e:
        raise TenereError(f"{path}: is damaged, or not the table that its name says: {e}") from e


def _parsing(head: bytes) -> pc_csv.ParseOptions:
    """Return how a CSV is parted: by what its first line holds more of."""
    return pc_csv.ParseOptions(delimiter=max((",", ";", "\t"), key=lambda mark: head.count(mark.encode())))


def _list(names: list[str]) -> str:
    return ", ".join(names[:12]) + (" ..." if len(names) > 12 else "") if names else "none"


def _where(row: int, *, text: bool) -> str:
    """Return a row as people find it: of a CSV its line, of Parquet its number from 0."""
    return f"line {row + 2:,}" if text else f"row {row:,}"


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no rows
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _floats(path: Path, name: str, column: pa.ChunkedArray, *, text: bool) -> F64:
    """Return a column of numbers, null as NaN; raise TenereError where it is none."""
    array = _plain(column)
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if _is_text(array.type):
        array = _from_text(path, name, array, text=text)
    elif not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)):
        raise TenereError(f"{path}: column {name} is of type {array.type}; it must be a number")
    out = np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    return np.where(np.isfinite(out), out, np.nan)


def _from_text(path: Path, name: str, array: pa.Array, *, text: bool) -> pa.Array:
    """Return text as numbers; raise TenereError naming the first row that is none."""
    try:
        return pc.utf8_trim_whitespace(array).cast(pa.float64())
    except pa.ArrowException:
        for row, value in enumerate(array.to_pylist()):
            try:
                float(value or "nan")
            except ValueError:
                raise TenereError(f"{path}: {_where(row, text=text)}: column {name}: {value!r} is no number") from None
        raise


def _wholes(path: Path, name: str, column: pa.ChunkedArray, *, text: bool) -> I64:
    """Return a column of whole numbers, null as -1 (flags: 0); raise TenereError where it is none."""
    values = _floats(path, name, column, text=text)
    wrong = np.flatnonzero((values != np.floor(values)) & (values == values) | (np.abs(values) >= 2.0**53))
    if len(wrong):
        raise TenereError(f"{path}: {_where(int(wrong[0]), text=text)}: column {name}: {values[wrong[0]]:g} is no whole number")
    return np.where(values == values, values, 0.0 if name in ("flags", "frame") else -1.0).astype(np.int64)


def _addresses(path: Path, column: pa.ChunkedArray) -> I64:
    """Return 24-bit addresses, -1 for none: numbers as they are, text as hexadecimal."""
    array = _plain(column)
    if pa.types.is_null(array.type):
        return np.full(len(array), -1, np.int64)
    if not _is_text(array.type):
        out = _wholes(path, "address", column, text=False)
    else:
        words = pc.dictionary_encode(pc.utf8_trim_whitespace(array))
        told = words.dictionary.to_pylist()
        values = np.full(len(told) + 1, -1, np.int64)
        at = np.asarray(words.indices.fill_null(len(told)).to_numpy(zero_copy_only=False))
        for k, word in enumerate(told):
            try:
                values[k] = int(word, 16) if word not in ("", "-1") else -1
            except ValueError:
                row = int(np.argmax(at == k))
                where = _where(row, text=path.suffix.lower() in (".csv", ".txt"))
                raise TenereError(f"{path}: {where}: column address: {word!r} is no hexadecimal address, such as 4CA2B1") from None
        out = values[at]
    beyond = np.flatnonzero(out > LAST_ADDRESS)
    if len(beyond):
        raise TenereError(f"{path}: row {int(beyond[0]):,}: column address: {int(out[beyond[0]]):X} has more than 24 bits")
    return np.where(out < 0, -1, out)


def _ids(path: Path, key: str, column: pa.ChunkedArray, address: I64) -> tuple[list[str], I64]:
    """Return the names, in order, and each row's, -1 for none."""
    if key == "address":
        found, at = np.unique(address, return_inverse=True)
        none = int(len(found) > 0 and found[0] < 0)
        return [f"{a:06X}" for a in found[none:].tolist()], at.astype(np.int64) - none
    array = _plain(column)
    if not (_is_text(array.type) or pa.types.is_integer(array.type) or pa.types.is_null(array.type)):
        raise TenereError(f"{path}: column {key} is of type {array.type}; it must be text or a whole number")
    if pa.types.is_null(array.type):
        return [], np.full(len(array), -1, np.int64)
    words = pc.dictionary_encode(array)
    told: list[Any] = words.dictionary.to_pylist()
    order = sorted(range(len(told)), key=lambda k: told[k])
    rank = np.full(len(told) + 1, -1, np.int64)
    rank[order] = np.arange(len(told))
    at = np.asarray(words.indices.fill_null(len(told)).to_numpy(zero_copy_only=False))
    return [str(told[k]) for k in order], rank[at]


def _in_radians(floats: dict[str, F64]) -> dict[str, F64]:
    """Return all columns in radians, with the course and speed of an east and north velocity; NaN where a column is not there."""
    n = len(floats["time_s"])
    out = {name: floats.get(name, unknown(n)) for name in FLOATS}
    for name in ("lat", "lon", "course"):
        degrees = out.pop(f"{name}_deg")
        if f"{name}_deg" in floats:
            out[f"{name}_rad"] = np.where(np.isfinite(out[f"{name}_rad"]), out[f"{name}_rad"], np.deg2rad(degrees))
    east, north = out.pop("east_ms"), out.pop("north_ms")
    if "east_ms" in floats and "north_ms" in floats:
        told = np.isfinite(east) & np.isfinite(north)
        out["course_rad"] = np.where(told, np.arctan2(east, north), out["course_rad"])
        out["speed_ms"] = np.where(told, np.hypot(east, north), out["speed_ms"])
    return out
