"""Are the Mode S tables right? Every field of every recording beside rs1090 and, in a Python of its own, pyModeS.

    python -m scripts.compare_mode_s [FOLDER] [--pymodes-python PYTHON] [--json]

FOLDER holds traffic_tutorial.jsonl.gz, pymodes_*.csv and beast_sample_dump1090.bin (../shared/data/modes). pyModeS is GPL: it
runs in a virtual environment of its own, as a subprocess. A difference is known where a rule below names its reason,
and unexplained otherwise; the status is 1 where one is unexplained.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts import mode_s_peers as peers
from tenere.tick import Chunk
from tenere.wire import beast, modes_hex
from tenere.wire.format import SourceHint
from tenere.wire.mode_s import encode
from tenere.wire.mode_s import encode_registers as registers
from tenere.wire.mode_s.inference import REGISTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.mode_s_peers import Fields, Row, Rule
    from tenere.wire.detail import Detail

FILES = (
    "traffic_tutorial.jsonl.gz", "pymodes_adsb.csv", "pymodes_commb_df20.csv", "pymodes_commb_df21.csv", "beast_sample_dump1090.bin",
)  # fmt: skip
EXAMPLES = 4
NO_FRAMES = {"stratux_es_gms5002.log": "SBS lines, not frames", "stratux_uat_gms5002.log": "UAT (978 MHz), not Mode S"}


# --- our side ---


@dataclass(frozen=True)
class Ours:
    """The frames of a file in hex with their times, and our row of each (None: it is no record)."""

    frames: list[str]
    times_s: list[float]
    rows: list[Row | None]


def read(path: Path) -> Ours:
    """Decode a file to tables, and put a row beside each frame."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return decoded(data, beast_stream=path.suffix == ".bin")


def decoded(data: bytes, *, beast_stream: bool) -> Ours:
    """Decode the bytes of a file to tables, and put a row beside each frame."""
    form, finder = (beast, beast.units) if beast_stream else (modes_hex, modes_hex.lines)
    got = finder(data)
    wanted = np.isin(got.types, (0x32, 0x33)) if isinstance(got, beast.Units) else np.ones(len(got.ends), np.bool_)
    ends, times_s, _ = form.split(data)
    _, tables = form.details(form.FORMAT.init(SourceHint()), Chunk("file", data, ends, times_s), 0.0)
    by_offset = {row["offset"]: row for name, table in tables.items() for row in rows_of(name, table)}
    frames = [short(f.tobytes()).hex() for f in got.frames[wanted]]
    rows = [by_offset.get(at) for at in got.starts[wanted].tolist()]
    return Ours(frames, [r["time_s"] if r else 0.0 for r in rows], rows)


def short(frame: bytes) -> bytes:
    """Cut a short format to its seven bytes: some recordings pad them."""
    return frame[:7] if frame[0] >> 3 < 16 else frame


def rows_of(name: str, table: Detail) -> Iterator[Row]:
    """Yield the records of a table, each with the fields it has."""
    columns = []
    for c in table.columns:
        there = np.ones(len(c), np.bool_) if c.present is None else c.present
        if c.values.dtype.kind == "f":
            there = there & ~np.isnan(c.values)
        columns.append((c.name, c.values.tolist(), there.tolist()))
    for i in range(len(table)):
        yield {"table": name, **{n: values[i] for n, values, there in columns if there[i]}}


CONSTRUCTED = "messages made by hand"
ADDRESS = 0x4B1A0D


