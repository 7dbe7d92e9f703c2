"""Throw damaged input at every decoder, and say what came of it.

    python -m scripts.fuzz                         a million inputs, both cores (make fuzz)
    python -m scripts.fuzz --inputs 20000 --only sbs,uat
    python -m scripts.fuzz --only asterix --batch 1234      one batch again, in this process, to see it fail

An input is a datagram, or a piece of a stream: a unit of a real recording or of what our own encoders write, with bytes
flipped, set, cut, doubled, spliced, or drawn at random. Some batches decode one input, some a hundred in one chunk, some as one
stream cut anywhere. Each batch is a function of its number alone. After each: no exception but WireError, columns of equal
length, numbers that can be, every refusal counted; a batch over 20 s is a hang, and memory is watched.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import resource
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from bench.machine import keep

from scripts.fuzz_seeds import seeds_of
from tenere.batch import Plots, Status, SystemTracks
from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire import format as formats
from tenere.wire import recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from tenere.wire.decoded import Decoded

INPUTS = 1_000_000
HANG_S = 20.0
START_S = 300.0
"""Longest time a process may take to begin: it imports, and may have kernels to compile."""
LONGEST = 2000
FILES = "whole files"
"""Not a format: mutated files through the finding of framing and format."""

INTERESTING = np.array([0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0x0A, 0x22, 0x1A, 0x7E, 0x7D, 0x30, 0x3C, 0x2D], np.uint8)

TIMES = np.array([0, 1, 1, 1, 1, 2, 3, 5])
HOW = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8])
"""Damage to one input: how often, and of which kind; single bytes most of all, for coarser damage is refused at the door."""


def mutated(seed: bytes, other: bytes, random: np.random.Generator) -> bytes:
    """Return a damaged copy of a seed, (at most LONGEST bytes)."""
    data = bytearray(seed[:LONGEST])
    for _ in range(int(random.choice(TIMES))):
        how, size = int(random.choice(HOW)), len(data)
        at = int(random.integers(0, size)) if size else 0
        if how == 0 and size:
            data[at] ^= 1 << int(random.integers(0, 8))
        elif how == 1 and size:
            data[at] = int(random.integers(0, 256))
        elif how == 2 and size:
            data[at] = int(random.choice(INTERESTING))
        elif how == 3:
            del data[at : at + int(random.integers(1, 40))]
        elif how == 4:
            data[at:at] = random.bytes(int(random.integers(1, 20)))
        elif how == 5:
            data[at:at] = data[at : at + int(random.integers(1, 60))]
        elif how == 6:
            data = bytearray(data[:at])
        elif how == 7 and other:
            cut = int(random.integers(0, len(other)))
            data[at:] = other[cut : cut + LONGEST]
        elif how == 8:
            data = bytearray(random.bytes(int(random.integers(0, 200))))
    return bytes(data[:LONGEST])


@dataclass
class Tally:
    """What one decoder was given and what came of it."""

    inputs: int = 0
    bytes: int = 0
    records: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest_us_per_byte: float = 0.0
    slowest_batch_s: float = 0.0
    seconds: float = 0.0
    peak_mb: float = 0.0

    def add(self, other: dict[str, Any]) -> None:
        """Add another tally, as its dictionary (not dataclasses.asdict, which makes nonsense of a Counter)."""
        for name in ("inputs", "bytes", "records", "seconds"):
            setattr(self, name, getattr(self, name) + other[name])
        for name in ("raised", "refused"):
            getattr(self, name).update(other[name])
        for name in ("slowest_us_per_byte", "slowest_batch_s", "peak_mb"):
            setattr(self, name, max(getattr(self, name), other[name]))
        self.broken += other["broken"]


def sound(decoded: Decoded, size: int, base: int) -> None:
    """Raise AssertionError where what a decoder gave cannot be."""
    for batch, kind in ((decoded.plots, Plots), (decoded.system, SystemTracks), (decoded.status, Status)):
        assert isinstance(batch, kind)
        lengths = {len(getattr(batch, name)) for name, *_ in batch.columns()}
        assert len(lengths) == 1, f"columns of {lengths} rows"
        for name, limit in (("lat_rad", np.pi / 2), ("lon_rad", np.pi)):
            values = getattr(batch, name)
            assert not np.any(np.abs(values) > limit + 1e-9), f"{name} out of range"
    assert np.all(np.isfinite(decoded.plots.time_s)), "a plot without a time"
    assert np.all((decoded.plots.reference >= 0) & (decoded.plots.reference <= size)), "a reference outside the chunk"
    assert all(n > 0 for n in decoded.rejects.counts.values())
    assert all(0 <= at <= base + size for at in decoded.rejects.first_offset.values()), "a refusal outside the chunk"
    assert len(decoded.plots) <= size, "more plots than bytes"


def pieces(inputs: list[bytes], random: np.random.Generator) -> list[bytes]:
    """Return a batch's units: its inputs, or all of them as one stream cut anywhere."""
    if random.integers(0, 3):
        return inputs
    whole = b"".join(inputs)
    cuts = np.sort(random.integers(0, len(whole) + 1, len(inputs) - 1)).tolist()
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


