"""tenere coverage: what a site's sensors see of its areas, from the terrain, and what they do not."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import msgspec

from tenere.cli import setting
from tenere.cli.output import Progress, print_json, say
from tenere.config import BOUNDS
from tenere.coverage.config import CoverageConfig
from tenere.coverage.horizon import CoverageError
from tenere.coverage.report.document import Say, left_out
from tenere.coverage.report.levels import levels
from tenere.coverage.report.study import Ask, study
from tenere.coverage.report.tables import tree
from tenere.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tenere.coverage.report.study import Study
    from tenere.coverage.report.tables import Hole

MEMORY_SHARE = 0.6
CORES = 2


def asked(args: argparse.Namespace) -> Ask:
    """Return what is asked; raise UsageError for words that make no sense."""
    config = setting.complete(setting.site(args.site))
    coverage, folder = config.coverage, args.site.parent
    if args.terrain:
        coverage = msgspec.structs.replace(coverage, terrain=tuple(str(path.resolve()) for path in args.terrain))
    if args.step is not None:
        low, high = BOUNDS[CoverageConfig]["step_m"]
        if not low <= args.step <= high:
            raise UsageError(f"--step {args.step:g}: give {low:g} to {high:g} metres")
        coverage = msgspec.structs.replace(coverage, step_m=args.step)
    try:
        levels(coverage, args.at)
    except CoverageError as e:
        raise UsageError(f"{'--at' if args.at else f'{args.site}: coverage'}: {e}") from e
    known = [a.id for a in config.area]
    for name in args.area:
        if name not in known:
            raise UsageError(f"--area {name}: there is no such area; there are {', '.join(known) or 'none: the site file has no [[area]]'}")
    return Ask(config.site.name, config.sensor, coverage, config.area, config.identify.home_state, folder, tuple(args.at), tuple(args.area))


def memory_bytes() -> int:
    """Return how much memory a study may take: most of what the machine has."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * MEMORY_SHARE)
    except (ValueError, OSError, AttributeError):  # a system that does not tell
        return 8 << 30


class Told:
    """How far a study is, one line a part of it."""

    def __init__(self) -> None:
        """Start; a part's line begins with its first word."""
        self._bars: dict[str, Progress] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        """Say that so much of a part is done."""
        if what not in self._bars:
            self.end()
            self._bars[what] = Progress(f"coverage: {what}", float(whole))
        self._bars[what].at(done, f"{done} of {whole}")

    def end(self) -> None:
        """Leave the line clean."""
        for bar in self._bars.values():
            bar.end()


def computed(ask: Ask) -> Study:
    """Compute, with progress."""
    told = Told()
    try:
        return study(ask, most_bytes=memory_bytes(), cores=cores(), progress=told)
    finally:
        told.end()


def found_holes(found: Study, site: Path) -> list[Hole]:
    """Return the holes, by size and, where the site file names tables of what flies (siting.traffic), by traffic."""
    from tenere.coverage import traffic  # noqa: PLC0415 - slow to import
    from tenere.coverage.report.gaps import gaps  # noqa: PLC0415 - the same

    told, density = Told(), None
    names = setting.site(site).siting.traffic
    try:
        if names:
            density = traffic.Density.over(found.plane)
            traffic.read([site.parent / name for name in names], density, lambda share: told("traffic", round(100 * share), 100))
            for reason, count in density.rejects.counts.items():
                say(f"tenere coverage: traffic: {reason}: {count:,}")
        return gaps(found, density, lambda done, whole: told("holes", done, whole))
    finally:
        told.end()


def cores() -> int:
    """Return how many threads a sweep may take."""
    return min(CORES, os.cpu_count() or 1)


def _written(found: Study, out: Path, lang: str, holes: Sequence[Hole]) -> tuple[list[str], list[str]]:
    """Write the report; raise UsageError where the folder cannot be written."""
    from tenere.coverage.report.write import write  # noqa: PLC0415 - only a report draws

    told = Told()
    try:
        return write(found, out, lang=lang, holes=holes, progress=told)
    except OSError as e:
        raise UsageError(f"--out {out}: cannot be written: {e.strerror or e}") from e
    finally:
        told.end()