def constructed() -> Ours:
    """Return messages that no recording holds, made by our encoder: every kind at least once, and its awkward values."""
    a, none = ADDRESS, math.nan
    parts = [encode.airborne_position(a, 47.0, 8.0, 30_000, [0, 1])]
    parts += [encode.airspeed(a, [0, 90, 359.5, none], [250, 1, none, 400], [0, 64, -64, none], true=t) for t in (False, True)]
    parts += [encode.airspeed(a, 10, 1400, 0), encode.velocity(a, 1500, -1100, -6400), encode.velocity(a, none, none, none)]
    parts += [encode.velocity(a, 1, -1, 64, 3, barometric=False, difference_ft=d) for d in (-3125, -25, 0, 25, none)]
    parts += [encode.operational_status(a, n, n % 4, n % 2, version=v, capability_class=c, operational_mode=m)
              for n in (0, 9, 11) for v in (0, 1, 2) for c in (0, 0x0830, 0x20) for m in (0, 0x2000, 0x1C00)]  # fmt: skip
    parts += [encode.operational_status(a, 8, 3, 1, on_ground=True, version=v, capability_class=0x0213) for v in (1, 2)]
    parts += [encode.emergency_status(a, e, 0o7700) for e in range(8)]
    parts += [encode.target_state(a, [32, 41_024, none], [1013.6, 800.0, none], [0, 359, none], fms=f, modes=m, tcas=f, sil_supplement=1)
              for f in (False, True) for m in (-1, 0b10000, 0b01000, 0b00100, 0b00010, 0b00001)]  # fmt: skip
    seen = (0x1838, 37, 15)
    advisories = [
        registers.advisory(0x2000, 8), registers.advisory(0x3000, threat_address=0x123456), registers.advisory(0x1C00, threats=True),
        registers.advisory(0x2000, 5, ended=True), registers.advisory(0x2200, 2, threat_seen=seen), registers.advisory(0, 0),
    ]  # fmt: skip
    parts += [encode.resolution_advisory(a, m) for m in advisories]
    parts += [encode.identification(a, b"ABC 1234", c) for c in (0xA0, 0xA1, 0xA5, 0xA7, 0xB1, 0xB4, 0xC1, 0xC3)]
    parts += [encode.surface_position(a, 47.0, 8.0, [0, 0.5, 1.5, 10, 50, 80, 150, 180, none], [0, 90, 180, 270, 359, none, 1, 2, 3], 0)]
    parts += [encode.air_air_reply(a, 30_000), *(encode.coordination_reply(a, 30_000, m) for m in advisories)]
    parts += [encode.altitude_reply(a, f) for f in (-1000, 0, 25, 50_175, 50_200, 126_700)] + [encode.identity_reply(a, 0o1234)]
    bodies = [
        *advisories, registers.data_link(), registers.common_usage(0xFE_81C3), registers.identification(0x20_1493B51D6820),
        registers.selected_intention(12_000, 12_000, 1013.2, modes=5, source=2), registers.selected_intention(none, none, 1013.2),
        registers.routine_air(1, 45, 270, -44.25, 301, 25, 1), registers.hazard(-40.0, 300.0, none, (1, -1, 0, 3, 2)),
        registers.track_and_turn(10, 350, 400, 0.5, 410), registers.track_and_turn(-20, 90, 400, -1, 380),
        registers.heading_and_speed(350, 280, 0.748, 64, 32), registers.heading_and_speed(90, 280, 0.748, -640, -672),
    ]  # fmt: skip
    parts += [encode.comm_b_altitude(a, 30_000, m) for m in bodies] + [encode.comm_b_identity(a, 0o7700, m) for m in bodies]
    texts = [frame.tobytes().hex() for part in parts for frame in part]
    return decoded("".join(f"{1000 + 0.05 * i:.2f},{text}\n" for i, text in enumerate(texts)).encode(), beast_stream=False)


# --- counting ---


@dataclass
class Tally:
    """What was compared of one file with one peer, by field."""

    fields: dict[str, Counter[str]] = field(default_factory=dict)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    flights: dict[int, list[tuple[float, int, float, float]]] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def add(self, name: str, ours: Any, theirs: Any, row: Row, rules: tuple[Rule, ...], frame: str) -> None:  # noqa: ANN401 - any value
        """Compare one value; None stands for absent on either side."""
        count = self.fields.setdefault(name, Counter())
        count["compared"] += 1
        if same(ours, theirs):
            count["equal"] += 1
            return
        for reason, holds in rules:
            if holds(ours, theirs, row):
                count["known"] += 1
                self.reasons[name, reason] += 1
                return
        count["unexplained"] += 1
        if count["unexplained"] <= EXAMPLES:
            self.examples.append(f"{frame} {name}: ours {ours!r}, theirs {theirs!r}")


