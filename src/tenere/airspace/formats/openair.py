"""OpenAir, as flyers write airspace since 1998: WinPilot's commands and those of Naviter's edition 2.1.0 (2025).

One line a command, an airspace from AC to the next AC. Arcs (DA, DB) become points that stand on them (tenere.airspace.arcs). Of the
commands for labels, pens and terrain (AT, SP, SB, TO, TC) nothing is kept. What it cannot say: docs/howto/airspace.md.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenere.airspace import angles, arcs, limits
from tenere.airspace.formats import kinds, times
from tenere.airspace.formats.reading import Gathered, Read, tidy
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Corridor, Limit, Polygon, Volume, VolumeKind
from tenere.units import NM_M

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tenere.airspace.arcs import Point

LONGEST_LINE = 2000
MOST_PROBLEMS = 20
"""Of one airspace, that are told."""
APART_M = 200.0
"""How far the ends of an arc may differ in their distance from its centre, unremarked."""
LABELS = {"AF": "frequency", "AG": "station", "AX": "transponder"}
"""What is kept in the remark, and as what."""
_PASSED = {"AT": "labels", "SP": "pens", "SB": "brushes", "TO": "terrain", "TC": "terrain", "AS": "states", "AZ": "zones"}
_LINES = re.compile(r"\r\n|\r|\n")
_NUMBER = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d{1,12})?)\s*(?:NM)?\s*", re.ASCII | re.IGNORECASE)


@dataclass
class _Open:
    """The airspace whose lines are being read."""

    line: int
    word: str
    type: str = ""
    name: str = ""
    own: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    floor: Limit | None = None
    ceiling: Limit | None = None
    active: bool = True
    starts_s: float = math.inf
    ends_s: float = -math.inf
    timed: int = 0
    points: list[Point] = field(default_factory=list)
    circle: Circle | None = None
    way: list[Point] = field(default_factory=list)
    centre: Point | None = None
    clockwise: bool = True
    width_m: float = 0.0
    problems: list[tuple[int, str]] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, or Latin-1 where it is not that."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file. Its bad airspaces are in what is returned, each of their bad lines by its number."""
    found = Gathered(tell)
    lines = _LINES.split(decoded(data))
    now: _Open | None = None
    aside = False
    for number, line in enumerate(lines, 1):
        if number % 4096 == 0:
            found.at(number / len(lines))
        text = line.replace("\0", " ").strip()
        if not text or text[0] in "*;#":
            continue
        command, rest = text[:2].upper(), text[2:].strip()
        if command == "AC":
            _close(now, found)
            now, aside = _Open(number, rest.upper().split(" ")[0] if rest else ""), False
        elif command in ("TO", "TC"):
            _close(now, found)
            now, aside = None, True
            found.note(f"{_PASSED[command]} ({command}) is passed over", f"line {number}")
        elif aside:
            continue
        elif command in _PASSED:
            found.note(f"{_PASSED[command]} ({command}) are passed over", f"line {number}")
        elif now is None:
            if command in _COMMANDS:
                found.refuse(f"line {number}", "", f"{command} stands before any AC")
        else:
            _obey(now, number, command, rest, len(line))
    _close(now, found)
    return found.done()


def _obey(now: _Open, number: int, command: str, rest: str, length: int) -> None:
    """Take one line into the open airspace."""
    do = _COMMANDS.get(command)
    if len(now.problems) >= MOST_PROBLEMS:
        return
    if do is None:
        if command[0] == "A" and command.isalpha():
            now.odd.append(f"commands {command} are passed over")
        else:
            now.problems.append((number, f"there is no command {tidy(command)!r}"))
        return
    if length > LONGEST_LINE:
        now.problems.append((number, f"{command}: is longer than {LONGEST_LINE} characters"))
        return
    try:
        do(now, rest)
    except AirspaceError as e:
        now.problems.append((number, f"{command.strip()}: {e}"))


def _number(text: str) -> float:
    at = _NUMBER.fullmatch(text)
    if at is None:
        raise AirspaceError(f"{text[:40]!r} is no number")
    return float(at[1])


def _uncommented(rest: str) -> str:
    return re.split(r"[*;]", rest, maxsplit=1)[0]


def _name(now: _Open, rest: str) -> None:
    now.name = rest


def _type(now: _Open, rest: str) -> None:
    now.type = rest.upper()


def _own(now: _Open, rest: str) -> None:
    now.own = rest


def _labelled(label: str) -> Callable[[_Open, str], None]:
    def keep(now: _Open, rest: str) -> None:
        now.labels[label] = tidy(rest.replace(";", ","), 100)

    return keep


