"""One TOML file to frozen structs. Every stage owns its table; an unknown key is an error that names the nearest known one."""

from __future__ import annotations

import difflib
import ipaddress
import math
import tomllib
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace import setting as airspace_setting
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Volume
from tenere.airspace.setting import AirspaceConfig
from tenere.coverage.area_config import AreaConfig, CircleConfig
from tenere.coverage.area_config import problem as area_problem
from tenere.coverage.config import CoverageConfig, ObstacleConfig
from tenere.coverage.siting_config import CandidateConfig, ProtectConfig, SitingConfig
from tenere.errors import TenereError, UsageError
from tenere.exercise.config import ExerciseConfig
from tenere.identify import rules as identity_rules
from tenere.identify.config import IdentifyConfig
from tenere.performance.config import PerformanceConfig
from tenere.plans import Plan
from tenere.qnh import QnhConfig
from tenere.site import BAUDS, ONE_WAY, TRANSPORTS, SensorConfig, SourceConfig, transports_of
from tenere.track.config import TrackConfig
from tenere.track.heights.config import HeightsConfig
from tenere.watch.bounds import BOUNDS as WATCH_BOUNDS
from tenere.watch.config import WatchConfig
from tenere.wire import format as formats

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 16 << 20
LARGEST = 1e15


class PlaceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [site]: the country and how the picture opens."""

    name: str = "Tenere"
    """Name shown on the page."""
    centre_lat_deg: float = float("nan")
    """Latitude of the plane's and the map's centre; left out: the middle of the placed sensors."""
    centre_lon_deg: float = float("nan")
    """Longitude of the centre."""
    zoom: float = 5.0
    """Zoom at which the map opens (web Mercator)."""
    tick_s: float = 1.0
    """Length of a tick: how often the picture advances."""


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [serve]: where the page is served."""

    host: str = "127.0.0.1"
    """Address to bind. Loopback unless you say otherwise: whoever reaches it sees the picture."""
    port: int = 8080
    """TCP port."""
    accounts: str = ""
    """File of the accounts (`tenere account add`); empty: nobody signs in. Relative to the site file's folder."""
    idle_s: float = 3600.0
    """A session ends after so long without a sign of its person."""
    session_s: float = 43200.0
    """A session ends after so long in any case: a watch."""


class RecordConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [record]: the tick log."""

    folder: str = ""
    """Folder of the tick logs; empty: do not record."""
    sync_s: float = 1.0
    """Longest time between writing a tick and its being safe on disk."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site file. [[source]] are feeds, [[sensor]] the sensors on them, [[plan]] filed flight plans."""

    site: PlaceConfig = PlaceConfig()
    source: tuple[SourceConfig, ...] = ()
    sensor: tuple[SensorConfig, ...] = ()
    plan: tuple[Plan, ...] = ()
    qnh: tuple[QnhConfig, ...] = ()
    track: TrackConfig = TrackConfig()
    heights: HeightsConfig = HeightsConfig()
    identify: IdentifyConfig = IdentifyConfig()
    watch: WatchConfig = WatchConfig()
    airspace: AirspaceConfig = AirspaceConfig()
    volume: tuple[Volume, ...] = ()
    performance: PerformanceConfig = PerformanceConfig()
    coverage: CoverageConfig = CoverageConfig()
    area: tuple[AreaConfig, ...] = ()
    siting: SitingConfig = SitingConfig()
    serve: ServeConfig = ServeConfig()
    record: RecordConfig = RecordConfig()
    exercise: ExerciseConfig | None = None
    """Present: simulated traffic and sensors take the place of [[source]], [[sensor]] and [[plan]]."""