def run(args: argparse.Namespace) -> int:
    """Compute and tell. Sensors that cannot be counted are named; 1 where none is left."""
    ask = asked(args)
    if args.out is not None:
        _check_out(args.out)
    found = computed(ask)
    holes = found_holes(found, args.site)
    written: list[str] = []
    if args.out is not None:
        written, lacking = _written(found, args.out, args.lang, holes)
        for words in lacking:
            say(f"tenere coverage: not made: {words}")
    for out in found.left_out:
        say(f"tenere coverage: {left_out(out, Say('en'))}")
    if args.json:
        print_json({**tree(found, holes), "files": [str(args.out / name) for name in written]})
    else:
        print("\n".join(lines(found, holes)))
        if written:
            print(f"written to {args.out}: {', '.join(written)}")
    if not found.sights:
        say("tenere coverage: no sensor is left: everything is unseen")
    return 0 if found.sights else 1


def _check_out(out: Path) -> None:
    """Refuse a folder that cannot be one."""
    if (out.exists() and not out.is_dir()) or not out.resolve().parent.is_dir():
        raise UsageError(f"--out {out}: name a folder, in a folder that is there")


# --- for people ------------------------------------------------------------------------------------------------------


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole > 0 else "-"


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lay out a table: the first column to the left, numbers to the right."""
    wide = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    for row in (heads, *rows):
        yield (
            "  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, wide, strict=True))).rstrip()
        )


def _place(lat: float, lon: float) -> str:
    return f"{abs(lat):.2f} {'N' if lat >= 0 else 'S'} {abs(lon):.2f} {'E' if lon >= 0 else 'W'}"


def _largest(holes: Sequence[Hole]) -> Iterator[str]:
    """Lay out the largest hole of each height."""
    if holes:
        heads = ["largest hole", "km2", "amid", "surroundings seen by"]
        places = [_place(math.degrees(h.lat_rad), math.degrees(h.lon_rad)) for h in holes]
        rows = [[h.level, f"{h.area_m2 / 1e6:,.0f}", place, ", ".join(h.around) or "-"] for h, place in zip(holes, places, strict=True)]
        yield from (*_grid(heads, rows), "")


def lines(found: Study, holes: Sequence[Hole] = ()) -> list[str]:
    """Return the tables of the terminal."""
    n, out = found.numbers, list[str]()
    sensors = "1 sensor" if len(found.sights) == 1 else f"{len(found.sights)} sensors"
    for a, area in enumerate(found.areas):
        whole = n.area_m2[a]
        named = f"{area.id} ({area.name})" if area.name != area.id else area.id
        out.append(f"{named}: {whole / 1e6:,.0f} km2, {sensors}, posts every {found.plane.step_m:g} m")
        if n.unknown_m2[a]:
            out.append(f"  ground not known, counted as neither seen nor unseen: {_percent(n.unknown_m2[a], whole)}")
        heads = ["height", "nobody", "one", "two or more", *(f"any {kind}" for kind in n.kinds)]
        rows = []
        for h, level in enumerate(found.levels):
            kinds = [_percent(n.kind_m2[k, a, h, 1:].sum(), whole) for k in range(len(n.kinds))]
            rows.append([level.name, *(_percent(v, whole) for v in n.seen_m2[a, h]), *kinds])
        out += [*_grid(heads, rows), ""]
        out += _largest([h for h in holes if h.area == area.id and h.rank == 1])
        if found.sights:
            heads = ["seen (by it alone)", *(level.name for level in found.levels)]
            rows = [
                [
                    s.id,
                    *(f"{_percent(n.each_m2[i, a, h], whole)} ({_percent(n.alone_m2[i, a, h], whole)})" for h in range(len(found.levels))),
                ]
                for i, s in enumerate(found.sights)
                if n.each_m2[i, a].any()
            ]
            blind = [s.id for i, s in enumerate(found.sights) if not n.each_m2[i, a].any()]
            out += [*(_grid(heads, rows) if rows else ()), *([f"  see nothing of it: {', '.join(blind)}"] if blind else []), ""]
    out.append(f"terrain: {', '.join(found.terrain)}; {found.plane.voids.says()}; the terrain's own error is not in these figures")
    return out
