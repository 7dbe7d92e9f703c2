"""tenere score: a table of tracks against the truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import PlotKind
from tenere.cli.output import Progress, print_json, say
from tenere.errors import TenereError, UsageError
from tenere.estimate.paths import Reports, intervals, paths
from tenere.estimate.score import Score, score
from tenere.estimate.steps import Grid, ScoreConfig, grid, own_step_s, span_of
from tenere.record.overlay import Overlay, overlay
from tenere.record.tables import TableWriter
from tenere.record.trajectories import Choice, Trajectories, read

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

GAP_S = 30.0
GAP_INTERVALS = 2.5
COVERED = 0.9


def config_of(args: argparse.Namespace) -> ScoreConfig:
    """Weigh the options; raise UsageError for what makes no sense."""
    if not args.begin < args.until:
        raise UsageError(f"--from {args.begin:g} --until {args.until:g}: the end must come after the beginning")
    cuts = tuple(dict.fromkeys(args.cutoff or [1000.0]))
    return ScoreConfig(
        cuts, args.order, math.nan if args.step is None else args.step, args.begin, args.until, partial=getattr(args, "partial", False)
    )


def tracks_of(path: Path, args: argparse.Namespace) -> Trajectories:
    """Read a table of tracks."""
    return read(path, Choice(coasting=not args.no_coasting, which=args.tracks))


def truth_of(path: Path, args: argparse.Namespace) -> Trajectories:
    """Read a table of the truth; what only carries on is none."""
    kind = args.truth_kind.upper()
    if kind and kind not in PlotKind.__members__:
        raise UsageError(f"--truth-kind {args.truth_kind}: there are {', '.join(k.name.lower() for k in PlotKind)}")
    return read(path, Choice(coasting=False, kind=kind))


def gap_s(args: argparse.Namespace, truth: Reports, path: Path) -> float:
    """Return how far apart rows of the truth in a file may be and still be joined."""
    between = intervals(truth)
    usual = float(np.median(between)) if len(between) else 0.0
    if args.gap is not None and args.gap < usual:
        raise UsageError(f"--gap {args.gap:g}: the rows of an aircraft in {path} are {usual:g} s apart; give that or more")
    return float(args.gap) if args.gap is not None else max(GAP_S, GAP_INTERVALS * usual)


def steps_of(span: tuple[float, float], tracks: Reports, path: Path, config: ScoreConfig) -> Grid:
    """Return the steps within a span of time, on the beat of the tracks of a file; raise where there are none."""
    own = own_step_s(tracks)
    if config.step_s < own * (1 - 1e-6):
        raise UsageError(f"--step {config.step_s:g}: the tracks of {path} have rows {own:g} s apart; give that or more")
    times = grid(span, tracks, config)
    if times.ends == 0:
        low, high = span_of(tracks)
        raise TenereError(
            f"no step of {times.step_s:g} s ends in the time asked for ({max(span[0], config.from_s):.1f} to "
            f"{min(span[1], config.until_s):.1f} s; {path} goes from {low:.1f} to {high:.1f} s): look at --from, --until and --step"
        )
    return times


def meet(times: Grid, tracks: Reports, truth: Reports, paths_: tuple[Path, Path]) -> None:
    """Raise where two files (tracks, truth) have no time in common; say where the tracks cover little of it."""
    spans = span_of(tracks), span_of(truth)
    if min(spans[0][1], spans[1][1]) < max(spans[0][0], spans[1][0]):
        told = "; ".join(f"{path} goes from {low:.1f} to {high:.1f} s" for path, (low, high) in zip(paths_, spans, strict=True))
        raise TenereError(f"no time in common: {told}; are both in seconds of one clock?")
    first, last = times.begin_s, times.begin_s + (times.ends - 1) * times.step_s
    covered = max(0.0, min(last, spans[0][1]) - max(first, spans[0][0]))
    if covered < COVERED * (last - first):
        say(
            f"{paths_[0]} covers {covered:,.0f} s of the {last - first:,.0f} s of {paths_[1]} that are scored: "
            "what it does not cover counts as missed; leave it out with --from and --until"
        )


def scored(
    tables: tuple[Trajectories, Trajectories], laid: tuple[Reports, Reports], config: ScoreConfig, args: argparse.Namespace
) -> Score:
    """Score tracks against the truth: tables and their reports in that order."""
    tracks, truth = laid
    files = tables[0].path, tables[1].path
    times = steps_of(span_of(truth), tracks, files[0], config)
    meet(times, tracks, truth, files)
    progress = Progress("score", float(times.ends))
    made = score(paths(truth, gap_s(args, truth, files[1])), tracks, times, config, lambda k: progress.at(float(k)))
    progress.end()
    if not made.siap.truths:
        raise TenereError(
            f"{tables[1].path}: holds no aircraft at the end of any step of {made.times.step_s:g} s; its rows are farther apart than --gap"
        )
    return made


def about(table: Trajectories) -> dict[str, Any]:
    """Return what was read of a file."""
    return {
        "file": str(table.path),
        "rows": table.rows,
        "used": table.rows - table.left_out.total(),
        "left_out": table.left_out.counts,
        "first_row": table.left_out.first_offset,
    }


def document(made: Score, laid: Overlay, tables: tuple[Trajectories, Trajectories]) -> dict[str, Any]:
    """Return the whole score, angles in degrees."""
    rows = [{"id": tables[1].names[r["who"]], **_named(r, "track", tables[0])} for r in made.aircraft()]
    tracks = [{"number": tables[0].names[r["who"]], **_named(r, "aircraft", tables[1])} for r in made.tracks()]
    told = {
        "tracks_file": about(tables[0]),
        "truth_file": about(tables[1]),
        "height": laid.height or None,
        **made.result(),
        "partial": made.config.partial,
        "per_aircraft": rows,
        "per_track": tracks,
    }
    out: dict[str, Any] = in_degrees(told)
    return out


def _named(row: dict[str, Any], key: str, table: Trajectories) -> dict[str, Any]:
    """Return a row without its number, and with another's name instead of its."""
    return {k: (table.names[v] if v >= 0 else None) if k == key else v for k, v in row.items() if k != "who"}