def load(path: str | Path) -> Config:
    """Read a site file; raise UsageError saying what is wrong and where."""
    path = Path(path)
    try:
        with path.open("rb") as f:
            data = f.read(MAX_BYTES + 1)
    except OSError as e:
        raise UsageError(f"{path}: cannot be read: {e.strerror or e}") from e
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: is larger than {MAX_BYTES >> 20} MiB; a site file is TOML")
    try:
        text = data.decode("utf-8-sig")  # some editors of Windows put a mark before the text
    except UnicodeDecodeError as e:
        raise UsageError(f"{path}: is not UTF-8 text (byte {e.start}); a site file is TOML") from e
    config = parse(text, str(path))
    if config.identify.rules_file:  # held whole from here on, so that a recording holds the rules it was made with
        rules = identity_rules.read(path.parent / config.identify.rules_file)
        config = msgspec.structs.replace(config, identify=msgspec.structs.replace(config.identify, rules=rules))
    return config


def parse(text: str, name: str = "site file") -> Config:
    """Read a site file's text."""
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # also of a number with thousands of digits, and of a thousand brackets
        raise UsageError(f"{name}: not valid TOML: {e}") from e
    return build(tree, name)


def build(tree: dict[str, Any], name: str = "site file") -> Config:
    """Make a configuration of what a TOML file holds; raise UsageError naming the path of what is wrong."""
    try:
        tree = airspace_setting.prepared_site(tree)
    except AirspaceError as e:
        raise UsageError(f"{name}: {e}") from e
    if problem := unknown_key(Config, tree, ""):
        raise UsageError(f"{name}: {problem}")
    try:
        config = msgspec.convert(tree, Config)
    except (msgspec.ValidationError, OverflowError, RecursionError) as e:
        raise UsageError(f"{name}: {_readable(str(e))}") from e
    check(config, name)
    check_feeds(config, name)
    return config


def unknown_key(kind: Any, tree: Any, path: str) -> str:  # noqa: ANN401, PLR0911 - walks type annotations; a case each
    """Describe the first key that the schema does not know, with the nearest that it does; empty when there is none."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if sum(isinstance(k, type) and issubclass(k, msgspec.Struct) for k in typing.get_args(kind)) > 1:
            return ""  # which of them it is, its tag says: msgspec names what is unknown there
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
        origin = typing.get_origin(kind)
    if origin is tuple and isinstance(tree, list):
        for i, item in enumerate(tree):
            if problem := unknown_key(typing.get_args(kind)[0], item, f"{path}[{i}]"):
                return problem
        return ""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(tree, dict)):
        return ""
    hints = typing.get_type_hints(kind)
    for key, value in tree.items():
        here = f"{path}.{key}" if path else key
        if key not in hints:
            near = difflib.get_close_matches(key, hints, 1)
            known = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(sorted(hints))}"
            return f"unknown key {here}; {known}"
        if problem := unknown_key(hints[key], value, here):
            return problem
    return ""


WORDS = {
    "`object`": "a table",
    "`array`": "a list",
    "`str`": "text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
}


def _readable(message: str) -> str:
    """Turn msgspec's words and its "$.sensor[0].sac" into those of a writer of TOML."""
    what, at, where = message.partition(" - at `")
    for theirs, ours in WORDS.items():
        what = what.replace(theirs, ours)
    what = what.removeprefix("Object ")
    what = what[:1].lower() + what[1:]
    return f"{where.rstrip('`').removeprefix('$.').removeprefix('$')}: {what}" if at else what