def _floor(now: _Open, rest: str) -> None:
    if now.floor is not None:
        raise AirspaceError("a second floor")
    now.floor = limits.parse(_uncommented(rest))


def _ceiling(now: _Open, rest: str) -> None:
    if now.ceiling is not None:
        raise AirspaceError("a second ceiling")
    now.ceiling = limits.parse(_uncommented(rest))


def _times(now: _Open, rest: str) -> None:
    text = _uncommented(rest).strip().upper()
    if text == "NONE":
        now.active = False
        return
    first, slash, last = text.partition("/")
    if not slash:
        raise AirspaceError(f"{text[:40]!r} is no interval, such as 2026-05-01T12:00Z/2026-05-01T13:00Z")
    now.starts_s = min(now.starts_s, -math.inf if first.strip() == "NONE" else times.moment(first))
    now.ends_s = max(now.ends_s, math.inf if last.strip() == "NONE" else times.moment(last))
    now.timed += 1


def _variable(now: _Open, rest: str) -> None:
    key, equals, value = _uncommented(rest).partition("=")
    key = key.strip().upper()
    if key == "X" and equals:
        now.centre = angles.parse(value)
    elif key == "D" and value.strip() in ("+", "-"):
        now.clockwise = value.strip() == "+"
    elif key == "W" and equals:
        now.width_m = round(_number(value) * NM_M, 3)
    elif key not in ("Z", "T"):  # the zoom from which a label shows
        raise AirspaceError(f"{rest[:40]!r} is none of X=, D=+, D=-, W=")


def _centre(now: _Open) -> Point:
    if now.centre is None:
        raise AirspaceError("no V X= before it says the centre")
    return now.centre


def _point(now: _Open, rest: str) -> None:
    now.points.append(angles.parse(_uncommented(rest)))


def _circle(now: _Open, rest: str) -> None:
    if now.circle is not None:
        raise AirspaceError("a second circle")
    now.circle = Circle(*_centre(now), round(_number(_uncommented(rest)) * NM_M, 3))


def _bearings(now: _Open, rest: str) -> None:
    parts = _uncommented(rest).split(",")
    if len(parts) != 3:
        raise AirspaceError("is no radius, start, end")
    radius, a1, a2 = (_number(p) for p in parts)
    if now.clockwise and a2 <= a1:
        a2 += 360.0
    elif not now.clockwise and a2 >= a1:
        a2 -= 360.0
    now.points += arcs.arc(_centre(now), (radius * NM_M,) * 2, (a1, a2))


def _ends(now: _Open, rest: str) -> None:
    first, comma, last = _uncommented(rest).partition(",")
    if not comma:
        raise AirspaceError("is no two places with a comma between")
    points, apart = arcs.arc_between(_centre(now), angles.parse(first), angles.parse(last), clockwise=now.clockwise)
    if apart > APART_M:
        now.odd.append(f"arcs whose ends differ by more than {APART_M:g} m in their distance from the centre: the radius goes evenly over")
    now.points += points


def _airway(now: _Open, rest: str) -> None:
    if not now.width_m:
        raise AirspaceError("no V W= before it says the width")
    now.way.append(angles.parse(_uncommented(rest)))


_COMMANDS: dict[str, Callable[[_Open, str], None]] = {
    "AN": _name,
    "AY": _type,
    "AI": _own,
    **{command: _labelled(label) for command, label in LABELS.items()},
    "AA": _times,
    "AL": _floor,
    "AH": _ceiling,
    "V": _variable,
    "V ": _variable,
    "DP": _point,
    "DC": _circle,
    "DA": _bearings,
    "DB": _ends,
    "DY": _airway,
}


def without_repeats(points: Sequence[Point], *, closed: bool = True) -> tuple[Point, ...]:
    """Return points without those that stand on the one before; closed: nor the first again at the end."""
    out = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    while closed and len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return tuple(out)


def _shape(now: _Open) -> Polygon | Circle | Corridor:
    if (now.circle is not None) + bool(now.points) + bool(now.way) != 1:
        raise AirspaceError("has points, a circle and an airway together" if now.points or now.circle or now.way else "has no outline")
    if now.circle is not None:
        return now.circle
    if now.way:
        return Corridor(without_repeats(now.way, closed=False), now.width_m)
    ring = without_repeats(now.points)
    if len(ring) < len(now.points) - 1:
        now.odd.append("points that stand on the one before are left out")
    return Polygon(ring)


