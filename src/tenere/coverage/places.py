"""Places from a user's file: towns, airports, hills. CSV with a header, or GeoJSON with points; nothing of it trusted."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tenere.coverage.horizon import CoverageError
from tenere.errors import Rejects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 64 << 20
MOST_PLACES = 1_000_000
NAMES = ("name", "id", "nameascii", "name_en", "city", "town", "icao", "ident")
LATITUDES = ("lat", "latitude", "lat_deg", "latitude_deg", "y")
LONGITUDES = ("lon", "lng", "long", "longitude", "lon_deg", "longitude_deg", "x")
NO_PLACE, BAD_PLACE = "place without a latitude and longitude", "place with a latitude or longitude out of range"
NO_POINT = "feature that is no point"


class Place(NamedTuple):
    """One place, degrees."""

    name: str
    lat_deg: float
    lon_deg: float


def read(path: Path) -> tuple[list[Place], Rejects]:
    """Return the places of a file, and what was refused, each reason with the row (from 0) it first happened in.

    Raises CoverageError for a file that is neither CSV nor GeoJSON.
    """
    try:
        with path.open("rb") as f:
            data = f.read(MOST_BYTES + 1)
    except OSError as e:
        raise CoverageError(f"{path}: cannot be read: {e.strerror or e}") from e
    if len(data) > MOST_BYTES:
        raise CoverageError(f"{path}: is larger than {MOST_BYTES >> 20} MiB: a list of places is not")
    try:
        return parse(data)
    except CoverageError as e:
        raise CoverageError(f"{path}: {e}") from e


def parse(data: bytes) -> tuple[list[Place], Rejects]:
    """Return the places of a file's bytes, and what was refused. Raises CoverageError for what is neither CSV nor GeoJSON."""
    found: list[Place] = []
    rejects = Rejects()
    rows = _geojson(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else _csv(data)
    for i, (name, lat, lon) in enumerate(rows):
        if i >= MOST_PLACES:
            raise CoverageError(f"holds more than {MOST_PLACES:,} places")
        if lat is None or lon is None:
            rejects.add(name, i)
        elif not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
            rejects.add(BAD_PLACE, i)
        else:
            found.append(Place(_plain(name) or f"place-{i + 1}", lat, lon))
    return found, rejects


def _plain(name: str) -> str:
    """Return a name of one line and a bounded length."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:64]


def _number(text: Any) -> float | None:  # noqa: ANN401 - whatever a file holds
    """Return a finite number, None for what is none."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        value = float(text)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _csv(data: bytes) -> Iterator[tuple[str, float | None, float | None]]:
    """Yield name, latitude and longitude of each row; None where there is none, the reason in place of the name."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise CoverageError(f"is not UTF-8 text (byte {e.start}): give CSV with columns name, lat, lon, or GeoJSON points") from e
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t|", key=head.count), strict=False)
    try:
        names = [n.strip().lower() for n in next(rows, [])]
        at = [next((names.index(k) for k in known if k in names), -1) for known in (NAMES, LATITUDES, LONGITUDES)]
        if at[1] < 0 or at[2] < 0:
            raise CoverageError("its first line must name columns lat and lon (and name): " + (", ".join(names[:8]) or "it is empty"))
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            name, lat, lon = (row[k] if 0 <= k < len(row) else "" for k in at)
            place = _number(lat), _number(lon)
            yield (NO_PLACE, None, None) if None in place else (name, *place)
    except csv.Error as e:
        raise CoverageError(f"is no CSV: {e}") from e


def _geojson(data: bytes) -> Iterator[tuple[str, float | None, float | None]]:
    """Yield name, latitude and longitude of each feature; None where it is no point, the reason in place of the name."""
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as e:
        raise CoverageError(f"is no GeoJSON: {e}") from e
    features = tree.get("features") if isinstance(tree, dict) else None
    if not isinstance(features, list):
        raise CoverageError("is no GeoJSON feature collection: it has no list of features")
    for feature in features:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        at = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
        if not isinstance(at, list) or len(at) < 2:
            yield NO_POINT, None, None
            continue
        properties = feature.get("properties")
        known = {str(k).lower(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
        name = next((str(known[k]) for k in NAMES if known.get(k) is not None), "")
        place = _number(at[1]), _number(at[0])
        yield (NO_PLACE, None, None) if None in place else (name, *place)