def batch(name: str, number: int, seeds: list[bytes], options: dict[str, Any], tally: Tally) -> None:
    """Run one batch."""
    random = np.random.default_rng([number, *name.encode()])  # noqa: TID251 - the number is the seed
    many = int(random.choice([1, 20, 100])) if name != FILES else 1
    picks = random.integers(0, len(seeds), (many, 2)).tolist()
    inputs = [mutated(seeds[a], seeds[b], random) for a, b in picks]
    tally.inputs += many
    if name == FILES:
        size = len(inputs[0])
        tally.bytes += size
        found = recording.read(inputs[0])
        name, units = found.format, [found.chunk.data]
        assert len(found.chunk.data) <= max(len(inputs[0]), 1) * 1100
    else:
        units = pieces(inputs, random)
        size = sum(map(len, units))
        tally.bytes += size
    chosen = formats.load(name)
    state, own = (chosen.init(formats.SourceHint(options=options)) for _ in range(2))
    half = len(units) // 2 or 1
    base = 0
    for part in (units[:half], units[half:]):
        if not part:
            continue
        chunk = Chunk.of("fuzz", part, 1.9e9, base)
        state, decoded = chosen.step(state, chunk, 1.9e9)
        sound(decoded, len(chunk.data), base)
        tally.records += decoded.records.total()
        tally.refused.update(decoded.rejects.counts)
        if chosen.details is not None:
            own, details = chosen.details(own, chunk, 1.9e9)
            for kind, detail in details.items():
                lengths = {len(c) for c in detail.columns}
                assert len(lengths) == 1, f"{kind}: columns of {lengths} rows"
        base += len(chunk.data)
    chosen.likeness(units[0])
    ends, times, _ = chosen.split(units[0])
    assert len(ends) == len(times)
    assert not len(ends) or (ends[-1] <= len(units[0]) and np.all(np.diff(ends) >= 0))


Seeds = tuple[list[bytes], dict[str, Any]]


def run_batches(name: str, first: int, last: int, talk: Connection | None = None, given: Seeds | None = None) -> Tally:
    """Run batches first..last of one decoder; tell each one's number as it begins. given: its seeds, where they are at hand."""
    seeds, options = given or seeds_of(name)
    tally = Tally()
    begun = time.perf_counter()
    for number in range(first, last):
        if talk is not None:
            talk.send(number)
        before, size = time.perf_counter(), tally.bytes
        try:
            batch(name, number, seeds, options, tally)
        except WireError as error:
            tally.raised[error.reason.partition(":")[0]] += 1
        except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            tally.broken.append(f"batch {number}: {type(error).__name__}: {error} ({where.name}, line {where.lineno})")
        spent = time.perf_counter() - before
        tally.slowest_batch_s = max(tally.slowest_batch_s, spent)
        if tally.bytes - size >= 1000:
            tally.slowest_us_per_byte = max(tally.slowest_us_per_byte, 1e6 * spent / (tally.bytes - size))
    tally.seconds = time.perf_counter() - begun
    tally.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return tally


def _work(name: str, first: int, last: int, talk: Connection, given: Seeds) -> None:
    talk.send(vars(run_batches(name, first, last, talk, given)))


def guarded(name: str, first: int, last: int) -> Tally:
    """Run batches in a process of their own: a crash or a hang there is told here, and the rest goes on."""
    total = Tally()
    context = multiprocessing.get_context("spawn")
    given = seeds_of(name)
    at = first
    while at < last:
        here, there = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(name, at, last, there, given))
        worker.start()
        there.close()
        doing, fate, patience_s = at, "", START_S
        while True:
            try:
                if not here.poll(patience_s):
                    fate = f"batch {doing}: hangs for over {HANG_S:.0f} s"
                    break
                said = here.recv()
            except EOFError:
                fate = f"batch {doing}: the process died"
                break
            if isinstance(said, dict):
                total.add(said)
                break
            doing, patience_s = said, HANG_S
        worker.kill()
        worker.join()
        if not fate:
            return total
        total.broken.append(fate)
        at = doing + 1
    return total


