"""Our tracker over scenarios of the benchmark's format, beside what others reach on the same plots.

    python -m bench.tracking                       the suite, made from its seeds into build/bench/air
    python -m bench.tracking --data DIR --json     any folder of NAME.npz with NAME.json

TrackConfig() as shipped, and of the site only what a site file says: noise, Pd, clutter, range and period of its radar.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.airbench import scenario
from bench.airbench.score import score
from bench.machine import RESULTS, keep
from bench.tracking_run import flat, measure, rounded, run, scenarios_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.airbench.scenario import Data, Meta

HEAD = (
    ("ratio", "ratio_pcrlb", "6.3f"),
    ("turn", "ratio_pcrlb_turn", "6.3f"),
    ("gospa1", "gospa_c1km", "7.0f"),
    ("gospa5", "gospa_c5km", "7.0f"),
    ("compl", "completeness", "7.4f"),
    ("aged", "completeness_aged", "7.4f"),
    ("spur", "spuriousness", "7.4f"),
    ("purity", "purity", "7.4f"),
    ("idsw", "id_switches", "5.0f"),
    ("in95", "inside_95", "6.3f"),
    ("in95t", "inside_95_turn", "6.3f"),
    ("vel", "rmse_vel", "6.2f"),
    ("ms/scan", "s_per_scan", "8.3f"),
    ("plots/s", "plots_per_s", "9,.0f"),
)


def warm() -> None:
    """Run a small scenario, so that no kernel compiles or loads inside a timing."""
    run(*scenario.make(30, 30, seed=1, scans=40))


def peers() -> dict[str, list[dict[str, Any]]]:
    """Return the recorded rows of others by scenario: other trackers, and filters told which plot is whose."""
    out: dict[str, list[dict[str, Any]]] = json.loads((RESULTS / "peers.json").read_text())["scenarios"]
    known = RESULTS / "tracking_known.json"
    for row in json.loads(known.read_text())["scenarios"] if known.exists() else ():
        out.setdefault(row["name"], []).append({"peer": row["filter"], **row})
    return out


def beside(
    ours: dict[str, Any], theirs: list[dict[str, Any]], data: Data, meta: Meta, out: dict[str, NDArray[Any]]
) -> list[dict[str, Any]]:
    """Return each peer's row with, on the very scans it got through, what ours is times theirs."""
    rows, at = [], {ours["scans"]: ours}
    for peer in theirs:
        n = peer["scans"]
        if n > ours["scans"]:
            continue
        at.setdefault(n, flat(score(data, meta, out, n)))
        mine = {key: at[n].get(key) for _, key, _ in HEAD}
        times = {f"{k}_times": mine[k] / peer[k] if peer[k] else None for k in ("gospa_c1km", "gospa_c5km", "ratio_pcrlb", "id_switches")}
        rows.append({**{k: peer[k] for k in ("peer", "scans")}, **times, "ours": mine, "theirs": peer})
    return rows


def line(label: str, row: dict[str, Any]) -> str:
    """Return a row of the table."""
    cells = []
    for _, key, form in HEAD:
        value = row.get(key)
        width = int(form.split(".")[0].rstrip(","))
        if key == "s_per_scan" and value is not None:
            value *= 1e3
        cells.append(f"{value:{form}}" if value is not None else "-".rjust(width))
    return f"{label:30s} " + " ".join(cells)


def head() -> str:
    """Return the table's head line."""
    return f"{'':30s} " + " ".join(title.rjust(int(form.split(".")[0].rstrip(","))) for title, _, form in HEAD)


def verdicts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each aim, what came out worst and where: over the suite's scenarios (and fresh seeds) with frozen scans, or all."""
    air = [r for r in rows if r["name"].startswith("air") and "_rot" not in r["name"] and "_T10" not in r["name"] and "skipped" not in r]
    stone = [{**o, "name": r["name"]} for r in rows for o in r.get("beside", []) if o["peer"].startswith("Stone Soup tuned")]
    aims: tuple[tuple[str, str, float, bool, list[dict[str, Any]]], ...] = (
        ("RMSE / PCRLB", "ratio_pcrlb", 1.35, True, air),
        ("completeness of truths aged 10 scans", "completeness_aged", 0.995, False, air),
        ("completeness", "completeness", 0.985, False, air),
        ("spuriousness", "spuriousness", 0.01, True, air),
        ("purity", "purity", 0.999, False, air),
        ("inside the 95 % ellipse, at least", "inside_95", 0.93, False, air),
        ("inside the 95 % ellipse, at most", "inside_95", 0.97, True, air),
        ("the same in turns, at least", "inside_95_turn", 0.90, False, air),
        ("GOSPA, c 1 km, times Stone Soup's", "gospa_c1km_times", 0.80, True, stone),
        ("GOSPA, c 5 km, times Stone Soup's", "gospa_c5km_times", 1.0, True, stone),
        ("identity switches, times Stone Soup's", "id_switches_times", 1 / 3, True, stone),
    )
    out = []
    for what, key, limit, below, among in aims:
        held = [(r[key], r["name"]) for r in among if r.get(key) is not None]
        if held:
            worst, where = max(held) if below else min(held)
            out.append({"aim": what, "limit": limit, "worst": worst, "where": where, "met": worst <= limit if below else worst >= limit})
    return out


def show(row: dict[str, Any]) -> None:
    """Print a scenario's rows: ours, and below it each peer's with ours on its scans where they are fewer."""
    if "skipped" in row:
        print(f"{row['name']}: {row['skipped']}", flush=True)
        return
    print(line(row["name"], row), flush=True)
    for other in row["beside"]:
        print(line(f"  {other['peer']} ({other['scans']})", other["theirs"]))
        if other["scans"] != row["scans"]:
            print(line("    ours, same scans", other["ours"]))


def brief(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the peers' figures, which peers.json and tracking_known.json hold."""
    others = [{k: v for k, v in other.items() if k not in ("ours", "theirs")} for other in row.get("beside", [])]
    return {**row, "beside": others}


def main() -> None:
    """Measure, print the table or the JSON, keep the result of the built-in suite."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, help="folder of NAME.npz with NAME.json; without it the suite is made")
    p.add_argument("--json", action="store_true", help="print JSON only")
    p.add_argument("--scans", type=int, help="only the first scans of each")
    p.add_argument("--only", action="append", default=[], metavar="NAME", help="only this scenario; may be given again")
    a = p.parse_args()
    warm()
    rows, others = [], peers()
    if not a.json:
        print(head())
    for path in scenarios_of(a.data, a.only):
        data, meta = scenario.load(path)
        row, got = measure(path.stem, data, meta, a.scans)
        rows.append(row)
        if got is not None:
            row["beside"] = beside(row, others.get(path.stem, []), data, meta, got.out)
        if not a.json:
            show(row)
    if not a.json:
        for v in verdicts(rows):
            print(f"{'met    ' if v['met'] else 'NOT MET'} {v['aim']:42s} aim {v['limit']:.3f}  worst {v['worst']:.4f} ({v['where']})")
    if a.data is None and not a.scans and not a.only:
        keep("tracking", rounded({"aims": verdicts(rows), "scenarios": [brief(r) for r in rows]}))
    if a.json:
        print(json.dumps({"scenarios": [brief(r) for r in rows]}))


if __name__ == "__main__":
    main()
