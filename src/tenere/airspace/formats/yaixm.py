"""YAIXM: airspace as the gliders of the United Kingdom keep it, a small AIXM in YAML (airspace, loa, rat, service, obstacle, launch).

    airspace:
    - name: ABERDEEN CTA
      type: CTA
      class: D
      geometry:
      - seq: "1"
        upper: FL115
        lower: 1500 ft
        boundary:
        - line: [572153N 0015835W, 572100N 0015802W]
        - arc: {dir: cw, radius: 10 nm, centre: 571834N 0021602W, to: 572153N 0015835W}

Each geometry becomes a volume. Rule NOTAM makes it inactive until a person activates it; type, localtype and rules stand in the remark.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from tenere.airspace import angles, arcs, limits
from tenere.airspace.formats import kinds
from tenere.airspace.formats.openair import APART_M, decoded, without_repeats
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.formats.yaml_tree import Items, Leaf, Node, Table, tree_of
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Circle, Limit, Polygon, Volume, VolumeKind
from tenere.units import NM_M

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tenere.airspace.arcs import Point

COUNTED = ("service", "obstacle", "launch")
"""Sections without volumes."""
NEVER = "NOTAM"
"""The rule of what is active when a notice says so."""
_RADIUS = re.compile(r"\s*(\d{1,6}(?:\.\d{1,12})?)\s*(nm|km|m)\s*", re.ASCII | re.IGNORECASE)
_METRES = {"nm": NM_M, "km": 1000.0, "m": 1.0}
_LOCAL = {"GLIDER": VolumeKind.OTHER, "MATZ": VolumeKind.AERODROME, "NOATZ": VolumeKind.AERODROME}


class _WrongError(Exception):
    """A node that is not as YAIXM has it: what, and its line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    found = Gathered(tell)
    root = tree_of(decoded(data))
    sections = root.items if isinstance(root, Table) else {}
    for key, held in sections.items():
        if key in ("airspace", "rat"):
            _section(found, key, held)
        elif key == "loa":
            _letters(found, held)
        elif key in COUNTED:
            count = len(held.items) if isinstance(held, Items | Table) else 0
            found.note(f"section {key} holds no volumes and is passed over: {count} entries", f"line {held.line}")
        elif key != "release":
            found.note(f"section {key[:40]} is not known and is passed over", f"line {held.line}")
    if not any(key in sections for key in ("airspace", "loa", "rat")):
        raise AirspaceError(f"line {root.line}: holds no section airspace")
    return found.done()


def _items(node: Node | None, what: str, line: int) -> list[Node]:
    if not isinstance(node, Items):
        raise _WrongError(node.line if node else line, f"{what} is no list")
    return node.items


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Leaf) else ""


def _texts(node: Node | None) -> list[str]:
    return [_text(n) for n in node.items if _text(n)] if isinstance(node, Items) else []


def _section(found: Gathered, key: str, held: Node) -> None:
    """Take a list of airspaces."""
    if not isinstance(held, Items):
        found.refuse(f"line {held.line}", "", f"section {key} is no list")
        return
    for i, one in enumerate(held.items):
        _airspace(found, one)
        if i % 64 == 0:
            found.at(i / len(held.items))


def _letters(found: Gathered, held: Node) -> None:
    """Take the volumes that letters of agreement add; what they replace by other boundaries is passed over."""
    for letter in held.items if isinstance(held, Items) else []:
        areas = letter.items.get("areas") if isinstance(letter, Table) else None
        for area in areas.items if isinstance(areas, Items) else []:
            if not isinstance(area, Table):
                continue
            for one in added.items if isinstance(added := area.items.get("add"), Items) else []:
                _airspace(found, one)
            if "replace" in area.items:
                found.note("boundaries that letters of agreement replace are passed over", f"line {area.line}")


