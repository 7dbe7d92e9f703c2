"""Mode S and ADS-B: messages a second to tables and to plots, bytes a second out of Beast, memory a value; beside rs1090.

    python -m bench.wire_mode_s [--messages 300000] [--json]

The sky is made by tenere.wire.mode_s.encode: 1,000 aircraft, half of the messages positions, the rest velocities, names,
status, and Comm-B where a figure says so. rs1090 decodes the first of the very same frames in the same run, by its own
list interface, positions and all. All figures are of one core; the best of three runs, the first being to warm up.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.machine import keep
from tenere.tick import Chunk
from tenere.wire import beast
from tenere.wire.format import SourceHint
from tenere.wire.mode_s import encode
from tenere.wire.mode_s import encode_registers as registers
from tenere.wire.mode_s.details import details
from tenere.wire.mode_s.source import Frames, Source, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.wire.detail import Detail

AIRCRAFT = 1000
RATE_HZ = 2.0  # messages a second of one aircraft
PEER_MESSAGES = 20_000
RUNS = 4


def sky(n: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return n DF17 frames (n, 14) of AIRCRAFT aircraft in turn, and the time of each."""
    k = np.arange(n)
    turn, plane = k // AIRCRAFT, k % AIRCRAFT
    times_s = k / (AIRCRAFT * RATE_HZ)
    address = 0x400000 + plane * 37
    random = np.random.Generator(np.random.PCG64(17))
    lat = 45.0 + 5.0 * random.random(AIRCRAFT)[plane] + 0.0002 * times_s
    lon = 2.0 + 5.0 * random.random(AIRCRAFT)[plane] + 0.0001 * times_s
    frames = encode.airborne_position(address, lat, lon, 30_000 + 25 * (plane % 200), turn // 2 % 2)
    for share, made in (
        (turn % 4 == 1, lambda a: encode.velocity(a, 300 + a % 50, 200, 640, 2, difference_ft=450)),
        (turn % 16 == 7, lambda a: encode.identification(a, b"UNO12H", 0xA3)),
        (turn % 16 == 3, lambda a: encode.operational_status(a, 9, 3, 0, capability_class=0x0830)),
        (turn % 16 == 11, lambda a: encode.target_state(a, 32_000, 1013.6, 90.0, modes=0b11001)),
        (turn % 32 == 15, lambda a: encode.emergency_status(a, 0, 0o1234)),
    ):
        frames[share] = made(address[share])
    return frames, times_s


def replies(n: int) -> NDArray[np.uint8]:
    """Return n DF20 replies of one aircraft that flies straight: registers 4,0 5,0 and 6,0 in turn."""
    bodies = [
        registers.selected_intention(32_000, np.nan, 1013.2),
        registers.track_and_turn(1.0, 56.0, 370, 0.0625, 380),
        registers.heading_and_speed(58.0, 240, 0.64, 640, 608),
    ]
    return encode.comm_b_altitude(0x400000, 30_000, np.array([int(b) for b in bodies])[np.arange(n) % 3])


def of(frames: NDArray[np.uint8], times_s: NDArray[np.float64]) -> Frames:
    """Return frames as a source hands them on."""
    n = len(frames)
    return Frames(frames, np.full(n, 14), times_s, np.arange(n) * 23)


def best_s(function: Callable[[], Any]) -> float:
    """Return the least CPU seconds of some runs."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken[1:])


def values_of(tables: dict[str, Detail]) -> int:
    """Count the values that tables hold: absent ones are none."""
    total = 0
    for table in tables.values():
        for c in table.columns:
            there = np.ones(len(c), np.bool_) if c.present is None else c.present
            total += int(np.count_nonzero(there & ~np.isnan(c.values) if c.values.dtype.kind == "f" else there))
    return total


def peak_bytes(function: Callable[[], Any]) -> int:
    """Return the peak of memory that a call takes, its result included."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def peer(frames: NDArray[np.uint8], times_s: NDArray[np.float64]) -> dict[str, Any]:
    """Return what rs1090 takes for the same messages by its list interface; empty where it is not installed."""
    try:
        import rs1090  # noqa: PLC0415 - a peer, in the tests' dependencies only
    except ImportError:
        return {}
    texts, times = [f.tobytes().hex() for f in frames], times_s.tolist()
    said = rs1090.decode(texts, times)
    seconds = best_s(lambda: rs1090.decode(texts, times))
    values = sum(sum(v is not None for v in row.values()) for row in said)
    peak = peak_bytes(lambda: rs1090.decode(texts, times))
    return {
        "rs1090_messages": len(frames),
        "rs1090_messages_per_s": len(frames) / seconds,
        "rs1090_positions": sum(row.get("latitude") is not None for row in said),
        "rs1090_values_per_message": values / len(said),
        "rs1090_python_bytes_per_value": peak / values,
    }


def measure(messages: int = 300_000) -> dict[str, Any]:
    """Return the figures, each with its unit in its name."""
    frames, times_s = sky(messages)
    given = of(frames, times_s)
    tables = details(Source(), given, times_s, 0)
    stream = beast.encode(frames, (times_s * 12e6).astype(np.int64))
    answers = of(np.concatenate([frames[:1], replies(messages)]), np.arange(messages + 1) * 1e-4)
    chunk = Chunk.of("bench", [stream], 1.0)
    out: dict[str, Any] = {
        "messages": messages,
        "df17_to_columns_messages_per_s": messages / best_s(lambda: details(Source(), given, times_s, 0)),
        "df17_to_plots_messages_per_s": messages / best_s(lambda: run(Source(), given, times_s)),
        "beast_to_columns_messages_per_s": messages
        / best_s(lambda: beast.FORMAT.details(beast.FORMAT.init(SourceHint()), chunk, 1.0) if beast.FORMAT.details else None),
        "df20_to_columns_messages_per_s": messages / best_s(lambda: details(Source(), answers, answers.receive_s, 0)),
        "beast_framing_bytes_per_s": len(stream) / best_s(lambda: beast.units(stream)),
        "positions": int(np.count_nonzero(~np.isnan(next(c.values for c in tables["DF17"].columns if c.name == "lat_deg")))),
        "values_per_message": values_of(tables) / messages,
        "columns": len(tables["DF17"].columns),
        "peak_bytes_per_value": peak_bytes(lambda: details(Source(), given, times_s, 0)) / values_of(tables),
        **peer(frames[:PEER_MESSAGES], times_s[:PEER_MESSAGES]),
    }
    if "rs1090_messages_per_s" in out:
        first = of(frames[:PEER_MESSAGES], times_s[:PEER_MESSAGES])
        same_s = best_s(lambda: details(Source(), first, first.receive_s, 0))
        out["same_messages_per_s"] = PEER_MESSAGES / same_s
        out["times_rs1090"] = out["same_messages_per_s"] / out["rs1090_messages_per_s"]
    return out


def main() -> None:
    """Measure, print, and keep the result."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--messages", type=int, default=300_000)
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    figures = measure(args.messages)
    keep("wire_mode_s", figures)
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<40}{value:>16,.1f}" if isinstance(value, float) else f"{name:<40}{value:>16,}")


if __name__ == "__main__":
    main()
