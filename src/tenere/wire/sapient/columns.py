"""Every field of every SAPIENT message as columns: detections, status reports, registrations, and the others in their bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.errors import Rejects
from tenere.wire.cot.columns import short
from tenere.wire.detail import Column, Detail, told
from tenere.wire.sapient import classes, decode, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.tick import Chunk

SYSTEM_DOC = "1 latitude and longitude in degrees, 2 in radians, 5 UTM; heights in metres"
DATUM_DOC = "1 height above the WGS-84 ellipsoid, 2 above the geoid"
BEARING_DOC = "1 degrees and metres, 2 radians and metres, 3 degrees and km, 4 radians and km"
NORTH_DOC = "1 true north, 2 magnetic, 3 grid, 4 the platform's own"
OTHER = "SAPIENT other message"


class _Field(NamedTuple):
    """A column: its name, dtype, unit, meaning, and where its value lies in a report (a path of fields, or a function)."""

    name: str
    dtype: str
    unit: str
    doc: str
    get: str | Callable[[Any], Any]


def _listed(path: str) -> Callable[[Any], str]:
    """Return a function that writes a report's list of types and values as one text."""

    def listed(report: Any) -> str:  # noqa: ANN401 - a message of a package loaded at run time
        return "; ".join(f"{i.type}={i.value}" for i in getattr(report, path)[:32])

    return listed


def _behaviours(report: Any) -> str:  # noqa: ANN401 - the same
    return "; ".join(b.type for b in report.behaviour[:32])


def _statuses(report: Any) -> str:  # noqa: ANN401 - the same
    return "; ".join(f"{s.status_type}={s.status_value}" for s in report.status[:32])


def _place(path: str) -> tuple[_Field, ...]:
    """Return the columns of a Location."""
    return (
        _Field("x", "f8", "", "longitude or easting, in the unit of its system", f"{path}.x"),
        _Field("y", "f8", "", "latitude or northing", f"{path}.y"),
        _Field("z", "f8", "m", "height", f"{path}.z"),
        _Field("x_error", "f8", "", "error of x, in its unit", f"{path}.x_error"),
        _Field("y_error", "f8", "", "error of y", f"{path}.y_error"),
        _Field("z_error", "f8", "m", "error of the height", f"{path}.z_error"),
        _Field("location_system", "u1", "", SYSTEM_DOC, f"{path}.coordinate_system"),
        _Field("location_datum", "u1", "", DATUM_DOC, f"{path}.datum"),
        _Field("utm_zone", "S4", "", "UTM zone and band", f"{path}.utm_zone"),
    )