def _airspace(found: Gathered, node: Node) -> None:
    """Take one airspace: each of its geometries is a volume."""
    if not isinstance(node, Table):
        found.refuse(f"line {node.line}", "", "an airspace is no mapping")
        return
    name = _text(node.items.get("name"))
    try:
        parts = _items(node.items.get("geometry"), "geometry", node.line)
    except _WrongError as e:
        found.refuse(f"line {e.line}", name, str(e))
        return
    for part in parts:
        try:
            found.add(_volume(found, node, part), f"line {part.line}", _id(node, part, len(parts)))
        except _WrongError as e:
            found.refuse(f"line {e.line}", name, str(e))


def _id(node: Table, part: Node, parts: int) -> str:
    own = _text(node.items.get("id"))
    inner = _text(part.items.get("id")) if isinstance(part, Table) else ""
    seq = _text(part.items.get("seq")) if isinstance(part, Table) else ""
    return inner or (f"{own}-{seq}" if own and seq and parts > 1 else own)


def _volume(found: Gathered, node: Table, part: Node) -> Volume:
    if not isinstance(part, Table):
        raise _WrongError(part.line, "a geometry is no mapping")
    word, local = _text(node.items.get("type")), _text(part.items.get("localtype")) or _text(node.items.get("localtype"))
    kind = _kind(word, local)
    name = _text(part.items.get("name")) or _text(node.items.get("name"))
    if kind is None:
        found.note(f"types that are not known are taken as other: {word[:20]}", f"line {node.line}", name)
    airspace_class = (_text(part.items.get("class")) or _text(node.items.get("class"))).upper()
    rules = [*_texts(node.items.get("rules")), *(r for r in _texts(part.items.get("rules")) if r not in _texts(node.items.get("rules")))]
    said = [f"{word}/{local}"] if local else []
    if plain := [r for r in rules if r != NEVER]:
        said.append(f"rules: {', '.join(plain)}")
    return Volume(
        id="",
        name=name,
        kind=kind or VolumeKind.OTHER,
        airspace_class=airspace_class if airspace_class in kinds.CLASSES else "",
        floor=_limit(part, "lower"),
        ceiling=_limit(part, "upper"),
        shape=_boundary(found, part, name),
        active=NEVER not in rules,
        remark="; ".join(said),
    )


def _kind(word: str, local: str) -> VolumeKind | None:
    """Return what type and localtype mean together."""
    upper, place = word.strip().upper(), local.strip().upper()
    if place in _LOCAL:
        return _LOCAL[place]
    if upper in ("D", "D_OTHER"):
        return VolumeKind.DANGER
    return kinds.kind_of(upper)


def _limit(part: Table, key: str) -> Limit:
    node = part.items.get(key)
    if not isinstance(node, Leaf):
        raise _WrongError(part.line, f"has no {key} limit")
    try:
        return limits.parse(node.text)
    except AirspaceError as e:
        raise _WrongError(node.line, f"{key}: {e}") from e


def _point(node: Node | None, line: int) -> Point:
    if not isinstance(node, Leaf):
        raise _WrongError(node.line if node else line, "a place is missing")
    try:
        return angles.parse(node.text)
    except AirspaceError as e:
        raise _WrongError(node.line, str(e)) from e


def _radius(table: Table) -> float:
    node = table.items.get("radius")
    at = _RADIUS.fullmatch(_text(node))
    if at is None:
        raise _WrongError(table.line, f"{_text(node)[:40]!r} is no radius, such as 10 nm")
    return round(float(at[1]) * _METRES[at[2].lower()], 3)