BOUNDS: dict[type[msgspec.Struct], dict[str, tuple[float, float]]] = {
    PlaceConfig: {"centre_lat_deg": (-90, 90), "centre_lon_deg": (-180, 180), "zoom": (0, 24), "tick_s": (0.1, 10)},
    ServeConfig: {"port": (0, 65535), "idle_s": (60, 86_400), "session_s": (60, 604_800)},
    RecordConfig: {"sync_s": (0, 60)},
    SourceConfig: {"baud": (BAUDS[0], BAUDS[-1]), "speed": (0.01, 1000)},
    SensorConfig: {
        "sac": (-1, 255),
        "sic": (-1, 255),
        "lat_deg": (-90, 90),
        "lon_deg": (-180, 180),
        "height_m": (-1e3, 1e5),
        "range_m": (0, 1e7),
        "antenna_m": (0, 1e4),
        "min_elevation_deg": (-90, 90),
        "max_elevation_deg": (-90, 90),
        "range_std_m": (0.01, 1e5),
        "azimuth_std_deg": (1e-4, 90),
        "elevation_std_deg": (1e-3, 30),
        "refraction": (1.0, 2.0),
        "position_std_m": (0.01, 1e5),
        "period_s": (0, 3600),
        "detection": (0.01, 0.999),
        "clutter": (0, 1e6),
    },
    CoverageConfig: {"detected": (0.01, 0.99), "step_m": (1, 1e5), "refraction": (0.1, 100), "live_posts": (1000, 400_000_000)},
    AreaConfig: {"width_m": (0, 2e6)},
    CircleConfig: {"lat_deg": (-90, 90), "lon_deg": (-180, 180), "radius_m": (1, 5e6)},
    ObstacleConfig: {"lat_deg": (-90, 90), "lon_deg": (-180, 180), "height_m": (0, 5000), "width_m": (0, 1e5)},
    SitingConfig: {
        "budget": (0, 1e9),
        "range_m": (0, 1e7),
        "antenna_m": (0, 1e4),
        "min_elevation_deg": (-90, 90),
        "max_elevation_deg": (-90, 90),
        "grid_km": (0, 1e4),
        "summits_km": (0, 1e3),
        "most_candidates": (1, 100_000),
        "step_m": (0, 1e5),
        "demand_km": (0.1, 1e3),
        "area_worth": (0, 1e9),
        "traffic_worth": (0, 1e9),
        "second_worth": (0, 1),
        "seconds": (0, 1e6),
        "gap": (0, 1),
        "seed": (0, 2**63 - 1),
    },
    CandidateConfig: {"lat_deg": (-90, 90), "lon_deg": (-180, 180), "antenna_m": (0, 1e4), "cost": (1e-6, 1e9)},
    ProtectConfig: {"lat_deg": (-90, 90), "lon_deg": (-180, 180), "radius_km": (0, 1e4), "worth": (0, 1e9)},
    TrackConfig: {
        "confirm_existence": (0.01, 0.999999),
        "confirm_hits": (1, 100),
        "confirm_hits_addressed": (1, 100),
        "show_existence": (0, 0.999999),
        "delete_existence": (0, 0.9),
        "prune_existence": (0, 0.9),
        "unseen_per_km2": (0, 1),
        "lifetime_s": (1, 1e7),
        "coast_s": (0, 86400),
        "coast_addressed_s": (0, 86400),
        "coast_landing_s": (0, 86400),
        "resume_s": (0, 604800),
        "gate": (0.1, 1e4),
        "gate_addressed": (0.1, 1e4),
        "birth_per_km2": (1e-15, 1),
        "speed_std_ms": (0.1, 1e4),
        "max_tracks": (1, 10_000_000),
    },
    QnhConfig: {"lat_deg": (-90, 90), "lon_deg": (-180, 180), "qnh_hpa": (850, 1100), "time_s": (-1e11, 1e11)},
    HeightsConfig: {
        "geoid_m": (-120, 120),
        "transition_altitude_ft": (-1000, 60_000),
        "transition_layer_ft": (0, 5000),
        "transition_level": (0, 600),
        "qnh_radius_km": (1, 20_100),
        "qnh_age_s": (60, 604_800),
        "memory_s": (60, 604_800),
        "differ_m": (30, 1e5),
        "climb_ms": (0.01, 100),
        "level_ms": (0.0, 100),
    },
    PerformanceConfig: {"window_s": (0, 86_400), "plots_s": (1, 1e6)},
    WatchConfig: {"max_alerts": (1, 1_000_000)},
    **WATCH_BOUNDS,
    IdentifyConfig: {"memory_limit": (1, 10_000_000)},
    **airspace_setting.BOUNDS,
    ExerciseConfig: {"aircraft": (0, 200_000), "opening_s": (0, 86400), "start_s": (0, 1e11), "seed": (0, 2**63 - 1)},
}
"""What a number may be, from and to. Those not named here are finite; one whose default is NaN may be NaN, for "not given"."""