DETECTION = (
    _Field("report_id", "S26", "", "ULID of the report", "report_id"),
    _Field("object_id", "S26", "", "ULID of the object", "object_id"),
    _Field("task_id", "S26", "", "ULID of the task it belongs to", "task_id"),
    _Field("state", "S32", "", "state of the object, such as lostInView", "state"),
    *_place("location"),
    _Field("range", "f8", "", "range, in the unit of its system", "range_bearing.range"),
    _Field("azimuth", "f8", "", "azimuth", "range_bearing.azimuth"),
    _Field("elevation", "f8", "", "elevation", "range_bearing.elevation"),
    _Field("range_error", "f8", "", "error of the range", "range_bearing.range_error"),
    _Field("azimuth_error", "f8", "", "error of the azimuth", "range_bearing.azimuth_error"),
    _Field("elevation_error", "f8", "", "error of the elevation", "range_bearing.elevation_error"),
    _Field("bearing_system", "u1", "", BEARING_DOC, "range_bearing.coordinate_system"),
    _Field("bearing_datum", "u1", "", NORTH_DOC, "range_bearing.datum"),
    _Field("detection_confidence", "f8", "", "0..1", "detection_confidence"),
    _Field("class", "S96", "", "likeliest class and its likeliest sub-classes", lambda r: " > ".join(classes.classify(r).path)),
    _Field("class_confidence", "f8", "", "0..1", lambda r: classes.classify(r).confidence),
    _Field("classes", "u4", "", "how many classes it gives", lambda r: len(r.classification)),
    _Field("behaviour", "S96", "", "behaviours", _behaviours),
    _Field("east_rate", "f8", "", "velocity east, in the unit the registration says", "enu_velocity.east_rate"),
    _Field("north_rate", "f8", "", "velocity north", "enu_velocity.north_rate"),
    _Field("up_rate", "f8", "", "velocity up", "enu_velocity.up_rate"),
    _Field("east_rate_error", "f8", "", "error of the velocity east", "enu_velocity.east_rate_error"),
    _Field("north_rate_error", "f8", "", "error of the velocity north", "enu_velocity.north_rate_error"),
    _Field("up_rate_error", "f8", "", "error of the velocity up", "enu_velocity.up_rate_error"),
    _Field("colour", "S32", "", "colour", "colour"),
    _Field("id", "S64", "", "what identifies the object, such as a registration", "id"),
    _Field("object_info", "S256", "", "what else is known of the object", _listed("object_info")),
    _Field("track_info", "S256", "", "what else is known of the track", _listed("track_info")),
    _Field("amplitude", "f8", "", "amplitude of its first signal", lambda r: r.signal[0].amplitude if len(r.signal) else math.nan),
    _Field("frequency", "f8", "Hz", "centre of its first signal", lambda r: r.signal[0].centre_frequency if len(r.signal) else math.nan),
    _Field("associated", "u4", "", "how many other detections it is associated with", lambda r: len(r.associated_detection)),
    _Field("derived", "u4", "", "how many other detections it is derived from", lambda r: len(r.derived_detection)),
    _Field("files", "u4", "", "how many files belong to it", lambda r: len(r.associated_file)),
)

STATUS = (
    _Field("report_id", "S26", "", "ULID of the report", "report_id"),
    _Field("system", "u1", "", "1 in order, 2 warning, 3 error, 5 goodbye", "system"),
    _Field("info", "u1", "", "1 new, 2 unchanged", "info"),
    _Field("active_task_id", "S26", "", "ULID of the task under way", "active_task_id"),
    _Field("mode", "S32", "", "mode, as its registration names it", "mode"),
    _Field("power_level", "i4", "%", "level of its power", "power.level"),
    _Field(
        "power_source",
        "u1",
        "",
        "1 other, 2 mains, 3 internal battery, 4 external, 5 generator, 6 sun, 7 wind, 8 fuel cell",
        "power.source",
    ),
    _Field("power_status", "u1", "", "1 in order, 2 fault", "power.status"),
    *_place("node_location"),
    _Field("view_azimuth", "f8", "", "field of view: azimuth", "field_of_view.range_bearing.azimuth"),
    _Field("view_width", "f8", "", "field of view: horizontal extent", "field_of_view.range_bearing.horizontal_extent"),
    _Field("view_range", "f8", "", "field of view: range", "field_of_view.range_bearing.range"),
    _Field("view_system", "u1", "", BEARING_DOC, "field_of_view.range_bearing.coordinate_system"),
    _Field("statuses", "S256", "", "type=value of each status; type 1 internal fault, 2 external fault, 11 not detecting ...", _statuses),
    _Field(
        "worst", "u1", "", "worst level: 2 information, 3 warning, 4 error", lambda r: max((s.status_level for s in r.status), default=0)
    ),
)

