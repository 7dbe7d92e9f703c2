"""Flood one feed with garbage beside a healthy one, on the loopback, and print what was lost.

Run ``python -m scripts.flood``: a million garbage datagrams in a minute, and one radar's plots on a feed of their own, to
a `tenere run` of its own. Exit status 1 where the healthy feed lost anything.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tenere.batch import Plots
from tenere.feeds.exercise_feed import encode_radar

SLOT_S = 0.01
KINDS = 4096


def free_port() -> int:
    """Return a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def garbage(count: int) -> list[bytes]:
    """Return datagrams of 1 to 400 bytes: half pure noise, half that begin like an ASTERIX block."""
    rng = np.random.Generator(np.random.PCG64(1))
    out = []
    for k in range(count):
        body = rng.bytes(int(rng.integers(1, 400)))
        out.append(body if k % 2 else bytes((48, (len(body) + 3) >> 8, (len(body) + 3) & 0xFF)) + body)
    return out


def flood(port: int, count: int, seconds: float) -> None:
    """Send count garbage datagrams, evenly over some seconds."""
    kinds = garbage(KINDS)
    begun = time.monotonic()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        while sent < count:
            due = min(count, int(count * (time.monotonic() - begun) / seconds) + 1)
            for k in range(sent, due):
                s.sendto(kinds[k % KINDS], ("127.0.0.1", port))
            sent = due
            time.sleep(SLOT_S)


def radar(port: int, rate_hz: float, seconds: float) -> int:
    """Send one radar's plots, a datagram each, and return how many."""
    begun = time.monotonic()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        while (flown := time.monotonic() - begun) < seconds:
            aircraft = sent % 20
            plots = Plots.blank(
                1,
                time_s=time.time(),  # noqa: TID251 - it is a radar of now
                sac_sic=(1 << 8) + 2,
                kind=4,
                range_m=50_000.0 + 200.0 * flown,
                azimuth_rad=0.3 * aircraft,
                pressure_altitude_m=9000.0,
                address=0x340000 + aircraft,
                mode_a=0o1000,
            )
            s.sendto(encode_radar(plots, np.zeros(1, np.int64))[0], ("127.0.0.1", port))
            sent += 1
            time.sleep(max(0.0, begun + sent / rate_hz - time.monotonic()))
    return sent


def run(count: int, seconds: float, rate_hz: float, folder: Path) -> tuple[int, dict[str, Any], dict[str, Any], float]:
    """Flood a running picture; return what the radar sent, how both sources did, and the processor time used."""
    evil, good = free_port(), free_port()
    site = folder / "site.toml"
    site.write_text(
        f'[[source]]\nid = "evil"\nudp = "127.0.0.1:{evil}"\n[[source]]\nid = "good"\nudp = "127.0.0.1:{good}"\n'
        '[[sensor]]\nid = "R"\nsource = "good"\nsac = 1\nsic = 2\nlat_deg = 13.5\nlon_deg = 2.1\nperiod_s = 4.0\n',
        encoding="utf-8",
    )
    program = subprocess.Popen(
        [sys.executable, "-m", "tenere", "run", str(site), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    while "Tenere is on" not in program.stderr.readline():
        if program.poll() is not None:
            raise SystemExit("the picture did not start")
    time.sleep(2.0)  # its kernels are loaded with the first tick
    storm = multiprocessing.get_context("spawn").Process(target=flood, args=(evil, count, seconds))
    storm.start()
    sent = radar(good, rate_hz, seconds)
    storm.join()
    time.sleep(3.0)
    program.terminate()
    out, said = program.communicate(timeout=60)
    sys.stderr.write(said)
    sources = {s["id"]: s for s in json.loads(out)["sources"]}
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return sent, sources["evil"], sources["good"], usage.ru_utime + usage.ru_stime


def main() -> int:
    """Print what was sent, received, refused and lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="garbage datagrams")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=100.0, help="good datagrams a second")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sent, evil, good, cpu_s = run(args.count, args.seconds, args.rate, Path(folder))
    print(f"garbage feed: {args.count:,} sent in {args.seconds:g} s; {evil['units']:,} received, {evil['dropped']:,} dropped and counted")
    print(f"  refused: {sum(evil['rejects'].values()):,} in {len(evil['rejects'])} reasons; records: {evil['records']:,}")
    print(f"healthy feed: {sent:,} sent; {good['units']:,} received, {good['records']:,} records, {good['dropped']:,} dropped")
    print(f"  refused: {sum(good['rejects'].values()):,}; median delay {good['clock_off_s']} s")
    print(f"processor time, senders and all: {cpu_s:.0f} s of {os.cpu_count()} cores")
    lost = sent - good["records"]
    print("nothing of the healthy feed was lost" if not lost else f"LOST: {lost} of the healthy feed")
    return 0 if not lost else 1


if __name__ == "__main__":
    sys.exit(main())