def check(config: Config, name: str) -> None:
    """Refuse what is well typed and still makes no sense; raise UsageError naming it."""
    for path, struct in _structs(config):
        _check_numbers(struct, f"{name}: {path}")
    if not config.serve.host:
        raise UsageError(f"{name}: serve.host: is empty; 127.0.0.1 is this machine alone, 0.0.0.0 every network it is on")
    for what, ids in (("feeds", [s.id for s in config.source]), ("sensors", [s.id for s in config.sensor])):
        table = "source" if what == "feeds" else "sensor"
        if "" in ids:
            raise UsageError(f"{name}: {table}[{ids.index('')}]: its id is empty")
        if len(set(ids)) < len(ids):
            raise UsageError(f"{name}: {table}: two {what} share the id {next(i for i in ids if ids.count(i) > 1)!r}")
    _check_areas(config, name)
    if said := airspace_setting.problem(config.airspace, config.volume):
        raise UsageError(f"{name}: {said}")


def _check_areas(config: Config, name: str) -> None:
    """Refuse areas without exactly one shape, or an id of their own."""
    ids = [a.id for a in config.area]
    for i, area in enumerate(config.area):
        if not area.id or ids.index(area.id) != i:
            raise UsageError(f"{name}: area[{i}]: its id is {'empty' if not area.id else f'that of another, {area.id!r}'}")
        if said := area_problem(area):
            raise UsageError(f"{name}: area[{i}] ({area.id}): {said}")


def check_feeds(config: Config, name: str) -> None:
    """Refuse feeds that cannot be opened, and sensors on none; raise UsageError naming them."""
    known = formats.names()
    ids = [s.id for s in config.source]
    for i, s in enumerate(config.source):
        where = f"{name}: source[{i}] ({s.id})"
        if s.format not in known:
            near = difflib.get_close_matches(s.format, known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}"
            raise UsageError(f"{where}: format: there is no {s.format!r}; {hint}")
        _check_transport(s, where)
        try:
            formats.load(s.format).init(formats.SourceHint(options=s.options))
        except TenereError as e:
            raise UsageError(f"{where}: {e}") from e
    moving = {s.id: s.format for s in config.source}
    for i, sensor in enumerate(config.sensor):
        if sensor.source and ids and sensor.source not in ids:
            raise UsageError(f"{name}: sensor[{i}] ({sensor.id}): there is no source {sensor.source!r}; there are {', '.join(ids)}")
        if sensor.moved_by and moving.get(sensor.moved_by) not in SAYING_WHERE:
            wanted = " or ".join(SAYING_WHERE)
            raise UsageError(f"{name}: sensor[{i}] ({sensor.id}): moved_by: {sensor.moved_by!r} is no source of format {wanted}")


SAYING_WHERE = ("nmea", "ogn")
"""Formats that say where their receiver is."""

EXAMPLES = {
    "udp": "address:port",
    "tcp": "host:port",
    "listen": "address:port",
    "serial": "/dev/ttyUSB0",
    "file": "path",
    "folder": "path",
    "capture": "path",
}
BELONGS = {
    "interface": "udp",
    "udp2": "udp",
    "interface2": "udp2",
    "baud": "serial",
    "greeting": "tcp",
    "speed": "capture",
    "loop": "capture",
}
"""Keys that mean something beside another one only."""