def same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 - any value
    """Say whether two values are one: numbers to a part in a million (some peers and columns hold single precision)."""
    if isinstance(ours, int | float) and isinstance(theirs, int | float) and not isinstance(theirs, str):
        return math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-6)
    return bool(ours == theirs)


# --- the peers ---

RS1090_DROPS = "rs1090 gives nothing"
SPLIT = "register: ours, theirs"


def ask_rs1090(ours: Ours) -> list[dict[str, Any] | None]:
    """Return what rs1090 says of each frame. It drops what it refuses, and all that follows slips: frames are matched by their text.

    Only frames whose length is right are given: on others it panics, which is no Exception.
    """
    import rs1090  # noqa: PLC0415 - an oracle, installed for tests only

    said = rs1090.decode(ours.frames, ours.times_s)
    out: list[dict[str, Any] | None] = []
    at = 0
    for frame in ours.frames:
        if at < len(said) and said[at] is not None and said[at]["frame"] == frame:
            out.append(dict(said[at]))
            at += 1
        else:
            at += at < len(said) and said[at] is None
            out.append(None)
    return out


def ask_pymodes(ours: Ours, python: str) -> list[dict[str, Any] | None]:
    """Return what pyModeS says of each frame, run by a Python that has it."""
    lines = "".join(f"{frame} {time_s!r}\n" for frame, time_s in zip(ours.frames, ours.times_s, strict=True))
    got = subprocess.run([python, "-c", peers.PYMODES_PROGRAM], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in got.stdout.splitlines()]


def fields_of(tally: Tally, prefix: str, fields: Fields, said: dict[str, Any], row: Row, frame: str) -> None:
    """Compare the fields of a map; what the peer does not give at all counts as absent."""
    for key, (ours, rules) in fields.items():
        if key in said or (prefix[0] != "D" and key not in peers.ONLY_WHERE_SAID and ours(row) is not None):
            theirs = said.get(key, False if prefix == "1,7" else None)
            tally.add(f"{prefix} {key}", ours(row), theirs, row, rules, frame)


def place_of(tally: Tally, said: dict[str, Any], row: Row, frame: str) -> None:
    """Compare a position where both give one; count where one does."""
    theirs = said.get("latitude"), said.get("longitude")
    if "lat_deg" not in row or theirs[0] is None:
        if "lat_deg" in row or theirs[0] is not None:
            who = "ours only" if "lat_deg" in row else f"theirs only (ours: place {row.get('place')})"
            tally.unmapped[f"position, {who}"] += 1
        return
    for name, value in (("latitude", theirs[0]), ("longitude", theirs[1])):
        tally.add(f"position {name}", row["lat_deg" if name == "latitude" else "lon_deg"], value, row, (), frame)


def register_of(tally: Tally, row: Row, named: dict[int, dict[str, Any]], maps: dict[int, Fields], frame: str) -> None:
    """Compare the register chosen with those the peer gives, and its fields where it is among them."""
    chosen = row["register"]
    count = tally.fields.setdefault("register", Counter())
    count["compared"] += 1
    possible = [r for k, r in enumerate(REGISTERS) if row["candidates"] >> k & 1]
    theirs = sorted(r for r in named if r in REGISTERS)
    if chosen in theirs or (not chosen and not theirs):
        count["equal"] += 1
        if chosen:
            fields_of(tally, bds(chosen), maps[chosen], named[chosen], row, frame)
        return
    reason = why(chosen, possible, theirs) or by_flight(tally, row, chosen, named)
    if reason:
        count["known"] += 1
        tally.reasons["register", reason] += 1
        return
    count["unexplained"] += 1
    if count["unexplained"] <= EXAMPLES:
        tally.examples.append(f"{frame} register: ours {bds(chosen)} of {[bds(r) for r in possible]}, theirs {[bds(r) for r in theirs]}")


