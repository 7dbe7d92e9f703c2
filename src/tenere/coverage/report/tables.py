"""The numbers as trees and columns: JSON for programs, an Arrow table for Parquet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tenere.coverage.report.levels import Level
    from tenere.coverage.report.study import Study

KM2 = 1e6


class Hole(NamedTuple):
    """A connected part of an area that nobody sees at a height. rank: 1 is the largest of its area and height.

    lat_rad, lon_rad: its most inner place. traffic_s: seconds flown over it; NaN where not known, and traffic_rank is 0 then. around: who
    sees its surroundings.
    """

    area: str
    level: str
    rank: int
    lat_rad: float
    lon_rad: float
    area_m2: float
    traffic_s: float = math.nan
    traffic_rank: int = 0
    around: tuple[str, ...] = ()


def tree(study: Study, holes: Sequence[Hole] = ()) -> dict[str, Any]:
    """Return everything told, as JSON has it: areas in km2, shares of 0 to 1, places in degrees."""
    plane = study.plane
    return {
        "site": study.name,
        "step_m": plane.step_m,
        "refraction": study.refraction,
        "terrain": list(study.terrain),
        "posts": plane.shape[0] * plane.shape[1],
        "voids": plane.voids.says(),
        "heights": [_height(level) for level in study.levels],
        "sensors": [
            {
                "id": s.id,
                "kind": s.kind,
                "lat_deg": round(math.degrees(s.antenna.lat_rad), 6),
                "lon_deg": round(math.degrees(s.antenna.lon_rad), 6),
                "antenna_m": s.antenna.height_m,
                "range_m": s.antenna.max_range_m,
            }
            for s in study.sights
        ],
        "left_out": [{"id": o.id, "reason": o.reason, "detail": o.detail} for o in study.left_out],
        "areas": [_area(study, a) for a in range(len(study.areas))],
        "holes": [
            {
                "area": h.area,
                "height": h.level,
                "rank": h.rank,
                "lat_deg": round(math.degrees(h.lat_rad), 5),
                "lon_deg": round(math.degrees(h.lon_rad), 5),
                "km2": round(h.area_m2 / KM2, 3),
                "traffic_h": round(h.traffic_s / 3600.0, 3),
                "traffic_rank": h.traffic_rank or None,
                "around": list(h.around),
            }
            for h in holes
        ],
    }


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON-able tree
    """Return a tree with NaN and infinity made null, for JSON has neither."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    return [clean(v) for v in value] if isinstance(value, list | tuple) else value


def _height(level: Level) -> dict[str, Any]:
    return {
        "name": level.name,
        "metres": round(level.height.metres, 3),
        "above": "ground" if level.height.above_ground else "sea",
    }


def _km2(value: float) -> float:
    return round(float(value) / KM2, 3)


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 6) if whole > 0 else math.nan


def _parts(values: Any, whole: float) -> dict[str, Any]:  # noqa: ANN401 - three numbers of an array
    none, one, more = (float(v) for v in values)
    return {
        "none_km2": _km2(none),
        "one_km2": _km2(one),
        "more_km2": _km2(more),
        "none_share": _share(none, whole),
        "one_share": _share(one, whole),
        "more_share": _share(more, whole),
        "seen_share": _share(one + more, whole),
    }


def _area(study: Study, a: int) -> dict[str, Any]:
    """Return one area's tree."""
    n, area = study.numbers, study.areas[a]
    whole = n.area_m2[a]
    return {
        "id": area.id,
        "name": area.name,
        "kind": area.kind,
        "km2": _km2(whole),
        "unknown_km2": _km2(n.unknown_m2[a]),
        "heights": [
            {
                "height": level.name,
                "under_ground_km2": _km2(n.under_m2[a, h]),
                **_parts(n.seen_m2[a, h], whole),
                "kinds": {kind: _parts(n.kind_m2[k, a, h], whole) for k, kind in enumerate(n.kinds)},
                "sensors": [
                    {
                        "id": s.id,
                        "seen_km2": _km2(n.each_m2[i, a, h]),
                        "alone_km2": _km2(n.alone_m2[i, a, h]),
                        "double_lost_km2": _km2(n.pair_m2[i, a, h]),
                        "seen_share": _share(n.each_m2[i, a, h], whole),
                        "alone_share": _share(n.alone_m2[i, a, h], whole),
                    }
                    for i, s in enumerate(study.sights)
                ],
            }
            for h, level in enumerate(study.levels)
        ],
    }


COLUMNS: tuple[tuple[str, pa.DataType, str, str], ...] = (
    ("area", pa.string(), "", "id of the area"),
    ("area_kind", pa.string(), "", "what the area is"),
    ("height", pa.string(), "", "the height as it was asked for"),
    ("height_m", pa.float64(), "m", "the height"),
    ("above_ground", pa.bool_(), "", "the height is above the ground; else above mean sea level"),
    ("who", pa.string(), "", "all, kind (one class of sensor) or sensor"),
    ("id", pa.string(), "", "the class or the sensor's id; empty for all"),
    ("area_m2", pa.float64(), "m2", "all of the area"),
    ("unknown_m2", pa.float64(), "m2", "of it, ground not known: in no other column"),
    ("under_ground_m2", pa.float64(), "m2", "of it, known ground that lies above the height"),
    ("none_m2", pa.float64(), "m2", "seen by none of them"),
    ("one_m2", pa.float64(), "m2", "seen by one of them; of a sensor, by it"),
    ("more_m2", pa.float64(), "m2", "seen by two or more of them; of a sensor 0"),
    ("alone_m2", pa.float64(), "m2", "of a sensor: seen by it and no other, which nobody sees where it fails"),
    ("double_lost_m2", pa.float64(), "m2", "of a sensor: seen by it and one other, seen once only where it fails"),
)


def table(study: Study) -> pa.Table:
    """Return one row an area, a height, and all sensors, a class or a sensor."""
    rows = list(_rows(study))
    fields = [pa.field(name, kind, metadata={"unit": unit, "meaning": doc}) for name, kind, unit, doc in COLUMNS]
    arrays = [pa.array([row[i] for row in rows], kind) for i, (_, kind, _, _) in enumerate(COLUMNS)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _rows(study: Study) -> Iterator[tuple[Any, ...]]:
    n = study.numbers
    for a, area in enumerate(study.areas):
        for h, level in enumerate(study.levels):
            start = (area.id, area.kind, level.name, level.height.metres, level.height.above_ground)
            whole = (float(n.area_m2[a]), float(n.unknown_m2[a]), float(n.under_m2[a, h]))
            yield (*start, "all", "", *whole, *n.seen_m2[a, h].tolist(), None, None)
            for k, kind in enumerate(n.kinds):
                yield (*start, "kind", kind, *whole, *n.kind_m2[k, a, h].tolist(), None, None)
            for i, sight in enumerate(study.sights):
                seen = float(n.each_m2[i, a, h])
                none = float(n.seen_m2[a, h].sum()) - seen
                yield (*start, "sensor", sight.id, *whole, none, seen, 0.0, float(n.alone_m2[i, a, h]), float(n.pair_m2[i, a, h]))
