"""How well a radar's aircraft keep their tracks, the Mode A codes of its plots being the reference.

    python -m scripts.measure_radar ../shared/data/asterix/ar_UIS.pcap [--without mode_a,height] [--json]

A segment is the plots of one code without a gap over 60 s, three plots or more. It is broken when more than one track used its plots.
What is withheld by --without the tracker never sees; the count of codes here still does. Without --without, three runs are made: all
used, Mode A withheld, and Mode A and height withheld.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts import surface_runs as runs
from tenere import track
from tenere.batch import NOT_LIVE, Status, SystemTracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots

GAP_S = 60.0
LEAST = 3
FEATURES = ("address", "mode_a", "track_number", "height")
USUAL = ("", "mode_a", "mode_a,height")


def tracked(plots: Plots, without: str) -> tuple[NDArray[np.int64], list[NDArray[np.int64]], list[NDArray[np.float64]]]:
    """Run the tracker; return the track of each plot, and the numbers and predicted places shown at each tick."""
    left = tuple(f for f in FEATURES if f not in without.split(","))
    state = track.init(track.TrackConfig(features=left))
    tick = np.floor(np.maximum.accumulate(plots.time_s)).astype(np.int64)
    used, shown, where = [], [], []
    for second in range(int(tick[0]), int(tick[-1]) + 1):
        a, b = np.searchsorted(tick, [second, second + 1])
        heard = track.Heard("radar", plots.take(slice(a, b)), SystemTracks.blank(), Status.blank())
        state, out = track.step(state, [heard], second + 1.0, 1.0)
        used.append(out.plot_tracks)
        shown.append(out.tracks.number.astype(np.int64))
        where.append(np.column_stack([np.full(len(out.tracks), second + 1.0), out.tracks.x_m, out.tracks.y_m]))
    return np.concatenate(used), shown, where


def measure(plots: Plots, without: str) -> dict[str, Any]:
    """Run and count."""
    used, shown, _ = tracked(plots, without)
    keep = (plots.mode_a >= 0) & ((plots.flags & int(NOT_LIVE)) == 0)
    order = np.lexsort((plots.time_s, plots.mode_a))
    order = order[keep[order]]
    code, time_s, mine = plots.mode_a[order].astype(np.int64), plots.time_s[order], used[order]
    segment = np.cumsum(np.append(True, (np.diff(code) != 0) | (np.diff(time_s) > GAP_S))) - 1
    long = np.bincount(segment) >= LEAST
    whole = long[segment]
    length = [float(np.ptp(time_s[segment == s])) for s in np.flatnonzero(long)]
    held = whole & (mine > 0)
    pairs = np.unique(np.column_stack([segment[held], mine[held]]), axis=0)
    per_code = np.unique(np.column_stack([code[held], mine[held]]), axis=0)
    times = np.unique(np.concatenate(shown), return_counts=True)[1]
    first = [int(np.argmax(mine[segment == s] > 0)) for s in np.flatnonzero(long)]
    return {
        "without": without or "nothing",
        "codes": len(np.unique(code[whole])),
        "segments": int(long.sum()),
        "segments_mean_s": round(float(np.mean(length)), 1),
        "segments_broken": int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum()),
        "tracks": len(times),
        "tracks_a_segment": round(len(pairs) / max(int(long.sum()), 1), 3),
        "tracks_a_code": round(len(per_code) / len(np.unique(code[whole])), 3),
        "tracks_with_two_codes": int((np.unique(per_code[:, 1], return_counts=True)[1] > 1).sum()),
        "tracks_mean_s": round(float(times.mean()), 1),
        "plots_used": round(float(held.sum() / whole.sum()), 4),
        "plots_before_the_first_used": round(float(np.mean(first)), 2),
    }


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recording", type=Path)
    p.add_argument("--without", help="features withheld, such as mode_a or mode_a,height")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    plots = runs.read(args.recording, "radar")
    found = [measure(plots, w) for w in (USUAL if args.without is None else (args.without,))]
    if args.json:
        print(json.dumps(found, indent=2))
        return
    for f in found:
        print("  ".join(f"{k} {v}" for k, v in f.items()))


if __name__ == "__main__":
    main()
