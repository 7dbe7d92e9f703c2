"""Our picture and our sensors as SAPIENT messages: registration, status reports, detection reports.

These are the only three that are made. Tasks are never sent, and the registration says that none is taken. What an
object is called goes out in our own six words, as object information. Identifiers are made of what they stand for
(node, track number, time), so that the same picture gives the same bytes. (BSI Flex 335 v2.)
"""

from __future__ import annotations

import hashlib
import math
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import AircraftClass, Identity, TrackFlag
from tenere.wire.sapient import place, schema
from tenere.wire.sapient.decode import ERROR, OK, WARNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from tenere.batch import Identities, Status, Tracks

ICD_VERSION = "BSI Flex 335 v2.0"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MANNED_FIXED, MANNED_ROTARY, UAV = "Manned fixed wing", "Manned rotary wing", "UAV"
SUB_CLASSES: dict[int, str] = {
    AircraftClass.LIGHT: MANNED_FIXED,
    AircraftClass.AIRLINER: MANNED_FIXED,
    AircraftClass.GLIDER: "Glider",
    AircraftClass.HELICOPTER: MANNED_ROTARY,
    AircraftClass.DRONE: UAV,
    AircraftClass.BALLOON: "Balloon",
}
NODE_TYPES = {"other": 1, "radar": 2, "lidar": 3, "camera": 4, "acoustic": 6, "passive_rf": 8, "human": 9}
SECONDS, PERMANENT, AREA_OF_INTEREST, INFO_NEW, METRES_A_SECOND = 4, 1, 1, 1, 1


def ulid(time_s: float, *names: str) -> str:
    """Return a ULID of a time and of what it stands for: 48 bits of milliseconds, 80 of a hash (ULID specification, 2016)."""
    moment = max(0, min(round(time_s * 1000.0), 2**48 - 1)) if math.isfinite(time_s) else 0
    mark = int.from_bytes(hashlib.blake2b("|".join(names).encode(), digest_size=10).digest(), "big")
    value = moment << 80 | mark
    return "".join(CROCKFORD[value >> 5 * i & 31] for i in range(25, -1, -1))


def framed(message: Any) -> bytes:  # noqa: ANN401 - a class of a package loaded at run time
    """Return a message as it goes over TCP: after its size in four bytes."""
    raw: bytes = message.SerializeToString()
    return len(raw).to_bytes(4, "little") + raw


def encode_detections(
    tracks: Tracks,
    identities: Identities,
    node_id: str,
    *,
    destination_id: str = "",
    height_offset_m: ArrayLike = math.nan,
) -> list[bytes]:
    """Return our live tracks that have a place as detection reports of a node, each framed for TCP, in order.

    identities: row for row with tracks. node_id, destination_id: UUIDs. height_offset_m: (n,) or one for all, what to
    add to a pressure altitude for a height above the ellipsoid; NaN: the track's own height. A track that is coasting or has
    ended goes out as lost. Tracks of other systems, and what is simulated or a test, stay out: no field could say so.
    Raises ValueError for a bad UUID, batches that do not match or an identity that is none of ours; UsageError where
    the packages are missing.
    """
    if len(tracks) != len(identities) or not np.array_equal(tracks.number, identities.number):
        raise ValueError("tracks and identities are not row for row of one picture")
    offset = np.broadcast_to(np.asarray(height_offset_m, np.float64), (len(tracks),))
    height = np.where(np.isnan(offset), tracks.height_m, tracks.pressure_altitude_m + offset)
    finite = np.isfinite(tracks.lat_rad) & np.isfinite(tracks.lon_rad) & np.isfinite(tracks.time_s)
    out = []
    for i in np.flatnonzero(finite & (tracks.flags & (TrackFlag.SYSTEM | TrackFlag.NOT_LIVE) == 0)).tolist():
        message = _message(node_id, destination_id, float(tracks.time_s[i]))
        _detection(message.detection_report, tracks, identities, i, float(height[i]), node_id)
        out.append(framed(message))
    return out


def _detection(report: Any, tracks: Tracks, identities: Identities, i: int, height_m: float, node_id: str) -> None:  # noqa: ANN401 - the same
    """Fill one detection report."""
    number, time_s, lat = str(int(tracks.number[i])), float(tracks.time_s[i]), float(tracks.lat_rad[i])
    report.report_id = ulid(time_s, node_id, number, "report")
    report.object_id = ulid(float(tracks.first_s[i]), node_id, number)
    if int(tracks.flags[i]) & (TrackFlag.COASTING | TrackFlag.ENDED):
        report.state = "lost" if int(tracks.flags[i]) & TrackFlag.ENDED else "lostInView"
    where = report.location
    where.x, where.y = math.degrees(tracks.lon_rad[i]), math.degrees(lat)
    where.coordinate_system, where.datum = place.DEGREES, place.ELLIPSOID
    if math.isfinite(height_m):
        where.z = height_m
    east_m, north_m = math.sqrt(max(tracks.var_xx_m2[i], 0.0)), math.sqrt(max(tracks.var_yy_m2[i], 0.0))
    if east_m > 0.0 and north_m > 0.0:
        where.x_error = math.degrees(east_m / place.METRES_PER_RAD / max(math.cos(lat), 1e-6))
        where.y_error = math.degrees(north_m / place.METRES_PER_RAD)
    speed, course, climb = float(tracks.speed_ms[i]), float(tracks.course_rad[i]), float(tracks.vertical_rate_ms[i])
    if math.isfinite(speed) and math.isfinite(course):
        report.enu_velocity.east_rate, report.enu_velocity.north_rate = speed * math.sin(course), speed * math.cos(course)
        if math.isfinite(climb):
            report.enu_velocity.up_rate = climb
    if 0.0 <= tracks.existence[i] <= 1.0:
        report.detection_confidence = float(tracks.existence[i])
    _classification(report, int(tracks.aircraft_class[i]))
    infos = {"identity": Identity(int(identities.identity[i])).name.lower().replace("_", " ")}
    if tracks.callsign[i]:
        infos["callsign"] = _ascii(bytes(tracks.callsign[i]))
    if tracks.address[i] > 0:
        infos["icao"] = f"{int(tracks.address[i]):06X}"
    if tracks.remote_id[i]:
        infos["remote_id"] = _ascii(bytes(tracks.remote_id[i]))
    if math.isfinite(tracks.pressure_altitude_m[i]):
        infos["pressure_altitude_m"] = f"{float(tracks.pressure_altitude_m[i]):.1f}"
    if identities.protected[i]:
        infos["protected"] = "1"
    for kind, value in infos.items():
        report.object_info.add(type=kind, value=value)


