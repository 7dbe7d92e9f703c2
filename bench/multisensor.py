"""One track an aircraft from many sensors: recorded flights seen by five radars, ADS-B and multilateration, with real faults.

    python -m bench.multisensor                          every scenario: 80 aircraft, 15 minutes; kept in bench/results
    python -m bench.multisensor --quick                  30 aircraft, 4 minutes; not kept
    python -m bench.multisensor --only biased --json     one scenario

TrackConfig() as shipped, fed second by second, told what a site file says. Scored as `tenere score` does, at every second from the
30th on; a track belongs to an aircraft within 1 km. "aged": aircraft that a sensor's coverage has held for 30 s. The bound
(bench.multisensor_bound) knows every turn that was flown; "steady" is the ratio where none was for 20 s, "known" that of our filter told
whose each plot is and how high: what no association can better.
"""

from __future__ import annotations

import argparse
import json
from typing import Any, NamedTuple

from bench.airbench.real import RECORDING
from bench.machine import keep
from bench.multisensor_run import SCENARIOS, measured, run, scenario_of
from bench.tracking_run import rounded

AIRCRAFT, SECONDS, SEED = 80, 900.0, 1
QUICK_AIRCRAFT, QUICK_SECONDS = 30, 240.0

HEAD = (
    ("aged", "completeness_aged", "7.4f"),
    ("compl", "completeness", "7.4f"),
    ("ambig", "ambiguity", "7.4f"),
    ("spur", "spuriousness", "7.4f"),
    ("coast", "coasting_share_of_extra", "6.2f"),
    ("purity", "purity", "7.4f"),
    ("switch", "switches", "6.0f"),
    ("false", "false_tracks", "6.0f"),
    ("rmse", "rmse_m", "7.1f"),
    ("ratio", "ratio_bound", "6.2f"),
    ("turn", "ratio_bound_turn", "6.2f"),
    ("steady", "ratio_bound_steady", "6.2f"),
    ("known", "ratio_known", "6.2f"),
    ("in95", "inside_95", "6.3f"),
    ("lost", "outage_dropped", "5.0f"),
    ("of", "outage_watched", "5.0f"),
    ("cpu s", "cpu_s", "6.1f"),
)


class Aim(NamedTuple):
    """What is asked of every scenario."""

    what: str
    key: str
    limit: float
    below: bool


AIMS = (
    Aim("completeness of aircraft seen for 30 s", "completeness_aged", 0.995, below=False),
    Aim("ambiguity", "ambiguity", 1.005, below=True),
    Aim("spuriousness", "spuriousness", 0.005, below=True),
    Aim("purity", "purity", 0.999, below=False),
    Aim("RMSE / multi-sensor bound", "ratio_bound", 1.35, below=True),
    Aim("tracks dropped that another sensor sees", "outage_dropped", 0, below=True),
)


def met(aim: Aim, row: dict[str, Any]) -> bool:
    """Say whether a row reaches an aim."""
    value: float = row[aim.key]
    return value <= aim.limit if aim.below else value >= aim.limit


def verdicts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each aim, the worst that was measured and where, and which scenarios miss it."""
    out = []
    for aim in AIMS:
        held = [r for r in rows if r.get(aim.key) is not None]
        if held:
            worst = (max if aim.below else min)(held, key=lambda r: r[aim.key])
            missed = [r["name"] for r in held if not met(aim, r)]
            told = {"worst": worst[aim.key], "where": worst["name"], "met": not missed, "missed": missed, "scenarios": len(held)}
            out.append({"aim": aim.what, "limit": aim.limit, **told})
    return out


def width(form: str) -> int:
    """Return how wide a column is."""
    return int(form.partition(".")[0])


def line(row: dict[str, Any]) -> str:
    """Return a row of the table."""
    cells = (f"{row[key]:{form}}" if row.get(key) is not None else "-".rjust(width(form)) for _, key, form in HEAD)
    return f"{row['name']:12s} " + " ".join(cells)


def main() -> None:
    """Measure, print the table or the JSON, keep the result of the whole suite."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--json", action="store_true", help="print JSON only")
    p.add_argument("--only", action="append", default=[], choices=SCENARIOS, metavar="NAME", help="only this scenario; may be given again")
    p.add_argument("--quick", action="store_true", help="30 aircraft for 4 minutes")
    p.add_argument("--seed", type=int, default=SEED, help="another draw of flights, noise and faults")
    a = p.parse_args()
    if not RECORDING.exists():
        reason = f"skipped: no recorded flights at {RECORDING}"
        print(json.dumps({"skipped": reason}) if a.json else reason)
        return
    count, seconds = (QUICK_AIRCRAFT, QUICK_SECONDS) if a.quick else (AIRCRAFT, SECONDS)
    rows = []
    if not a.json:
        print(f"{'':12s} " + " ".join(title.rjust(width(form)) for title, _, form in HEAD))
    for name in a.only or SCENARIOS:
        world, sent = scenario_of(name, count, seconds, a.seed)
        rows.append(measured(name, world, sent, run(world, sent))[0])
        if not a.json:
            print(line(rows[-1]), flush=True)
    result = {"aims": verdicts(rows), "scenarios": rows}
    for v in result["aims"] if not a.json else ():
        print(
            f"{'met    ' if v['met'] else 'NOT MET'} {v['aim']:40s} aim {v['limit']:.3f}  worst {v['worst']:.4f} ({v['where']})"
            f"  missed by {len(v['missed'])} of {v['scenarios']}"
        )
    if not (a.quick or a.only or a.seed != SEED):
        keep("multisensor", rounded(result))
    if a.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
