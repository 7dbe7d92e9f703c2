"""What the report says, in blocks that a page and a PDF lay out alike: headings, paragraphs, tables, bars and maps, in one language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tenere.coverage.report.maps import LEGEND, Map, maps, shown
from tenere.words import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tenere.coverage.report.levels import Level
    from tenere.coverage.report.study import LeftOut, Study
    from tenere.coverage.report.tables import Hole

    F64 = NDArray[np.float64]

KM2 = 1e6
SHOWN_HOLES = 3
CLASSES = dict(zip(LEGEND, ("nobody", "one", "more", "unknown", "under"), strict=True))
"""Phrase of each class of a map."""


class Heading(NamedTuple):
    """A heading; level 1 is the title."""

    level: int
    words: str


class Paragraph(NamedTuple):
    """Some sentences."""

    words: str


class Table(NamedTuple):
    """A table; all columns but the first `left` ones are numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1


class Bars(NamedTuple):
    """Stacked bars of shares of 0 to 1, one a label; names: phrase of each part, in the colours of maps."""

    title: str
    labels: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    classes: tuple[int, ...]
    names: tuple[str, ...]


class MapBlock(NamedTuple):
    """A map with its title, and what its colours mean: (class, words)."""

    title: str
    map: Map
    legend: tuple[tuple[int, str], ...]


Block = Heading | Paragraph | Table | Bars | MapBlock


@dataclass(frozen=True)
class Say:
    """Words and numbers of one language."""

    lang: str

    def __call__(self, key: str, *details: str) -> str:
        """Return a phrase of the report."""
        return text(f"coverage.{key}", self.lang, *details)

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number; a dash where there is none."""
        if not math.isfinite(value):
            return "–"  # noqa: RUF001 - a dash
        words = f"{value:,.{digits}f}"
        return words.replace(",", "\u00a0").replace(".", ",") if self.lang == "fr" else words

    def percent(self, part: float, whole: float) -> str:
        """Write a share; what is there but rounds to nothing is not written as nothing."""
        if not whole > 0:
            return "–"  # noqa: RUF001 - a dash
        share = 100.0 * part / whole
        less = "<\u00a0" if 0.0 < share < 0.05 else ""
        return f"{less}{self.number(0.1 if less else share, 1)}\u00a0%"

    def height(self, level: Level) -> str:
        """Write a height with what it is above."""
        if level.name.startswith("FL"):
            return f"FL\u00a0{level.name[2:]}"
        return self("height.ground" if level.height.above_ground else "height.sea", self._metric(level))

    def short(self, level: Level) -> str:
        """Write a height as a table's head."""
        if level.name.startswith("FL"):
            return self.height(level)
        return f"{self._metric(level)}{'' if level.height.above_ground else ' AMSL'}"

    def _metric(self, level: Level) -> str:
        """Write a height in the unit that it was asked for in."""
        unit = "ft" if "ft" in level.name else "m"
        return f"{self.number(level.feet if unit == 'ft' else level.height.metres)}\u00a0{unit}"

    def kind(self, kind: str) -> str:
        """Name a class of sensor."""
        return self(f"sensor.{kind}")

    def place(self, lat_rad: float, lon_rad: float) -> str:
        """Write a place in degrees."""
        lat, lon = math.degrees(lat_rad), math.degrees(lon_rad)
        east, west = "E", "O" if self.lang == "fr" else "W"
        return f"{self.number(abs(lat), 3)}° {'N' if lat >= 0 else 'S'} {self.number(abs(lon), 3)}° {east if lon >= 0 else west}"


def title(study: Study, say: Say) -> str:
    """Return the report's title."""
    return say("title", study.name)


