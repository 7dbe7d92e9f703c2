"""How many tracks an aircraft: replays a recording whose reports carry addresses, with and without naming them to the tracker.

    python -m scripts.measure_mlat RECORDING [--without address,mode_a,track_number] [--json]

A segment is an address's reports without a gap over 60 s. A track is whose plots it used; a segment is broken when
more than one track used its plots.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

NOT_LIVE = 7
GAP_S = 60.0


def measure(recording: str, without: str) -> dict[str, float]:
    """Replay into a scratch folder and count."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tenere", "replay", recording, "--speed", "max", "--out", folder, "--json"]
        subprocess.run([*command, *(["--without", without] if without else [])], check=True, stdout=subprocess.DEVNULL)
        table = pq.read_table(Path(folder) / "plots.parquet", columns=["time_s", "address", "flags", "track"])
    time_s, address, flags, track = (table[name].to_numpy() for name in ("time_s", "address", "flags", "track"))
    keep = (address > 0) & (flags & NOT_LIVE == 0)
    time_s, address, track = time_s[keep], address[keep], track[keep]
    order = np.lexsort((time_s, address))
    time_s, address, track = time_s[order], address[order], track[order]
    new = np.append(True, (np.diff(address) != 0) | (np.diff(time_s) > GAP_S))
    segment = np.cumsum(new) - 1
    used = track > 0
    per_segment = np.unique(np.column_stack([segment[used], track[used]]), axis=0)
    per_address = np.unique(np.column_stack([address[used], track[used]]), axis=0)
    by_track = np.unique(per_address[:, 1], return_counts=True)[1]
    return {
        "addresses": len(np.unique(address)),
        "tracks": len(np.unique(track[used])),
        "tracks_per_address": round(len(per_address) / len(np.unique(address)), 3),
        "segments": int(segment[-1]) + 1,
        "segments_broken": int((np.unique(per_segment[:, 0], return_counts=True)[1] > 1).sum()),
        "tracks_with_two_addresses": int((by_track > 1).sum()),
        "plots_used": round(float(used.mean()), 4),
    }


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recording")
    p.add_argument("--without", default="")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    figures = measure(args.recording, args.without)
    print(json.dumps(figures, indent=2) if args.json else "  ".join(f"{k} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