def bds(register: int) -> str:
    """Write a BDS code as people do."""
    return f"{register >> 4:X},{register & 15:X}" if register else "none"


def why(chosen: int, possible: list[int], theirs: list[int]) -> str:
    """Return by which rule two choices of a register differ; empty where none explains it."""
    if not chosen and len(possible) > 1:
        return f"ours abstains: {' and '.join(bds(r) for r in possible)} both possible and nothing known tells them apart"
    if chosen and not theirs:
        return f"theirs gives none of our nine; ours {bds(chosen)} meets every rule of Doc 9871"
    if not chosen and len(possible) == 1 and possible == theirs:
        return f"ours abstains: {bds(possible[0])} alone is possible, but what it says contradicts itself (bank and turn, or speeds)"
    if not chosen and not possible:
        return f"ours rules out {' '.join(bds(r) for r in theirs)}: a value out of range, or against the altitude or the ADS-B velocity"
    return ""


NEAR_S, NEAR_KT, NEAR_DEG = 60.0, 60.0, 40.0


def flights_of(ours: Ours) -> dict[int, list[tuple[float, int, float, float]]]:
    """Return, by address, time, register, speed and direction of the replies for which it alone was possible: 5,0 or 6,0."""
    out: dict[int, list[tuple[float, int, float, float]]] = {}
    for row in ours.rows:
        if row and row.get("register") in {0x50, 0x60} and not row["candidates"] & (row["candidates"] - 1):
            out.setdefault(row["address"], []).append((row["time_s"], row["register"], *motion(row)))
    return out


def motion(said: dict[str, Any]) -> tuple[float, float]:
    """Return speed and direction of a 5,0 or 6,0, by our names, rs1090's or pyModeS's; NaN where it has none."""
    speeds = ("ground_speed_kt", "indicated_airspeed_kt", "groundspeed", "IAS", "indicated_airspeed")
    angles = ("true_track_deg", "magnetic_heading_deg", "track", "heading", "true_track", "magnetic_heading")
    pick = [next((float(said[n]) for n in names if said.get(n) is not None), math.nan) for names in (speeds, angles)]
    return pick[0], pick[1]


def by_flight(tally: Tally, row: Row, chosen: int, named: dict[int, dict[str, Any]]) -> str:
    """Say whether the aircraft's own replies of the same minute bear ours out and not theirs; empty where they do not."""
    near = [n for n in tally.flights.get(row["address"], []) if abs(n[0] - row["time_s"]) <= NEAR_S]

    def fits(register: int, said: dict[str, Any]) -> bool:
        """Say whether it has the direction of one of those, and, of one that is the same register, the speed."""
        speed, angle = motion(said)
        one_way = [n for n in near if abs((angle - n[3] + 180) % 360 - 180) <= NEAR_DEG]
        alike = [n for n in near if n[1] == register]
        return bool(one_way) and (not alike or any(abs(speed - n[2]) <= NEAR_KT for n in alike))

    if chosen and fits(chosen, row) and not any(fits(register, said) for register, said in named.items()):
        said = " ".join(bds(r) for r in named)
        return f"ours {bds(chosen)} moves as the aircraft's other replies of that minute say, theirs {said} does not"
    return ""


def of_rs1090(tally: Tally, said: dict[str, Any], row: Row, frame: str) -> None:
    """Compare one frame with rs1090."""
    tally.add("address", f"{row['address']:06x}", said.get("icao24"), row, (), frame)
    if row["table"] in {"DF17", "DF18"}:
        fields = peers.RS1090_SQUITTER.get(said.get("bds", ""))
        if fields is None:
            tally.unmapped[f"type code {row['type_code']}: rs1090 reads nothing"] += 1
            return
        fields_of(tally, said["bds"], fields, said, row, frame)
        if said["bds"] in {"05", "06"}:
            place_of(tally, said, row, frame)
        return
    fields_of(tally, row["table"], peers.RS1090_REPLY, said, row, frame)
    if row["table"] in {"DF20", "DF21"}:
        named = {int(k[3:], 16): v for k, v in said.items() if k.startswith("bds")}
        for other in named:
            if other not in REGISTERS:
                tally.unmapped[f"register {bds(other)}: not among our nine"] += 1
        register_of(tally, row, named, peers.RS1090_REGISTER, frame)