def kind_of(word: str, kind: str, odd: list[str]) -> tuple[VolumeKind, str]:
    """Return the kind and the class that AC and AY say together; what is not known is noted."""
    airspace_class = word if word in kinds.CLASSES else ""
    said = kinds.kind_of(kind) if kind and kind != "NONE" else None
    if kind and kind != "NONE" and said is None:
        odd.append(f"types (AY) that are not known are taken as other: {tidy(kind, 20)}")
    if said is not None:
        return said, airspace_class
    if airspace_class:
        return (VolumeKind.CONTROL if airspace_class in "ABCDE" else VolumeKind.OTHER), airspace_class
    by_word = kinds.kind_of(word)
    if by_word is None:
        odd.append(f"classes (AC) that are not known are taken as other: {tidy(word, 20) or 'none'}")
    return by_word or VolumeKind.OTHER, ""


def _close(now: _Open | None, found: Gathered) -> None:
    """Make a volume of the open airspace, or refuse it with every bad line."""
    if now is None:
        return
    where = f"line {now.line}"
    kind, airspace_class = kind_of(now.word, now.type, now.odd)
    shape: Polygon | Circle | Corridor | None = None
    try:
        shape = _shape(now)
    except AirspaceError as e:
        if not now.problems:
            now.problems.append((now.line, str(e)))
    if not now.problems:
        now.problems += [
            (now.line, f"has no {what} ({c})") for what, c, v in (("floor", "AL", now.floor), ("ceiling", "AH", now.ceiling)) if v is None
        ]
    for line, reason in now.problems:
        found.refuse(f"line {line}", now.name, reason)
    if now.problems or shape is None:
        return
    for reason in now.odd:
        found.note(reason, where, tidy(now.name))
    if now.timed > 1:
        found.note("several times of activation (AA) are taken as one, from the first's start to the last's end", where, tidy(now.name))
    volume = Volume(
        id=now.own,
        name=now.name,
        kind=kind,
        airspace_class=airspace_class,
        floor=now.floor or GROUND,
        ceiling=now.ceiling or UNLIMITED,
        shape=shape,
        starts_s=now.starts_s if now.timed else -math.inf,
        ends_s=now.ends_s if now.timed else math.inf,
        active=now.active,
        remark="; ".join(f"{label} {now.labels[label]}" for label in LABELS.values() if now.labels.get(label)),
    )
    found.add(volume, where, now.own)


def _words(volume: Volume) -> list[str]:
    """Return AC, and AY where AC alone says another kind."""
    by_kind, kind = kinds.OPENAIR.get(volume.kind, ("UNC", "CUSTOM"))
    word = volume.airspace_class or by_kind
    alone = kind_of(word, "", [])[0]
    return [f"AC {word}", *([] if alone is volume.kind else [f"AY {kind}"])]


def _outline(shape: Polygon | Circle | Corridor) -> list[str]:
    if isinstance(shape, Circle):
        return [f"V X={angles.written(shape.lat_deg, shape.lon_deg)}", f"DC {limits.decimal(shape.radius_m / NM_M, 8)}"]
    if isinstance(shape, Corridor):
        return [f"V W={limits.decimal(shape.width_m / NM_M, 8)}", *(f"DY {angles.written(*p)}" for p in shape.line)]
    return [f"DP {angles.written(*p)}" for p in (*shape.ring, shape.ring[0])]


def _said_times(volume: Volume) -> list[str]:
    if not volume.active:
        return ["AA NONE"]
    ends = ["NONE" if math.isinf(t) else times.stamp(t) for t in (volume.starts_s, volume.ends_s)]
    return [] if ends == ["NONE", "NONE"] else [f"AA {'/'.join(ends)}"]


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:  # noqa: ARG001 - as every writer
    """Write volumes in edition 2.1, which older readers read too but for what they do not know."""
    out = ["*VERSION: 2.1.0", "*WRITTEN_BY: Tenere", ""]
    ids: set[str] = set()
    for v in volumes:
        out += [*_words(v), f"AN {v.name}"]
        if v.id != v.name or v.name in ids:
            out.append(f"AI {v.id}")
        ids.add(v.id)
        said = dict(part.partition(" ")[::2] for part in v.remark.split("; "))
        out += [f"{command} {tidy(said[label])}" for command, label in LABELS.items() if said.get(label)]
        out += [*_said_times(v), f"AH {limits.text(v.ceiling)}", f"AL {limits.text(v.floor)}", *_outline(v.shape), ""]
    return "\r\n".join(out).encode()
