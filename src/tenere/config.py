"""One TOML file to frozen structs. Every stage owns its table; an unknown key is an error that names the nearest known one."""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from tenere.errors import UsageError
from tenere.exercise.config import ExerciseConfig
from tenere.identify.config import IdentifyConfig
from tenere.plans import Plan
from tenere.site import SensorConfig, SourceConfig
from tenere.track.config import TrackConfig
from tenere.watch.config import WatchConfig


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
    track: TrackConfig = TrackConfig()
    identify: IdentifyConfig = IdentifyConfig()
    watch: WatchConfig = WatchConfig()
    serve: ServeConfig = ServeConfig()
    record: RecordConfig = RecordConfig()
    exercise: ExerciseConfig | None = None
    """Present: simulated traffic and sensors take the place of [[source]], [[sensor]] and [[plan]]."""


def load(path: str | Path) -> Config:
    """Read a site file; raise UsageError saying what is wrong and where."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as e:
        raise UsageError(f"{path}: cannot be read: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise UsageError(f"{path}: is not UTF-8 text (byte {e.start}); a site file is TOML") from e
    return parse(text, str(path))


def parse(text: str, name: str = "site file") -> Config:
    """Read a site file's text."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{name}: not valid TOML: {e}") from e
    if problem := unknown_key(Config, tree, ""):
        raise UsageError(f"{name}: {problem}")
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as e:
        raise UsageError(f"{name}: {_readable(str(e))}") from e
    _check(config, name)
    return config


def unknown_key(kind: Any, tree: Any, path: str) -> str:  # noqa: ANN401 - walks type annotations
    """Describe the first key that the schema does not know, with the nearest that it does; empty when there is none."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
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


def _readable(message: str) -> str:
    """Turn msgspec's "$.sensor[0].sac" into the path a reader writes."""
    what, at, where = message.partition(" - at `")
    return f"{where.rstrip('`').removeprefix('$.')}: {what}" if at else what


def _check(config: Config, name: str) -> None:
    """Refuse what is well typed and still makes no sense."""
    if not 0.1 <= config.site.tick_s <= 10.0:
        raise UsageError(f"{name}: site.tick_s: {config.site.tick_s} s is outside 0.1 to 10 s")
    ids = [s.id for s in config.source]
    if len(set(ids)) < len(ids):
        raise UsageError(f"{name}: source: two feeds share the id {next(i for i in ids if ids.count(i) > 1)!r}")
    for i, s in enumerate(config.source):
        if bool(s.udp) == bool(s.tcp):
            raise UsageError(f'{name}: source[{i}] ({s.id}): give one of udp = "address:port" and tcp = "host:port"')
        _check_port(s.udp or s.tcp, f"{name}: source[{i}] ({s.id})")
    for i, sensor in enumerate(config.sensor):
        if sensor.source and ids and sensor.source not in ids:
            raise UsageError(f"{name}: sensor[{i}] ({sensor.id}): there is no source {sensor.source!r}; there are {', '.join(ids)}")
        if not (sensor.lat_deg != sensor.lat_deg or -90 <= sensor.lat_deg <= 90):  # noqa: PLR0124 - NaN means not given
            raise UsageError(f"{name}: sensor[{i}] ({sensor.id}): lat_deg {sensor.lat_deg} is outside -90 to 90")
        if not (sensor.lon_deg != sensor.lon_deg or -180 <= sensor.lon_deg <= 180):  # noqa: PLR0124 - NaN means not given
            raise UsageError(f"{name}: sensor[{i}] ({sensor.id}): lon_deg {sensor.lon_deg} is outside -180 to 180")
    if not 0 <= config.serve.port <= 65535:
        raise UsageError(f"{name}: serve.port: {config.serve.port} is outside 0 to 65535")


def _check_port(address: str, where: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"{where}: {address!r} is not host:port")