SHARE = 3000
"""Batches a piece of work holds."""


def work(names: list[str], inputs: int) -> Iterator[tuple[str, int, int]]:
    """Yield pieces of work that add up to about so many inputs; a batch holds 40 on average, whole files one."""
    weights = {n: 0.03 if n == FILES else 1.0 for n in names}
    for name in names:
        share = inputs * weights[name] / sum(weights.values())
        batches = math.ceil(1.02 * (share if name == FILES else share / 40.3))
        for first in range(0, batches, SHARE):
            yield name, first, min(first + SHARE, batches)


def _piece(job: tuple[str, int, int]) -> tuple[str, Tally]:
    return job[0], guarded(*job)


def fuzz(names: list[str], inputs: int, *, quiet: bool = False) -> dict[str, Tally]:
    """Fuzz decoders with so many inputs in all, on two threads that each keep a process."""
    from concurrent.futures import ThreadPoolExecutor, as_completed  # noqa: PLC0415 - only here

    for name in names:  # here, before there are threads: the seeds are kept, and msgspec crashes where two threads first meet a type
        seeds_of(name)
    totals: dict[str, Tally] = {name: Tally() for name in names}
    jobs = list(work(names, inputs))
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        for k, done in enumerate(as_completed([pool.submit(_piece, job) for job in jobs])):
            name, tally = done.result()
            totals[name].add(vars(tally))
            if not quiet:
                tried = sum(t.inputs for t in totals.values())
                print(f"  {k + 1} of {len(jobs)}: {tried:,} inputs, {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    return totals


def report(totals: dict[str, Tally], seconds: float) -> dict[str, Any]:
    """Return the report as a document."""
    return {
        "inputs": sum(t.inputs for t in totals.values()),
        "bytes": sum(t.bytes for t in totals.values()),
        "escaped": sum(len(t.broken) for t in totals.values()),
        "seconds": round(seconds, 1),
        "decoders": {
            name: {
                "inputs": t.inputs,
                "bytes": t.bytes,
                "records": t.records,
                "raised": dict(t.raised.most_common()),
                "refusals": t.refused.total(),
                "kinds_of_refusal": len(t.refused),
                "commonest_refusals": dict(t.refused.most_common(5)),
                "escaped": t.broken[:20],
                "slowest_batch_s": round(t.slowest_batch_s, 3),
                "slowest_us_per_byte": round(t.slowest_us_per_byte, 2),
                "peak_mb": round(t.peak_mb),
                "seconds": round(t.seconds, 1),
            }
            for name, t in totals.items()
        },
    }


def main(argv: list[str] | None = None) -> int:
    """Fuzz, print, keep. Return 1 where anything escaped."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--inputs", type=int, default=INPUTS)
    p.add_argument("--only", default="", help="names of formats apart by commas")
    p.add_argument("--batch", type=int, default=-1, help="run this batch of each, here, and let what escapes escape")
    p.add_argument("--json", action="store_true")
    p.add_argument("--no-keep", action="store_true", help="do not write bench/results/fuzz.json")
    args = p.parse_args(argv)
    names = args.only.split(",") if args.only else [*formats.names(), FILES]
    if args.batch >= 0:
        for name in names:
            seeds, options = seeds_of(name)
            tally = Tally()
            batch(name, args.batch, seeds, options, tally)
            print(f"{name}: {tally.inputs} inputs, {tally.records} records")
        return 0
    begun = time.perf_counter()
    made = report(fuzz(names, args.inputs), time.perf_counter() - begun)
    if not args.no_keep:
        keep("fuzz", made)
    if args.json:
        print(json.dumps(made, indent=2))
    else:
        heads = ("inputs", "records", "refusals", "kinds", "raised", "escaped", "us/byte", "MB")
        print(f"{'decoder':16}" + "".join(f"{h:>10}" for h in heads))
        for name, d in made["decoders"].items():
            figures = (d["inputs"], d["records"], d["refusals"], d["kinds_of_refusal"], sum(d["raised"].values()), len(d["escaped"]))
            print(f"{name:16}" + "".join(f"{f:>10,}" for f in (*figures, d["slowest_us_per_byte"], d["peak_mb"])))
        for name, d in made["decoders"].items():
            for line in d["escaped"]:
                print(f"ESCAPED {name}: {line}")
        print(f"{made['inputs']:,} inputs, {made['bytes']:,} bytes, {made['escaped']} escaped, {made['seconds']} s")
    return 1 if made["escaped"] else 0


if __name__ == "__main__":
    sys.exit(main())
