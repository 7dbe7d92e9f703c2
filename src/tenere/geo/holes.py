"""The visible floor: from which altitude each place of a country is seen, by one sensor and by two, as a thing that rules may ask.

A grid of degrees whose cells hold altitudes above mean sea level. Below the floor nobody looks: there, no track is not empty sky. The
floor is one file, named by the hash of what it holds, so that a replay can ask for the very same one.

    >>> floor = Floor(0.1, -0.1, 0.1, np.array([[500.0, np.inf]], np.float32), np.full((1, 2), np.inf, np.float32))
    >>> floor.at(np.radians(0.05), np.radians([-0.05, 0.05, 0.2]))  # what is outside is not known
    array([500.,  inf,  nan], dtype=float32)
    >>> floor.hole_of(np.radians(0.05), np.radians([-0.05, -0.05, 0.05]), [700.0, 200.0, 200.0])
    array([0, 1, 1], dtype=int32)
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.errors import TenereError
from tenere.geo.regions import label, renumbered

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I32 = NDArray[np.int32]

VERSION = 1
LEVEL_M, LOWEST_M, LEVELS = 250.0, -500.0, 83
"""Holes are told at levels of every 250 m from -500 m to 20,000 m."""
MOST_CELLS = 50_000_000
MOST_MEMBER = 4 * MOST_CELLS + 4096
"""Bytes of one array in a file."""
HIGHEST_M = 1e6


@dataclass(frozen=True)
class Floor:
    """The least altitude (m AMSL) from which each cell is seen.

    north_deg, west_deg: the grid's north-western corner. step_deg: side of a cell. best_m, second_m: (n, m) float32, first row
    northernmost, of the best and of the second-best sensor; infinite: from nowhere, NaN: the ground is not known, or the cell is
    not asked for.
    """

    north_deg: float
    west_deg: float
    step_deg: float
    best_m: F32
    second_m: F32
    _labels: dict[int, I32] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Raise TenereError for what is no floor."""
        shape = self.best_m.shape
        problems = {
            "its altitudes must be two grids of one shape": len(shape) != 2 or self.second_m.shape != shape or not self.best_m.size,
            "its altitudes must be 32-bit numbers": self.best_m.dtype != np.float32 or self.second_m.dtype != np.float32,
            "its corner and step must be numbers": not np.isfinite([self.north_deg, self.west_deg, self.step_deg]).all(),
        }
        for what, wrong in problems.items():
            if wrong:
                raise TenereError(f"visible floor: {what}")
        south, east = self.north_deg - shape[0] * self.step_deg, self.west_deg + shape[1] * self.step_deg
        if not (
            self.step_deg > 0 and south >= -90.0001 and self.north_deg <= 90.0001 and -180 <= self.west_deg <= 180 and east <= 540.0001
        ):
            raise TenereError(
                f"visible floor: {shape[0]} x {shape[1]} cells of {self.step_deg:g} degrees from {self.north_deg:g} N {self.west_deg:g} E "
                "do not lie on the earth"
            )
        for values in (self.best_m, self.second_m):
            if (np.isfinite(values) & (np.abs(values) > HIGHEST_M)).any() or (values == -np.inf).any():
                raise TenereError("visible floor: an altitude is beyond all that flies")
        with np.errstate(invalid="ignore"):
            if (self.second_m < self.best_m).any() or (np.isnan(self.best_m) != np.isnan(self.second_m)).any():
                raise TenereError("visible floor: the second-best sensor sees a place lower down than the best")

    @cached_property
    def sha256(self) -> str:
        """Return the hash of what the floor says: its name in a record."""
        made = hashlib.sha256(f"tenere visible floor {VERSION};{self.best_m.shape[0]};{self.best_m.shape[1]};".encode())
        made.update(np.array([self.north_deg, self.west_deg, self.step_deg], "<f8").tobytes())
        for values in (self.best_m, self.second_m):
            made.update(np.ascontiguousarray(np.where(np.isnan(values), np.nan, values) + 0.0, "<f4").tobytes())
        return made.hexdigest()

    def at(self, lat_rad: ArrayLike, lon_rad: ArrayLike, *, second: bool = False) -> F32:
        """Return the floor (m AMSL) at places, which broadcast: of the best sensor, or of the second best.

        Infinite: seen from nowhere. NaN: not known, or outside. Within a cell it is one altitude.
        """
        lat, lon, shape = _flat(lat_rad, lon_rad)
        out = np.empty(lat.size, np.float32)
        _read(self.second_m if second else self.best_m, self._corner, lat, lon, out)
        return out.reshape(shape)

    def hole_of(self, lat_rad: ArrayLike, lon_rad: ArrayLike, altitude_m: ArrayLike) -> I32:
        """Return the hole that places at altitudes (m AMSL) lie in, which broadcast: 0 for none, and where nothing is known.

        A hole is what is connected of the cells that are not seen from a level, the levels being `LEVEL_M` apart; holes of a level are
        numbered from 1 by their areas, the largest first. A place below its floor is in the hole of the level at or below its
        altitude, which holds the hole at its altitude.
        """
        lat, lon, altitude = np.broadcast_arrays(np.asarray(lat_rad, float), np.asarray(lon_rad, float), np.asarray(altitude_m, float))
        floor = self.at(lat, lon)
        with np.errstate(invalid="ignore"):
            below = floor > altitude
        out = np.zeros(lat.shape, np.int32)
        if not below.any():
            return out
        levels = np.zeros(lat.shape, np.int64)
        levels[below] = np.clip(np.floor((altitude[below] - LOWEST_M) / LEVEL_M), 0, LEVELS - 1)
        rows, columns = self._cells(lat, lon)
        for number in np.unique(levels[below]).tolist():
            here = below & (levels == number)
            out[here] = self.labels(number)[rows[here], columns[here]]
        return out

    def labels(self, number: int) -> I32:
        """Return the hole of each cell at a level (0 to LEVELS - 1), (n, m) int32: 0 where it is seen or not known."""
        if number not in self._labels:
            with np.errstate(invalid="ignore"):
                found, count = label(self.best_m > np.float32(LOWEST_M + number * LEVEL_M))
            north = np.radians(self.north_deg - np.arange(found.shape[0] + 1) * self.step_deg)
            width = -np.diff(np.sin(np.clip(north, -np.pi / 2, np.pi / 2)))
            area = np.zeros(count + 1)
            for i, row in enumerate(found):
                area += np.bincount(row, minlength=count + 1) * width[i]
            area[0] = np.inf
            to = np.empty(count + 1, np.int32)
            to[np.argsort(-area, kind="stable")] = np.arange(count + 1)
            self._labels[number] = renumbered(found, to)
        return self._labels[number]

    @property
    def _corner(self) -> F64:
        return np.array([self.north_deg, self.west_deg, self.step_deg])

    def _cells(self, lat_rad: F64, lon_rad: F64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return rows and columns of places; those outside are at the edge."""
        with np.errstate(invalid="ignore"):
            i = (self.north_deg - np.degrees(lat_rad)) / self.step_deg
            j = ((np.degrees(lon_rad) - self.west_deg) % 360.0) / self.step_deg
        n, m = self.best_m.shape
        return (np.clip(np.nan_to_num(np.floor(v)), 0, top - 1).astype(np.int64) for v, top in ((i, n), (j, m)))  # type: ignore[return-value]

    def save(self, path: Path) -> None:
        """Write it to a file (npz), whole or not at all."""
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as f:
                np.savez_compressed(
                    f,
                    version=np.array(VERSION, np.int64),
                    corner=self._corner,
                    best_m=self.best_m,
                    second_m=self.second_m,
                    allow_pickle=False,
                )
            part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path, sha256: str = "") -> Floor:
        """Read it from a file. sha256: of the floor that is asked for. Raises TenereError where the file holds no floor, or another."""
        try:
            with path.open("rb") as f:
                data = f.read(2 * MOST_MEMBER + 1)
            floor = cls.parse(data)
        except OSError as e:
            raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e
        except TenereError as e:
            raise TenereError(f"{path}: {e}") from e
        if sha256 and floor.sha256 != sha256:
            raise TenereError(f"{path}: is another visible floor ({floor.sha256[:12]}) than the one asked for ({sha256[:12]})")
        return floor

    @classmethod
    def parse(cls, data: bytes) -> Floor:
        """Return the floor of a file's bytes. Raises TenereError for anything that is none."""
        if len(data) > 2 * MOST_MEMBER:
            raise TenereError("is too large for a visible floor")
        arrays = _members(data)
        version, corner = arrays["version"], arrays["corner"]
        if version.shape != () or version.dtype != np.int64 or corner.shape != (3,) or corner.dtype != np.float64:
            raise TenereError("no visible floor: its version and corner are of another kind")
        if int(version) != VERSION:
            raise TenereError(f"a visible floor of version {int(version)}; known here is {VERSION}: make it anew")
        north, west, step = corner.tolist()
        return cls(north, west, step, arrays["best_m"], arrays["second_m"])


def _flat(lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64, tuple[int, ...]]:
    lat, lon = np.broadcast_arrays(np.asarray(lat_rad, float), np.asarray(lon_rad, float))
    return np.ascontiguousarray(lat.ravel()), np.ascontiguousarray(lon.ravel()), lat.shape


@njit(cache=True)
def _read(values: F32, corner: F64, lat: F64, lon: F64, out: F32) -> None:
    """Write the value of each place's cell (q,); NaN outside."""
    n, m = values.shape
    north, west, step = corner[0], corner[1], corner[2]
    degree = 180.0 / np.pi
    for q in range(len(out)):
        i = np.floor((north - lat[q] * degree) / step)
        j = np.floor(((lon[q] * degree - west) % 360.0) / step)
        out[q] = values[int(i), int(j)] if 0.0 <= i < n and 0.0 <= j < m else np.nan


def _members(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the four arrays of an npz file, nothing of it trusted."""
    out = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in ("version", "corner", "best_m", "second_m"):
                found = packed.getinfo(f"{name}.npy")
                if found.file_size > MOST_MEMBER:
                    raise TenereError(f"no visible floor: {name} is larger than {MOST_MEMBER >> 20} MiB")
                with packed.open(found) as f:
                    out[name] = _array(f.read(MOST_MEMBER + 1), name)
    except KeyError as e:
        raise TenereError(f"no visible floor: {str(e).strip(chr(34))}") from e
    # a damaged archive may ask zipfile for a compression or an encryption that it does not have: NotImplementedError, RuntimeError
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError) as e:
        raise TenereError(f"no visible floor: not a whole npz file ({e})") from e
    return out


KINDS = {"version": "<i8", "corner": "<f8", "best_m": "<f4", "second_m": "<f4"}


def _array(data: bytes, name: str) -> NDArray[Any]:
    """Return the array of an npy member, whose shape must fit the bytes that are there."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise TenereError(f"no visible floor: {name} is written another way")
    try:
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=1000)
    except (SyntaxError, TypeError, MemoryError, RecursionError) as e:
        raise TenereError(f"no visible floor: {name} has a header that is none") from e
    rest = data[stream.tell() :]
    size = 1
    for side in shape:
        size *= side
    if dtype != np.dtype(KINDS[name]) or fortran or any(side < 0 for side in shape) or size * dtype.itemsize != len(rest):
        raise TenereError(f"no visible floor: {name} is not what it says it is")
    return np.frombuffer(rest, dtype).reshape(shape).copy()