def of_pymodes(tally: Tally, said: dict[str, Any], row: Row, frame: str) -> None:
    """Compare one frame with pyModeS."""
    tally.add("address", f"{row['address']:06X}", said.get("icao"), row, (), frame)
    fields_of(tally, row["table"], peers.PYMODES[None], said, row, frame)
    register = said.get("bds")
    if row["table"] in {"DF17", "DF18"}:
        if said.get("velocity_mismatch"):
            tally.unmapped["velocity: pyModeS withholds it as one that does not fit those before"] += 1
        elif register in peers.PYMODES:
            fields_of(tally, register, peers.PYMODES[register], said, row, frame)
        if register in {"0,5", "0,6"}:
            place_of(tally, said, row, frame)
    elif row["table"] in {"DF20", "DF21"}:
        named = {int(register.replace(",", ""), 16): said} if register else {}
        register_of(tally, row, named, peers.PYMODES_REGISTER, frame)


def compare(ours: Ours, theirs: list[dict[str, Any] | None], peer: str) -> Tally:
    """Compare all frames of a file with one peer."""
    tally = Tally(flights=flights_of(ours))
    for frame, row, said in zip(ours.frames, ours.rows, theirs, strict=True):
        if row is None or said is None or "refused" in said:
            names = ["no record of ours"] * (row is None) + [f"nothing from {peer}"] * (said is None or "refused" in said)
            tally.unmapped[f"DF{int(frame[:2], 16) >> 3}: {' and '.join(names)}"] += 1
            continue
        (of_rs1090 if peer == "rs1090" else of_pymodes)(tally, said, row, frame)
    return tally


def report(path: str, peer: str, tally: Tally) -> None:
    """Print one file's table."""
    print(f"\n{path} beside {peer}")
    print(f"  {'field':<34}{'compared':>10}{'equal':>10}{'known':>8}{'unexplained':>13}")
    for name, count in sorted(tally.fields.items()):
        print(f"  {name:<34}{count['compared']:>10,}{count['equal']:>10,}{count['known']:>8,}{count['unexplained']:>13,}")
    for (name, reason), n in sorted(tally.reasons.items()):
        print(f"  known, {n:,} of {name}: {reason}")
    for name, n in sorted(tally.unmapped.items()):
        print(f"  not compared, {n:,}: {name}")
    for example in tally.examples:
        print(f"  UNEXPLAINED {example}")


def main() -> None:
    """Compare every file with every peer, print the tables, and fail where something is unexplained."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared/data/modes")
    p.add_argument("--pymodes-python", default="", help="a Python in whose environment pyModeS 3 is installed")
    p.add_argument("--json", action="store_true", help="totals only, as JSON")
    args = p.parse_args()
    totals: Counter[str] = Counter()
    for name in (CONSTRUCTED, *FILES):
        if name != CONSTRUCTED and not (args.folder / name).is_file():
            print(f"{args.folder / name}: absent, not compared")
            continue
        ours = constructed() if name == CONSTRUCTED else read(args.folder / name)
        said = {"rs1090": ask_rs1090(ours)}
        if args.pymodes_python:
            said["pyModeS"] = ask_pymodes(ours, args.pymodes_python)
        for peer, theirs in said.items():
            tally = compare(ours, theirs, peer)
            for count in tally.fields.values():
                totals.update({f"{peer} {k}": n for k, n in count.items()})
            if not args.json:
                report(name, peer, tally)
    if args.json:
        print(json.dumps(totals))
    else:
        for name, why_not in NO_FRAMES.items():
            print(f"\n{name}: {why_not}, nothing to compare")
        print("\nin all:", ", ".join(f"{k} {n:,}" for k, n in totals.items()))
    sys.exit(any(n for k, n in totals.items() if k.endswith("unexplained")))


if __name__ == "__main__":
    main()