def _boundary(found: Gathered, part: Table, name: str) -> Polygon | Circle:
    """Read a boundary: lines and arcs in turn, each arc from the point before it; or one circle."""
    points: list[Point] = []
    pieces = _items(part.items.get("boundary"), "boundary", part.line)
    pending: list[tuple[Table, int]] = []
    for piece in pieces:
        key, held = next(iter(piece.items.items()), ("", piece)) if isinstance(piece, Table) else ("", piece)
        if key == "circle" and isinstance(held, Table):
            if len(pieces) > 1:
                raise _WrongError(piece.line, "a circle among other pieces of a boundary")
            return Circle(*_point(held.items.get("centre"), held.line), _radius(held))
        if key == "line":
            points += [_point(p, held.line) for p in _items(held, "line", held.line)]
        elif key == "arc" and isinstance(held, Table):
            if not points:
                pending.append((held, len(points)))  # begins at the boundary's last point
            else:
                points += _arc(found, held, points[-1], name)[1:]
        else:
            raise _WrongError(piece.line, f"a piece of a boundary {key[:40]!r} is none of line, arc, circle")
    if pending:
        if not points or len(pending) > 1:
            raise _WrongError(part.line, "a boundary of arcs alone has no point to begin at")
        points = _arc(found, pending[0][0], points[-1], name)[1:] + points
    return Polygon(without_repeats(points))


def _arc(found: Gathered, held: Table, first: Point, name: str) -> list[Point]:
    turn = _text(held.items.get("dir")).lower()
    if turn not in ("cw", "ccw"):
        raise _WrongError(held.line, f"an arc's dir {turn[:20]!r} is neither cw nor ccw")
    centre, last, radius_m = _point(held.items.get("centre"), held.line), _point(held.items.get("to"), held.line), _radius(held)
    try:
        points, apart = arcs.arc_between(centre, first, last, clockwise=turn == "cw")
    except AirspaceError as e:
        raise _WrongError(held.line, str(e)) from e
    off = abs(arcs.length_m(centre, first) - radius_m)
    if max(apart, off) > APART_M:
        found.note(
            f"arcs whose ends are more than {APART_M:g} m off their radius go evenly from one to the other", f"line {held.line}", name
        )
    return points


def _level(held: Limit) -> str:
    """Write a limit as near as YAIXM can: above the ground is above sea level to it, but for the ground itself."""
    text = limits.text(held)
    if text == "GND":
        return "SFC"
    if math.isinf(held.value_m):
        return "FL999"
    return text if text.startswith("FL") else text.removesuffix(" AMSL").removesuffix(" AGL").removesuffix(" STD")


def _said(volume: Volume) -> tuple[str, str, list[str]]:
    """Return type, localtype and rules: those of the remark where they mean the volume's kind."""
    word, local, rules = *kinds.YAIXM.get(volume.kind, ("OTHER", "")), []
    for said in volume.remark.split("; "):
        a, _, b = said.partition("/")
        if said.startswith("rules: "):
            rules = said.removeprefix("rules: ").split(", ")
        elif b and _kind(a, b) is volume.kind:
            word, local = a, b
    return word, local, rules if volume.active else [*rules, NEVER]


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:  # noqa: ARG001 - as every writer
    """Write volumes, each as an airspace of one geometry; corridors as the outline of their legs."""
    out = ["airspace:"]
    for v in volumes:
        word, local, rules = _said(v)
        q = json.dumps
        out += [f"- name: {q(v.name, ensure_ascii=False)}", f"  id: {q(v.id, ensure_ascii=False)}", f"  type: {q(word)}"]
        out += [f"  localtype: {q(local)}"] if local else []
        out += [f"  class: {v.airspace_class}"] if v.airspace_class else []
        out += [f"  rules: {q(rules)}"] if rules else []
        out.append("  geometry:")
        shape = v.shape
        for ring in [None] if isinstance(shape, Circle) else [shape.ring] if isinstance(shape, Polygon) else arcs.legs(shape):
            out += [f"  - upper: {_level(v.ceiling)}", f"    lower: {_level(v.floor)}", "    boundary:"]
            if isinstance(shape, Circle):
                radius = limits.decimal(shape.radius_m / NM_M, 8)
                out += ["    - circle:", f"        radius: {radius} nm", f"        centre: {angles.packed(shape.lat_deg, shape.lon_deg)}"]
            elif ring is not None:
                out += ["    - line:", *(f"      - {angles.packed(*p)}" for p in ring)]
    return ("\n".join(out) + "\n").encode()
