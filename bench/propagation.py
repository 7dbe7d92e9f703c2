"""The basic transmission loss of Rec. ITU-R P.528-5 held against its published tables.

    python -m bench.propagation TABLE.csv... [--json]

A table is what the Radiocommunication Bureau publishes beside the Recommendation: a first line with frequency and percentage of the
time, the two heights of each column, then a row a distance. Every cell is computed and compared; a cell without a path (both ends
one place, which the tables fill with 0) is left out and counted, as is an empty one, or one of heights that the standard excludes.
Speed is points a second of CPU time on one core, kernels warmed, everything else counted: the air's profile, the heights'
geometry, the points.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tenere.coverage.propagation import gases
from tenere.coverage.propagation.p528 import losses

Floats = npt.NDArray[np.float64]
HEAD = re.compile(r"([\d.,]+)\s*([kMG]?)Hz.*?\(\s*([\d.]+)\s*(%?)\s*\)", re.IGNORECASE)
SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}


class Published(NamedTuple):
    """One table of the Recommendation."""

    frequency_hz: float
    percent: float
    low_m: list[float]
    """Of each column."""
    high_m: list[float]
    distances_m: Floats
    loss_db: Floats
    """`(distances, columns)`; NaN where a cell is empty or no number."""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _labelled(rows: list[list[str]], name: str) -> tuple[int, list[float]]:
    """Return where the numbers of a line of heights begin, and the numbers."""
    for row in rows:
        cells = [cell.strip().lower().replace(" ", "") for cell in row]
        at = next((i for i, cell in enumerate(cells) if cell.startswith(name)), -1)
        if at >= 0:
            return at + 1, [value for value in map(_number, row[at + 1 :]) if value == value]
    raise ValueError(f"no line of {name} heights")


def read(path: Path) -> Published:
    """Return a table; ValueError says what its file lacks."""
    text = path.read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
    head = HEAD.search(",".join(rows[0])) if rows else None
    if head is None:
        raise ValueError("the first line names no frequency and percentage, such as 125MHz / Lb(0.10) dB")
    value = float(head[3])
    percent = value if head[4] or value >= 1.0 else 100.0 * value
    first, high_m = _labelled(rows[1:6], "h2")
    _, low_m = _labelled(rows[1:6], "h1")
    if len(low_m) != len(high_m):
        raise ValueError(f"{len(high_m)} columns of h2 but {len(low_m)} of h1")
    body = [row for row in rows[1:] if _number(row[0]) == _number(row[0])]
    if not body:
        raise ValueError("no row of a distance")
    cells = [[_number(row[first + j]) if first + j < len(row) else float("nan") for j in range(len(low_m))] for row in body]
    frequency_hz = float(head[1].replace(",", "")) * SCALE[head[2].lower()]
    return Published(frequency_hz, percent, low_m, high_m, 1e3 * np.array([float(row[0]) for row in body]), np.array(cells))


def measure(path: Path) -> dict[str, Any]:
    """Compute every cell of a table; return errors, counts and speed."""
    table = read(path)
    gases.profile.cache_clear()
    began = time.process_time()
    ours = np.empty_like(table.loss_db)
    outside = 0
    for j, (low_m, high_m) in enumerate(zip(table.low_m, table.high_m, strict=True)):
        try:
            ours[:, j] = losses(table.distances_m, low_m, high_m, frequency_hz=table.frequency_hz, percent=table.percent).loss_db
        except ValueError:  # heights, or a whole table, outside what the Recommendation covers
            ours[:, j] = np.nan
            outside += table.distances_m.size
    seconds = time.process_time() - began
    undefined, absent = np.isnan(ours), np.isnan(table.loss_db)
    error = np.abs(ours - table.loss_db)[~(undefined | absent)]
    return {
        "file": path.name,
        "frequency_mhz": 1e-6 * table.frequency_hz,
        "percent": table.percent,
        "points": int(error.size),
        "max_error_db": round(float(error.max()), 4) if error.size else None,
        "rms_error_db": round(float(np.sqrt(np.mean(error**2))), 4) if error.size else None,
        "over_0.1_db": int(np.count_nonzero(error > 0.1)),
        "left_out": int(np.count_nonzero(undefined | absent)),
        "left_out_without_path": int(np.count_nonzero(undefined)) - outside,
        "left_out_outside": outside,
        "left_out_empty": int(np.count_nonzero(absent & ~undefined)),
        "points_per_s": round(ours.size / max(seconds, 1e-9)),
    }


def main() -> int:
    """Print what the tables say of us; 1 when a table cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", type=Path, metavar="TABLE.csv")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    losses([0.0, 1e4, 1e6], 10.0, 1000.0, frequency_hz=1e9)  # compiles, or loads what was compiled
    results = []
    for path in args.tables:
        try:
            results.append(measure(path))
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
    if args.json:
        print(json.dumps({"tables": results}, indent=2))
        return 0
    for r in results:
        print(
            f"{r['file']:<40} {r['points']:>7} points, largest error {r['max_error_db']} dB, "
            f"{r['left_out']} left out, {r['points_per_s']:,} points/s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
