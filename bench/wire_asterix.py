"""ASTERIX, every item of every record to columns: records a second of one core, and memory, beside libasterix.

    python -m bench.wire_asterix

Made-up records that hold every item of CAT048 and CAT062 (and half of them), and the recordings of ../shared/data where they are.
libasterix parses the very same blocks in the same run and is asked for every value; it is given a sample, for it is slow.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.asterix_records import blocks_of
from bench.machine import keep
from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.format import SourceHint
from tenere.wire.recording import read

if TYPE_CHECKING:
    from tenere.wire.detail import Detail

DATA = Path(__file__).parents[2] / "shared" / "data" / "asterix"
RECORDINGS = ("jade_final_frame_062_065_large_packet_30min.ff", "lebl_201002_mlat.ast", "akap_Jahorina.rply", "ar_UIS.pcap")
RECORDS = 60_000
PEER_RECORDS = 400
ROUNDS = 5


def measure() -> dict[str, Any]:
    """Return every figure."""
    peer = Peer()
    made = {
        f"CAT{category:03d}, {what}": _one([*blocks_of(category, RECORDS, share)], peer)
        for category in (48, 62)
        for what, share in (("every item", 1.0), ("half the items", 0.5))
    }
    return {"made_up": made, "recordings": {name: found for name in RECORDINGS if (found := _recording(name, peer))}}


def _recording(name: str, peer: Peer) -> dict[str, Any] | None:
    """Return the figures of one recording, None where it is absent."""
    try:
        chunk = read((DATA / name).read_bytes(), name).chunk
    except (OSError, WireError):
        return None
    blocks = find_blocks(np.frombuffer(chunk.data, np.uint8), chunk.ends)
    return _one([chunk.data[a:b] for a, b in zip(blocks.start.tolist(), blocks.end.tolist(), strict=True)], peer)


def _one(blocks: list[bytes], peer: Peer) -> dict[str, Any]:
    """Measure one set of blocks by us (details, step) and by the peer."""
    chunk = Chunk.of("bench", blocks, 0.0)
    found = _details(chunk)
    records, values = sum(len(d) for d in found.values()), sum(count(d) for d in found.values())
    del found
    detail_s = min(_timed(_details, chunk) for _ in range(ROUNDS))
    step_s = min(_timed(_step, chunk) for _ in range(ROUNDS))
    tracemalloc.start()
    kept = _details(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    start = time.process_time()
    their_records, their_values = peer.read(blocks, PEER_RECORDS)
    their_s = time.process_time() - start
    tracemalloc.start()
    peer.read(blocks, PEER_RECORDS)
    their_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    rate, their_rate = records / detail_s, their_records / their_s
    return {
        "records": records,
        "bytes_per_record": round(len(chunk.data) / records, 1),
        "values_per_record": round(values / records, 1),
        "details_records_per_cpu_s": round(rate),
        "details_values_per_cpu_s": round(values / detail_s),
        "step_records_per_cpu_s": round(records / step_s),
        "libasterix_records_per_cpu_s": round(their_rate),
        "times_libasterix": round(rate / their_rate),
        "peak_bytes_per_value": round(peak / values, 1),
        "libasterix_peak_bytes_per_value": round(their_peak / max(their_values, 1), 1),
    }


def _details(chunk: Chunk) -> dict[str, Detail]:
    return FORMAT.details(FORMAT.init(SourceHint()), chunk, 0.0)[1] if FORMAT.details is not None else {}


def _step(chunk: Chunk) -> None:
    FORMAT.step(FORMAT.init(SourceHint()), chunk, 0.0)


def _timed(function: Any, chunk: Chunk) -> float:  # noqa: ANN401 - any of the two
    start = time.process_time()
    function(chunk)
    return time.process_time() - start


def count(detail: Detail) -> int:
    """Count the values that are present, those of a list one by one."""
    total = 0
    for column in detail.columns[5:]:
        if column.offsets is not None:
            total += int(column.present.sum()) if column.octets and column.present is not None else len(column.values)
        elif column.present is not None:
            total += int(column.present.sum())
        else:
            total += int((~np.isnan(column.values)).sum())
    return total


class Peer:
    """libasterix, asked for the value of every element of every record."""

    def __init__(self) -> None:
        """Load it: two seconds."""
        from asterix import base, generated  # noqa: PLC0415 - heavy, and only the peer

        self.base = base
        self.cats = generated.manifest["CATS"]
        self.kept: list[Any] = []

    def read(self, blocks: list[bytes], most: int) -> tuple[int, int]:
        """Parse blocks until there are `most` records; keep them and their values; return how many of both there are."""
        self.kept = records = []
        values: list[Any] = []
        for block in blocks:
            uap = self.cats[block[0]][-1].cv_uap
            if not hasattr(uap, "cv_record"):
                continue
            parsed = uap.parse(self.base.Bits.from_bytes(block[3:]))
            if isinstance(parsed, ValueError):
                continue
            records += parsed
            for record in parsed:
                for item in record.items_regular.values():
                    self._value(item.arg, values)
            if len(records) >= most:
                break
        count_of = len(records)
        records.append(values)
        return count_of, len(values)

    def _value(self, thing: Any, out: list[Any]) -> None:  # noqa: ANN401 - a part of what libasterix returns
        base = self.base
        if isinstance(thing, base.RuleVariation):
            if hasattr(thing, "arg"):
                self._value(thing.arg, out)
        elif isinstance(thing, base.Element):
            rule = thing._get_rule()  # noqa: SLF001 - libasterix offers no other way
            content = rule._get_content() if isinstance(rule, base.RuleContentContextFree) else rule  # noqa: SLF001 - the same
            if isinstance(content, base.ContentQuantity):
                out.append(content._as_quantity())  # noqa: SLF001 - the same
            elif isinstance(content, base.ContentString):
                out.append(content.as_string())
            else:
                out.append(thing.as_uint())
        elif isinstance(thing, base.Extended):
            for part in thing.arg:
                for item in part:
                    if isinstance(item, base.Item):
                        self._value(item.arg.arg, out)
        elif isinstance(thing, base.Group):
            for item in thing.arg:
                if isinstance(item, base.Item):
                    self._value(item.arg.arg, out)
        elif isinstance(thing, base.Repetitive):
            for one in thing.arg:
                self._value(one, out)
        elif isinstance(thing, base.Compound):
            for item in thing.arg.values():
                self._value(item.arg, out)
        elif isinstance(thing, base.Explicit):
            out.append(thing.get_bytes())


def main() -> None:
    """Measure, print, keep."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    result = measure()
    keep("wire_asterix", result)
    if args.json:
        print(json.dumps(result, indent=2))
        return
    for name, found in [*result["made_up"].items(), *result["recordings"].items()]:
        print(
            f"{name[:46]:<46} {found['bytes_per_record']:>6.0f} B, {found['values_per_record']:>5.0f} values a record: "
            f"{found['details_records_per_cpu_s']:>10,} records/s, libasterix {found['libasterix_records_per_cpu_s']:>6,} "
            f"(x {found['times_libasterix']:,}); {found['peak_bytes_per_value']:.1f} B a value, "
            f"libasterix {found['libasterix_peak_bytes_per_value']:,.0f}; step {found['step_records_per_cpu_s']:,}"
        )


if __name__ == "__main__":
    main()