def blocks(study: Study, lang: str, holes: Sequence[Hole] = ()) -> list[Block]:
    """Return the whole report."""
    say = Say(lang)
    names = ", ".join(area.name for area in study.areas)
    out: list[Block] = [Heading(1, title(study, say)), Paragraph(say("summary", say.number(len(study.sights)), names))]
    for a, area in enumerate(study.areas):
        out += _area(study, a, say)
        own = [h for h in holes if h.area == area.id]
        out += _holes(own, study, say) if own else ()
    out += [Heading(2, say("maps")), Paragraph(say("maps.say"))]
    drawn = maps(study)
    legend = tuple((c, say(CLASSES[c])) for c in shown(drawn))
    out += [MapBlock(say.height(study.levels[m.level]), m, legend) for m in drawn]
    out += _sensors(study, say)
    out += _how(study, say)
    return out


def _area(study: Study, a: int, say: Say) -> Iterator[Block]:
    """Yield what there is on one area."""
    n, area = study.numbers, study.areas[a]
    whole = float(n.area_m2[a])
    yield Heading(2, area.name if area.name == area.id else f"{area.name} ({area.id})")
    yield Paragraph(say("area.is", say(f"kind.{area.kind}"), say.number(whole / KM2, 0 if whole > 1e9 else 1)))
    if n.unknown_m2[a]:
        yield Paragraph(say("area.unknown", say.percent(n.unknown_m2[a], whole)))
    first = say.height(study.levels[0])
    none, one, more = (say.percent(v, whole) for v in n.seen_m2[a, 0])
    yield Paragraph(say("sentence", first, one, more, none))
    rest = [bool(n.under_m2[a].any()), bool(n.unknown_m2[a])]
    classes = tuple(c for c, there in zip((*LEGEND[2::-1], LEGEND[4], LEGEND[3]), (True, True, True, *rest), strict=True) if there)
    shares = []
    for h in range(len(study.levels)):
        seen = n.seen_m2[a, h, ::-1].tolist()
        parts = (*seen, float(n.under_m2[a, h]), float(n.unknown_m2[a]))
        shares.append(tuple(v / whole for v, there in zip(parts, (True, True, True, *rest), strict=True) if there))
    labels = tuple(say.short(level) for level in study.levels)
    yield Bars(say("shares"), labels, tuple(shares), classes, tuple(say(CLASSES[c]) for c in classes))
    heads = (say("height"), say("nobody"), say("one"), say("more"), say("unseen"), *((say("under"),) if rest[0] else ()))
    rows = []
    for h, level in enumerate(study.levels):
        row = [say.height(level), *(say.percent(v, whole) for v in n.seen_m2[a, h]), say.number(n.seen_m2[a, h, 0] / KM2)]
        rows.append(tuple(row + ([say.percent(n.under_m2[a, h], whole)] if rest[0] else [])))
    yield Table(heads, tuple(rows))
    if len(n.kinds) > 1:
        yield Heading(3, f"{say('kinds')}: {say('kinds.head')}" if say.lang != "fr" else f"{say('kinds')}\u00a0: {say('kinds.head')}")
        rows = [
            (
                say.height(level),
                *(f"{say.percent(v[1:].sum(), whole)} ({say.percent(v[2], whole)})" for v in n.kind_m2[:, a, h]),
            )
            for h, level in enumerate(study.levels)
        ]
        yield Table((say("height"), *(say.kind(k) for k in n.kinds)), tuple(rows))
    yield from _each(study, a, say)