def in_degrees(tree: Any) -> Any:  # noqa: ANN401 - any JSON-able tree
    """Return the tree with every key in radians in degrees."""
    if isinstance(tree, dict):
        return {
            (k[:-4] + "_deg" if k.endswith("_rad") else k): math.degrees(v) if k.endswith("_rad") else in_degrees(v)
            for k, v in tree.items()
        }
    return [in_degrees(v) for v in tree] if isinstance(tree, list) else tree


def check_out(out: Path | None, read_from: list[Path]) -> None:
    """Refuse to write over what is read, or where there is no folder."""
    if out is not None and out.is_dir():
        raise UsageError(f"--out {out}: is a folder; name the file in it")
    if out is not None and any(out.resolve() == path.resolve() for path in read_from):
        raise UsageError(f"--out {out}: is read from; name another file")


def write_series(out: Path, made: Score) -> None:
    """Write the row of each step; whatever ends it early leaves no file."""
    rows = made.series()
    try:
        writer = TableWriter(out, rows.take(slice(0, 0)))
    except OSError as e:
        raise UsageError(f"--out {out}: cannot be written there: {e.strerror or e}") from e
    try:
        writer.add(rows)
        writer.close()
    except BaseException:
        writer.abandon()
        raise


def run(args: argparse.Namespace) -> int:
    """Score; print a page for people or one JSON document."""
    config = config_of(args)
    check_out(args.out, [args.tracks_file, args.truth_file])
    tables = tracks_of(args.tracks_file, args), truth_of(args.truth_file, args)
    laid = overlay(tables, args.frame)
    made = scored(tables, (laid.reports[0], laid.reports[1]), config, args)
    if args.out is not None:
        write_series(args.out, made)
    told = document(made, laid, tables)
    tell("score", laid, [told["tracks_file"], told["truth_file"]])
    if args.json:
        print_json(told)
    else:
        from tenere.cli.score_text import page  # noqa: PLC0415 - a program needs no page

        print(page(told))
    return 0


def tell(command: str, laid: Overlay, files: list[dict[str, Any]]) -> None:
    """Say which rows did not count, and what a plane is about."""
    for file in files:
        for reason, count in file["left_out"].items():
            say(f"tenere {command}: {file['file']}: {reason}, left out: {count:,} (first in row {file['first_row'][reason]:,})")
    if laid.local:
        say(
            f"tenere {command}: x and y are about a sensor whose place is not known: they compare only with others about the same point; "
            "give its place in the site file and track again"
        )