REGISTRATION = (
    _Field("icd_version", "S32", "", "edition of the standard", "icd_version"),
    _Field("name", "S64", "", "name of the node", "name"),
    _Field("short_name", "S32", "", "short name", "short_name"),
    _Field(
        "node_type",
        "u1",
        "",
        "first type: 1 other, 2 radar, 3 lidar, 4 camera, 5 seismic, 6 acoustic, 7 proximity, 8 passive radio, 9 human ...",
        lambda r: r.node_definition[0].node_type if len(r.node_definition) else 0,
    ),
    _Field("modes", "S96", "", "names of its modes", lambda r: "; ".join(m.mode_name for m in r.mode_definition[:16])),
    _Field("capabilities", "u4", "", "how many capabilities it names", lambda r: len(r.capabilities)),
)

TABLES = {"detection_report": DETECTION, "status_report": STATUS, "registration": REGISTRATION}


def details(state: decode.State, chunk: Chunk, time_s: float) -> tuple[decode.State, dict[str, Detail]]:
    """Return every message of a chunk, one row each, in a table a kind; the state is reused."""
    del time_s
    heard = decode.hear(state, chunk, Rejects())
    tables: dict[str, Detail] = {}
    for content, fields in TABLES.items():
        mine = [h for h in heard if h.content == content]
        reports = [getattr(h.message, content) for h in mine]
        own = tuple(_column(field, reports) for field in fields)
        tables[schema.NAMES[content]] = Detail((*_common(mine, chunk.offset), *own, _octets(mine)))
    rest = [h for h in heard if h.content not in TABLES]
    which = np.array([schema.CONTENTS.index(h.content) for h in rest], np.uint8)
    kind = Column("content", which, "", ", ".join(f"{i} {name}" for i, name in enumerate(schema.CONTENTS)))
    tables[OTHER] = Detail((*_common(rest, chunk.offset), kind, _octets(rest)))
    return state, told(tables, chunk)


def _common(heard: list[decode.Heard], base: int) -> tuple[Column, ...]:
    """Return the columns that every message has."""
    m = [h.message for h in heard]
    return (
        Column("offset", np.array([base + h.at for h in heard], np.int64), "B", "where it begins in what the source delivered"),
        Column("receive_s", np.array([h.receive_s for h in heard], np.float64), "s", "time the bytes arrived"),
        Column("time_s", np.array([h.time_s for h in heard], np.float64), "s", "when the message was made"),
        _column(_Field("node_id", "S36", "", "UUID of the node", "node_id"), m),
        _column(_Field("destination_id", "S36", "", "UUID of the node it is for", "destination_id"), m),
        _column(_Field("additional_information", "S256", "", "free text, its first 256 bytes", "additional_information"), m),
    )


def _column(field: _Field, reports: list[Any]) -> Column:
    """Return one field of every report."""
    given = [_value(report, field.get) for report in reports]
    dtype = np.dtype(field.dtype)
    if dtype.kind == "S":
        return Column(field.name, np.array([short(v or "", dtype.itemsize) for v in given], dtype), field.unit, field.doc)
    if dtype.kind == "f":
        return Column(field.name, np.array([math.nan if v is None else v for v in given], dtype), field.unit, field.doc)
    limits = np.iinfo(dtype)
    whole = np.array([0 if v is None else min(max(v, limits.min), limits.max) for v in given], dtype)
    return Column(field.name, whole, field.unit, field.doc, present=np.array([v is not None for v in given], np.bool_))


def _value(report: Any, get: str | Callable[[Any], Any]) -> Any:  # noqa: ANN401 - the same
    """Return a field's value, None where it is absent."""
    if not isinstance(get, str):
        return get(report)
    *outer, last = get.split(".")
    for name in outer:
        if not report.HasField(name):
            return None
        report = getattr(report, name)
    if report.DESCRIPTOR.fields_by_name[last].has_presence and not report.HasField(last):
        return None
    return getattr(report, last)


def _octets(heard: list[decode.Heard]) -> Column:
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(h.raw) for h in heard], dtype=np.int64)])
    octets = np.frombuffer(b"".join(h.raw for h in heard), np.uint8)
    return Column("message", octets, "", "the message as it came: protobuf, or JSON", offsets=offsets, octets=True)