def _check_transport(s: SourceConfig, where: str) -> None:
    """Refuse a source without exactly one way in, and what does not go with it."""
    named = transports_of(s)
    if len(named) != 1:
        wanted = ", ".join(f'{name} = "{EXAMPLES[name]}"' for name in TRANSPORTS)
        raise UsageError(f"{where}: give one of {wanted}; {'none is given' if not named else 'given are ' + ' and '.join(named)}")
    defaults = {f.name: f.default for f in msgspec.structs.fields(SourceConfig)}
    for key, other in BELONGS.items():
        if getattr(s, key) != defaults[key] and not getattr(s, other):
            raise UsageError(f"{where}: {key}: says something of {other}, which is not given")
    if s.from_start and not (s.file or s.folder):
        raise UsageError(f"{where}: from_start: says something of file and folder; neither is given")
    for key in ("udp", "udp2", "listen"):
        if address := getattr(s, key):
            _address(_host(address, where), key, where)
    if s.tcp:
        _host(s.tcp, where)
    for key in ("interface", "interface2"):
        _address(getattr(s, key) or "::", key, where)
    if s.udp2 and (s.udp2, s.interface2) == (s.udp, s.interface):
        raise UsageError(f"{where}: udp2: is the first network again; give the second one's own address:port, or its own interface2")
    if s.serial and s.baud not in BAUDS:
        raise UsageError(f"{where}: baud: there is no rate {s.baud}; there are {', '.join(map(str, BAUDS))}")
    if s.one_way:
        _check_one_way(s, named[0], where)


def _check_one_way(s: SourceConfig, transport: str, where: str) -> None:
    """Refuse what would send."""
    if transport not in ONE_WAY:
        raise UsageError(
            f"{where}: one_way: {transport} acknowledges what it gets, so it sends; let the diode bring udp, serial, file or folder"
        )
    for key in ("udp", "udp2"):
        if (address := getattr(s, key)) and ipaddress.ip_address(_host(address, where)).is_multicast:
            raise UsageError(
                f"{where}: one_way: {key}: joining a multicast group sends reports; let the diode send to an address of this machine"
            )


def _address(text: str, key: str, where: str) -> None:
    """Refuse what is no IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError as e:
        raise UsageError(f"{where}: {key}: {text!r} is not an IP address") from e


def _structs(config: msgspec.Struct) -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield every table with its path, and the tables within it."""
    for field in config.__struct_fields__:
        value = getattr(config, field)
        held = [(field, value)] if isinstance(value, msgspec.Struct) else []
        if isinstance(value, tuple):
            held = [(f"{field}[{i}]", v) for i, v in enumerate(value) if isinstance(v, msgspec.Struct)]
        for path, struct in held:
            yield path, struct
            yield from ((f"{path}.{inner}", table) for inner, table in _structs(struct))


def _check_numbers(struct: msgspec.Struct, where: str) -> None:
    """Refuse numbers out of their bounds, and half a position."""
    bounds = BOUNDS.get(type(struct), {})
    for field in msgspec.structs.fields(type(struct)):
        value = getattr(struct, field.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if isinstance(value, float) and math.isnan(value) and isinstance(field.default, float) and math.isnan(field.default):
            continue
        low, high = bounds.get(field.name, (-LARGEST, LARGEST))
        if not low <= value <= high:
            raise UsageError(f"{where}.{field.name}: {value} is outside {low:g} to {high:g}")
    for a, b in (("lat_deg", "lon_deg"), ("centre_lat_deg", "centre_lon_deg")):
        if hasattr(struct, a) and math.isnan(getattr(struct, a)) != math.isnan(getattr(struct, b)):
            raise UsageError(f"{where}: give both {a} and {b}, or neither")


def _host(address: str, where: str) -> str:
    """Return the host of host:port."""
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or len(port) > 5 or not 0 < int(port) < 65536:
        raise UsageError(f"{where}: {address!r} is not host:port")
    return host.strip("[]")