def _classification(report: Any, aircraft_class: int) -> None:  # noqa: ANN401 - the same
    """Fill the classification: an air vehicle, or a vehicle on the ground."""
    if aircraft_class == AircraftClass.VEHICLE:
        report.classification.add(type="Land vehicle")
        return
    vehicle = report.classification.add(type="Air vehicle")
    if aircraft_class in SUB_CLASSES:
        vehicle.sub_class.add(type=SUB_CLASSES[aircraft_class], level=1)


def encode_status(status: Status, node_ids: Sequence[str], *, mode: str = "default", destination_id: str = "") -> list[bytes]:
    """Return what our sensors say of themselves as status reports, each framed for TCP, in order.

    node_ids: for each row the UUID of the node that the sensor is to others. Raises ValueError for a bad UUID or a count
    that does not match; UsageError where the packages are missing.
    """
    out = []
    for i, node_id in zip(range(len(status)), node_ids, strict=True):
        message = _message(node_id, destination_id, float(status.time_s[i]))
        report = message.status_report
        report.report_id = ulid(float(status.time_s[i]), node_id, "status")
        report.system = ERROR if status.nogo[i] else WARNING if status.degraded[i] else OK
        report.info, report.mode = INFO_NEW, mode
        if math.isfinite(status.lat_rad[i]) and math.isfinite(status.lon_rad[i]):
            where = report.node_location
            where.x, where.y = math.degrees(status.lon_rad[i]), math.degrees(status.lat_rad[i])
            where.coordinate_system, where.datum = place.DEGREES, place.ELLIPSOID
            if math.isfinite(status.height_m[i]):
                where.z = float(status.height_m[i])
        out.append(framed(message))
    return out


def encode_registration(
    node_id: str,
    *,
    time_s: float,
    name: str,
    short_name: str = "",
    node_type: str = "other",
    mode: str = "default",
    status_interval_s: float = 5.0,
    destination_id: str = "",
) -> bytes:
    """Return the registration of one of our nodes, framed for TCP: one mode, positions in degrees, no commands taken.

    node_type: one of NODE_TYPES. Raises ValueError for a bad UUID or node type; UsageError where the packages are missing.
    """
    if node_type not in NODE_TYPES:
        raise ValueError(f"node type {node_type!r} is none of {', '.join(NODE_TYPES)}")
    message = _message(node_id, destination_id, time_s)
    r = message.registration
    r.node_definition.add(node_type=NODE_TYPES[node_type])
    r.icd_version, r.name, r.short_name = ICD_VERSION, name, short_name or name
    r.capabilities.add(category="Air surveillance", type="Recognised air picture")
    r.status_definition.status_interval.units, r.status_definition.status_interval.value = SECONDS, status_interval_s
    _degrees(r.status_definition.location_definition)
    only = r.mode_definition.add(mode_name=mode, mode_type=PERMANENT)
    only.settle_time.units, only.settle_time.value = SECONDS, 0.0
    detection = only.detection_definition.add()
    _degrees(detection.location_type)
    detection.velocity_type.location_datum = place.ELLIPSOID
    units = detection.velocity_type.enu_velocity_units
    units.east_north_rate_units = units.up_rate_units = METRES_A_SECOND
    only.task.concurrent_tasks = 0
    only.task.region_definition.region_type.append(AREA_OF_INTEREST)
    _degrees(only.task.region_definition.region_area.add())
    r.config_data.add(manufacturer="Tenere", model="Tenere")
    return framed(message)


def _degrees(location_type: Any) -> None:  # noqa: ANN401 - the same
    """Say that positions are in degrees, heights above the ellipsoid."""
    location_type.location_units, location_type.location_datum = place.DEGREES, place.ELLIPSOID


def _message(node_id: str, destination_id: str, time_s: float) -> Any:  # noqa: ANN401 - the same
    """Return an empty message of a node at a time; raise ValueError for a bad UUID."""
    message = schema.load().message()
    message.node_id = str(uuid.UUID(node_id))
    if destination_id:
        message.destination_id = str(uuid.UUID(destination_id))
    milliseconds = round(time_s * 1000.0)
    message.timestamp.seconds, message.timestamp.nanos = milliseconds // 1000, milliseconds % 1000 * 1_000_000
    return message


def _ascii(text: bytes) -> str:
    return "".join(chr(c) if 0x20 <= c < 0x7F else "?" for c in text)