def _each(study: Study, a: int, say: Say) -> Iterator[Block]:
    """Yield what each sensor sees of an area, what it alone, and what with one other."""
    n, whole = study.numbers, float(study.numbers.area_m2[a])
    if not study.sights:
        return
    heads = (say("sensor"), say("class"), *(say.short(level) for level in study.levels))
    seeing = [i for i in range(len(study.sights)) if n.each_m2[i, a].any()]
    blind = [s.id for i, s in enumerate(study.sights) if i not in seeing]
    if blind:
        yield Paragraph(say("each.nothing", ", ".join(blind)))
    if not seeing:
        return

    def table(values: F64, write: Callable[[float], str]) -> Table:
        names = [(study.sights[i].id, say.kind(study.sights[i].kind)) for i in seeing]
        return Table(heads, tuple((*name, *(write(float(v)) for v in values[i, a])) for name, i in zip(names, seeing, strict=True)), left=2)

    yield Heading(3, say("each"))
    yield table(n.each_m2, lambda v: say.percent(v, whole))
    yield Heading(3, say("alone"))
    yield table(n.alone_m2, lambda v: say.number(v / KM2))
    yield Heading(3, say("double"))
    yield table(n.pair_m2, lambda v: say.number(v / KM2))


def _holes(holes: Sequence[Hole], study: Study, say: Say) -> Iterator[Block]:
    """Yield the table of an area's holes."""
    yield Heading(3, say("holes"))
    yield Paragraph(say("holes.say", say.number(SHOWN_HOLES)))
    traffic = any(math.isfinite(h.traffic_s) for h in holes)
    heads = [
        "height",
        "holes.rank",
        "holes.place",
        "holes.around",
        "holes.area",
        *(("holes.traffic", "holes.traffic_rank") if traffic else ()),
    ]
    levels = {level.name: level for level in study.levels}
    rows = tuple(
        (
            say.height(levels[h.level]) if h.level in levels else h.level,
            say.number(h.rank),
            say.place(h.lat_rad, h.lon_rad),
            ", ".join(h.around),
            say.number(h.area_m2 / KM2, 0 if h.area_m2 > 1e9 else 1),
            *((say.number(h.traffic_s / 3600.0, 1), say.number(h.traffic_rank)) if traffic else ()),
        )
        for h in holes
        if h.rank <= SHOWN_HOLES
    )
    yield Table(tuple(say(k) for k in heads), rows, left=4)


def _sensors(study: Study, say: Say) -> Iterator[Block]:
    """Yield the sensors, and those left out."""
    yield Heading(2, say("sensors"))
    heads = ("sensor", "class", "sensors.place", "sensors.antenna", "sensors.range", "sensors.steepest")
    rows = tuple(
        (
            s.id,
            say.kind(s.kind),
            say.place(s.antenna.lat_rad, s.antenna.lon_rad),
            f"{say.number(s.antenna.height_m)}\u00a0m",
            f"{say.number(s.antenna.max_range_m / 1e3)}\u00a0km",
            f"{say.number(math.degrees(s.antenna.max_elevation_rad))}°",
        )
        for s in study.sights
    )
    yield Table(tuple(say(k) for k in heads), rows, left=3)
    if study.left_out:
        yield Heading(3, say("left_out"))
        yield Paragraph(say("left_out.say"))
        for out in study.left_out:
            yield Paragraph(left_out(out, say))


def left_out(out: LeftOut, say: Say) -> str:
    """Say why a sensor is left out."""
    return say(f"out.{out.reason}", out.id, say.number(float(out.detail)) if out.reason == "far" else out.detail)


def _how(study: Study, say: Say) -> Iterator[Block]:
    """Yield how it was computed, and what the figures do not hold."""
    yield Heading(2, say("how"))
    yield Paragraph(say("how.sight", say.number(study.refraction, 2)))
    yield Paragraph(say("how.terrain", ", ".join(study.terrain), say.number(study.plane.step_m)))
    voids = study.plane.voids
    if voids.unknown or voids.filled:
        yield Paragraph(
            say("how.voids", *(say.number(v) for v in (voids.unknown + voids.filled, voids.posts, voids.filled, voids.unknown)))
        )
    yield Paragraph(say("how.error"))
    if any(not level.height.above_ground for level in study.levels):
        yield Paragraph(say("how.level"))
    if any(area.kind in ("country", "border_strip") for area in study.areas):
        yield Paragraph(say("how.border"))
    yield Paragraph(say("how.empty"))
