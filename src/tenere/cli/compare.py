"""tenere compare: two tables of tracks over the same air against each other, and against the truth where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.cli.output import Progress, print_json
from tenere.cli.score import about, config_of, document, gap_s, in_degrees, meet, scored, steps_of, tell, tracks_of, truth_of
from tenere.errors import TenereError
from tenere.estimate.compare import Comparison, compare
from tenere.estimate.paths import paths
from tenere.estimate.steps import own_step_s, span_of
from tenere.record.overlay import overlay

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

    from tenere.estimate.paths import Reports
    from tenere.estimate.steps import ScoreConfig
    from tenere.record.trajectories import Trajectories

    I64 = NDArray[np.int64]

MEASURES = ("gospa", "siap", "continuity", "initiation", "errors")
CONSTANTS = ("cutoff_m", "order")


def run(args: argparse.Namespace) -> int:
    """Compare; print a page for people or one JSON document."""
    config = config_of(args)
    a, b = tracks_of(args.a_file, args), tracks_of(args.b_file, args)
    tables = [a, b] if args.truth is None else [a, b, truth_of(args.truth, args)]
    laid = overlay(tables, args.frame)
    told: dict[str, Any] = {"a_file": about(a), "b_file": about(b), "height": laid.height or None}
    told |= _compared(a, b, laid.reports[0], laid.reports[1], config, args)
    if args.truth is not None:
        # both on the steps of the slower, so that neither gains by looking oftener
        even = replace(config, step_s=told["step_s"])
        sides = [
            document(scored((t, tables[2]), (r, laid.reports[2]), even, args), laid, (t, tables[2]))
            for t, r in zip((a, b), laid.reports, strict=False)
        ]
        told["scores"] = {"a": sides[0], "b": sides[1], "b_minus_a": _difference(*sides)}
    tell("compare", laid, [about(t) for t in tables])
    if args.json:
        print_json(told)
    else:
        from tenere.cli.score_text import comparison  # noqa: PLC0415 - a program needs no page

        print(comparison(told))
    return 0


def _compared(
    a: Trajectories, b: Trajectories, mine: Reports, its: Reports, config: ScoreConfig, args: argparse.Namespace
) -> dict[str, Any]:
    """Return the comparison, angles in degrees."""
    own = [s for s in (own_step_s(mine), own_step_s(its)) if s == s]
    if config.step_s != config.step_s and own:
        config = replace(config, step_s=max(own))
    spans = span_of(mine), span_of(its)
    whole = min(s[0] for s in spans), max(s[1] for s in spans)
    times = steps_of(whole, its, b.path, config)
    meet(times, its, mine, (b.path, a.path))
    progress = Progress("compare", float(times.ends))
    made = compare(paths(mine, gap_s(args, mine, a.path)), its, times, config, lambda k: progress.at(float(k)))
    progress.end()
    if not made.counts.truths:
        raise TenereError(f"{a.path}: holds no track at the end of any step of {times.step_s:g} s; its rows are farther apart than --gap")
    out: dict[str, Any] = in_degrees(
        {
            "steps": times.ends,
            "step_s": times.step_s,
            "from_s": times.begin_s,
            "until_s": times.begin_s + (times.ends - 1) * times.step_s,
            **made.result(),
            "pairs": _pairs(made, a, b),
            "only_in_a": _alone(made.there_a, made.with_b, mine, a, times.step_s),
            "only_in_b": _alone(made.there_b, made.with_a, its, b, times.step_s),
        }
    )
    return out


def _pairs(made: Comparison, a: Trajectories, b: Trajectories) -> list[dict[str, Any]]:
    """Return a row for each pair of tracks that were together."""
    return [
        {
            "a": a.names[p.a],
            "b": b.names[p.b],
            "together_s": p.steps * made.times.step_s,
            "same_address": made.same_address(p.a, p.b),
            **{k: v for k, v in p._asdict().items() if k not in ("a", "b", "steps")},
        }
        for p in made.pairs()
    ]


def _alone(there: I64, together: I64, reports: Reports, table: Trajectories, step_s: float) -> list[dict[str, Any]]:
    """Return a row for each track that was never together with one of the other file."""
    first = np.searchsorted(reports.who, np.arange(reports.parties + 1))
    return [
        {
            "number": table.names[n],
            "from_s": float(reports.time_s[first[n]]),
            "until_s": float(reports.time_s[first[n + 1] - 1]),
            "there_s": float(there[n]) * step_s,
        }
        for n in np.flatnonzero((there > 0) & (together == 0)).tolist()
    ]


def _difference(a: Any, b: Any) -> Any:  # noqa: ANN401 - two JSON-able trees of one shape
    """Return the measures of b less those of a."""
    if isinstance(a, dict):
        return {key: _difference(a[key], b[key]) for key in (MEASURES if "gospa" in a else a) if key not in CONSTANTS}
    if isinstance(a, list):
        return [_difference(x, y) for x, y in zip(a, b, strict=True)]
    return b - a
