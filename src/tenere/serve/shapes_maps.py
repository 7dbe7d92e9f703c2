"""What the endpoints for maps and for other programs answer: coverage, GeoJSON, aircraft.json."""

from __future__ import annotations

from typing import Any, Literal

from tenere.serve.shapes import Shape, Track


class CoverageSensor(Shape, kw_only=True):
    """A sensor as coverage knows it."""

    id: str
    kind: str
    lat: float | None
    lon: float | None
    antenna_m: float | None
    range_m: float | None
    counted: bool
    why: str | None
    looks: int
    saw: int


class Coverage(Shape, kw_only=True):
    """How far the computing of coverage is, and what may be asked of it."""

    state: Literal["waiting", "computing", "ready", "off"]
    why: str | None
    detail: str | None
    heights: list[str]
    sensors: list[CoverageSensor]
    version: str | None
    error: str | None = None
    updating: bool = False
    stage: str | None = None
    done: int = 0
    of: int = 0
    planned: bool = False
    step_m: float | None = None
    area: str | None = None
    unknown: bool = False
    terrain: list[str] | None = None


class Seen(Shape, kw_only=True):
    """The least height at which a sensor sees a place."""

    sensor: str
    amsl_m: float | None
    agl_m: float | None


class CoverageAt(Shape, kw_only=True):
    """From how low a place is seen."""

    lat: float
    lon: float
    known: bool
    ground_m: float | None
    best: Seen | None
    second: Seen | None


class GeoFeature(Shape, kw_only=True):
    """A GeoJSON feature."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
    id: int | str | None = None
    bbox: list[float] | None = None


class Holes(Shape, kw_only=True):
    """Where nobody sees, as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[GeoFeature]
    properties: dict[str, Any]


class Tried(Shape, kw_only=True):
    """What changes with a sensor at another place; png in base64."""

    state: Literal["ready", "preparing"]
    version: str | None = None
    sensor: str | None = None
    lat: float | None = None
    lon: float | None = None
    antenna_amsl_m: float | None = None
    height: str | None = None
    kind: str | None = None
    gained_km2: float | None = None
    lost_km2: float | None = None
    seen_km2: float | None = None
    box: list[float] | None = None
    png: str | None = None
    server_ms: float | None = None


class Point(Shape, kw_only=True):
    """Longitude and latitude, degrees."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class TrackFeature(Shape, kw_only=True):
    """One track; null geometry where it has no place on the map. Its properties are a track's, without lat and lon."""

    type: Literal["Feature"]
    id: int
    geometry: Point | None
    properties: Track


class Tracks(Shape, kw_only=True):
    """The tracks as GeoJSON (RFC 7946), with the picture's time."""

    type: Literal["FeatureCollection"]
    time: float | None
    features: list[TrackFeature]


class Aircraft(Shape, kw_only=True):
    """One aircraft as programs of the readsb family write it; a key is left out where nothing is known."""

    hex: str
    type: str
    mlat: list[str]
    tisb: list[str]
    spi: Literal[0, 1]
    seen: float | None = None
    flight: str | None = None
    alt_baro: int | Literal["ground"] | None = None
    alt_geom: int | None = None
    gs: float | None = None
    track: float | None = None
    baro_rate: int | None = None
    squawk: str | None = None
    emergency: str | None = None
    category: str | None = None
    lat: float | None = None
    lon: float | None = None
    nac_p: int | None = None
    seen_pos: float | None = None


class AircraftFile(Shape, kw_only=True):
    """aircraft.json."""

    now: float
    messages: int
    aircraft: list[Aircraft]


class Receiver(Shape, kw_only=True):
    """receiver.json."""

    version: str
    refresh: int
    history: int
    lat: float | None = None
    lon: float | None = None
