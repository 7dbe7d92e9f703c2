"""Volumes as plain tables: those of a site file, of a person's command, and of what files keep for us alone."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from tenere.airspace import limits, sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Limit, Volume

INFINITE = math.inf
BOUNDS: dict[type[msgspec.Struct], dict[str, tuple[float, float]]] = {
    Limit: {"value_m": (limits.LOWEST_M, INFINITE)},
    Volume: {"starts_s": (-INFINITE, sanity.LAST_S), "ends_s": (sanity.FIRST_S, INFINITE)},
}
"""What numbers of a site file may be, for the general check; the rest is in sanity.problem."""
MOST_FILES, MOST_STATIONS = 1000, 1000
_DEFAULTS = [(field.name, field.default) for field in msgspec.structs.fields(Volume)]


class AirspaceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [airspace]: files of volumes, and who must acknowledge a closure."""

    files: tuple[str, ...] = ()
    """Airspace files, from the site file's folder: OpenAir, AIXM 5.1, ED-269, ED-318, GeoJSON, KML, YAIXM, gzip or not."""
    keep_going: bool = False
    """True: a file with volumes that cannot be read is taken without them, and they are named; false: it is refused whole."""
    stations: tuple[str, ...] = ()
    """Every station that must acknowledge a closure of airspace."""
    acknowledge_s: float = 60.0
    """After so many seconds a station that has not acknowledged is reported."""


BOUNDS[AirspaceConfig] = {"acknowledge_s": (1.0, 86_400.0)}


def prepared(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a volume's table with limits that are texts ("FL195", "GND") made tables, and what is null left out. Raises AirspaceError."""
    out = {k: v for k, v in tree.items() if v is not None}
    for key in ("floor", "ceiling"):
        if isinstance(said := out.get(key), str):
            try:
                held = limits.parse(said)
            except AirspaceError as e:
                raise AirspaceError(f"{key}: {e}") from e
            out[key] = {"value_m": held.value_m, "datum": held.datum}
    return out


def volume_of(tree: dict[str, Any]) -> Volume:
    """Make a volume of a plain table. Raises AirspaceError saying what is wrong with it."""
    try:
        made = msgspec.convert(prepared(tree), Volume)
    except (msgspec.ValidationError, OverflowError, RecursionError) as e:
        raise AirspaceError(str(e)) from e
    if said := sanity.problem(made):
        raise AirspaceError(said)
    return made


def tree_of(volume: Volume) -> dict[str, Any]:
    """Return a volume as a plain table that volume_of makes it of again, fit for JSON; what is as by default is left out."""
    out: dict[str, Any] = {}
    for name, default in _DEFAULTS:
        value = getattr(volume, name)
        if name in ("floor", "ceiling"):
            out[name] = limits.text(value)
        elif value != default:
            out[name] = msgspec.to_builtins(value)
    return out


def prepared_site(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a site file's tree with the limits of its [[volume]] tables read. Raises AirspaceError naming the table."""
    held = tree.get("volume")
    if not isinstance(held, list):
        return tree
    made = []
    for i, one in enumerate(held):
        try:
            made.append(prepared(one) if isinstance(one, dict) else one)
        except AirspaceError as e:
            raise AirspaceError(f"volume[{i}].{e}") from e
    return {**tree, "volume": made}


def problem(airspace: AirspaceConfig, volumes: tuple[Volume, ...]) -> str:
    """Say what makes no sense in a site's airspace; empty: nothing."""
    for what, names, most in (("files", airspace.files, MOST_FILES), ("stations", airspace.stations, MOST_STATIONS)):
        if len(names) > most or len(set(names)) < len(names) or not all(n.strip() for n in names):
            return f"airspace.{what}: has an empty or a repeated name, or more than {most}"
    if long := next((s for s in airspace.stations if len(s) > 24), ""):
        return f"airspace.stations: {long!r} is longer than 24 characters"
    if len(volumes) > sanity.MOST_VOLUMES:
        return f"volume: there are {len(volumes):,}; at most {sanity.MOST_VOLUMES:,} can be kept"
    seen: set[str] = set()
    for i, v in enumerate(volumes):
        if v.id in seen:
            return f"volume[{i}]: its id is that of another, {v.id!r}"
        seen.add(v.id)
        if said := sanity.problem(v):
            return f"volume[{i}] ({v.id}): {said}"
    return ""
