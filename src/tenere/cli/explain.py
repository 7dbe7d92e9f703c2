"""tenere explain: why a track was what it was, from the tables of a replay or from a recording replayed to that time."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenere.batch import AlertState, Identity, Integrity, Severity, TrackFlag
from tenere.cli.output import Progress, print_json
from tenere.errors import TenereError, UsageError
from tenere.words import explain
from tenere.words.paragraph import AlertTold, Piece, Told, paragraph

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tenere.pipeline import Output

DAY_S = 86_400.0
FILES = ("tracks.parquet", "identities.parquet", "alerts.parquet", "evidence.parquet")


class Asked(NamedTuple):
    """What is asked for: a name of a track, and a time: Unix seconds, seconds of the day, or NaN for the last."""

    name: str
    time_s: float
    of_day: bool

    def moment(self, last_s: float) -> float:
        """Return the time in the clock of a source whose last time is last_s."""
        if math.isnan(self.time_s):
            return last_s
        if not self.of_day:
            return self.time_s
        found = math.floor(last_s / DAY_S) * DAY_S + self.time_s
        return found if found <= last_s else found - DAY_S


def read(what: str) -> Asked:
    """Understand TRACK[@TIME]; raise UsageError saying what may be said."""
    name, _, when = what.partition("@")
    if not name:
        raise UsageError(f"explain: {what!r} names no track; say 1187@10:42:10")
    if not when:
        return Asked(name, math.nan, of_day=False)
    if found := re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?", when):
        hour, minute, second = int(found[1]), int(found[2]), float(found[3] or 0.0)
        if hour < 24 and minute < 60 and second < 60:
            return Asked(name, hour * 3600.0 + minute * 60.0 + second, of_day=True)
    elif re.fullmatch(r"\d+(\.\d+)?", when):
        return Asked(name, float(when), of_day=False)
    else:
        try:
            moment = datetime.fromisoformat(when)
        except ValueError:
            moment = None
        if moment is not None:
            return Asked(name, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp(), of_day=False)
    raise UsageError(f"explain: {when!r} is no time; say 10:42:10, 2026-11-22T10:42:10 or Unix seconds")


def run(args: argparse.Namespace) -> int:
    """Tell it."""
    asked = read(args.what)
    folders = [p for p in args.source if p.is_dir()]
    if folders and len(args.source) > 1:
        raise UsageError(f"explain: {folders[0]} is a folder of tables; name it alone")
    told, more = from_tables(folders[0], asked) if folders else from_recordings(args, asked)
    words = paragraph(told, args.lang)
    if args.json:
        print_json({**more, **plain(told, args.lang), "paragraph": words})
    else:
        print(words)
    return 0


def plain(told: Told, lang: str) -> dict[str, Any]:
    """Return what is told as plain data."""

    def pieces(held: tuple[Piece, ...]) -> list[dict[str, Any]]:
        return [{"rule": p.rule.decode(), "text": explain(p.rule, p.detail, lang), "weight": round(p.weight, 3)} for p in held]

    return {
        "track": told.number,
        "name": told.name or None,
        "time": told.time_s,
        "identity": told.identity,
        "confidence": round(told.confidence, 4),
        "protected": told.protected,
        "civil": told.civil,
        "evidence": pieces(told.evidence),
        "alerts": [
            {
                "rule": a.rule.decode(),
                "text": explain(a.rule, a.detail, lang),
                "severity": a.severity,
                "state": a.state,
                "since": a.since_s,
                "by": a.by or None,
                "evidence": pieces(a.because),
            }
            for a in told.alerts
        ],
    }


def from_tables(folder: Path, asked: Asked) -> tuple[Told, dict[str, Any]]:
    """Tell it from the tables that a replay wrote. Raises TenereError where they do not hold it."""
    for file in FILES:
        if not (folder / file).is_file():
            raise TenereError(f"{folder}: holds no {file}; tenere replay RECORDING --out {folder} writes it")
    try:
        return _from_tables(folder, asked)
    except (pa.ArrowException, KeyError, OSError) as e:
        raise TenereError(f"{folder}: its tables cannot be read: {e}; tenere replay writes them anew") from e


def _from_tables(folder: Path, asked: Asked) -> tuple[Told, dict[str, Any]]:
    wanted = ["number", "time_s", "callsign", "address", "remote_id"]
    tracks = pq.read_table(folder / FILES[0], columns=wanted)
    if not len(tracks):
        raise TenereError(f"{folder}: holds no track")
    last_s = float(pc.max(tracks["time_s"]).as_py())
    tracks = tracks.filter(_called(tracks, asked.name))
    if not len(tracks):
        raise TenereError(f"{folder}: no track is called {asked.name}")
    time_s = asked.moment(last_s)
    before = tracks.filter(pc.less_equal(tracks["time_s"], time_s + 1.0))
    if not len(before):
        raise TenereError(f"{folder}: {asked.name} is first there at {float(pc.min(tracks['time_s']).as_py()):.1f} s")
    last = before.slice(int(np.argmax(before["time_s"].to_numpy())), 1).to_pylist()[0]
    number = int(last["number"])
    rows = pq.read_table(folder / FILES[1], filters=[("number", "=", number), ("tick_s", "<=", time_s)])
    if not len(rows):
        raise TenereError(f"{folder}: no identity of track {number} is held at that time")
    identity = max(rows.to_pylist(), key=lambda r: r["basis"])
    raised = pq.read_table(folder / FILES[2], filters=[("tick_s", "<=", time_s)]).to_pylist()
    latest: dict[int, dict[str, Any]] = {}
    for row in sorted(raised, key=lambda r: r["basis"]):
        if number in (row["track"], row["other"]):
            latest[row["alert"]] = row
    standing = [r for _, r in sorted(latest.items()) if r["state"] != AlertState.CLEARED]
    bases = [identity["basis"], *(r["basis"] for r in standing)]
    pieces: dict[int, list[Piece]] = {b: [] for b in bases}
    for row in pq.read_table(folder / FILES[3], filters=[("basis", "in", bases)]).to_pylist():
        pieces[row["basis"]].append(Piece(row["rule"].encode(), row["detail"].encode(), row["weight"]))
    alerts = tuple(
        AlertTold(
            r["rule"].encode(), r["detail"].encode(), Severity(r["severity"]).name.lower(), AlertState(r["state"]).name.lower(),
            r["since_s"], r["by"], tuple(pieces[r["basis"]]),
        )
        for r in standing
    )  # fmt: skip
    told = Told(
        number, _name(last["callsign"], last["address"], last["remote_id"]), time_s, Identity(identity["identity"]).name.lower(),
        identity["confidence"], bool(identity["protected"]), bool(identity["civil"]), tuple(pieces[identity["basis"]]), alerts,
    )  # fmt: skip
    return told, {"integrity": Integrity(identity["integrity"]).name.lower(), "basis": identity["basis"]}


def _called(tracks: pa.Table, name: str) -> pa.ChunkedArray:
    """Tell which rows a name may mean: a track number, a callsign, an address in hexadecimal, a Remote ID."""
    found = pc.or_(pc.equal(tracks["callsign"], name.upper()), pc.equal(tracks["remote_id"], name))
    if name.isascii() and name.isdigit() and int(name) < 1 << 32:
        found = pc.or_(found, pc.equal(tracks["number"], int(name)))
    if re.fullmatch(r"[0-9A-Fa-f]{6}", name):
        found = pc.or_(found, pc.equal(tracks["address"], int(name, 16)))
    return found


def _name(callsign: str, address: int, remote_id: str) -> str:
    return callsign or (f"{address:06X}" if address > 0 else "") or remote_id


def from_recordings(args: argparse.Namespace, asked: Asked) -> tuple[Told, dict[str, Any]]:
    """Tell it by replaying recordings to that time. Raises TenereError where they do not hold it."""
    from tenere.cli.replay import Material  # noqa: PLC0415 - the pipeline is slow to import, and tables need none
    from tenere.cli.world import world  # noqa: PLC0415 - the same
    from tenere.pipeline import Pipeline  # noqa: PLC0415 - the same

    args.files, args.format, args.option, args.mapping, args.without = args.source, "", [], None, ""
    material = Material(args)
    picture = Pipeline(material.config, world=world(material.config))
    state, kept, number = picture.init(), None, 0
    progress, until, first = Progress("replay", material.last_s - material.first_s), math.inf, math.nan
    for tick in material.ticks():
        if math.isnan(first):
            first = tick.time_s
            if asked.of_day:  # of the first day on which that time comes
                until = math.floor(first / DAY_S) * DAY_S + asked.time_s
                until += DAY_S * (until < first - 1.0)
            elif not math.isnan(asked.time_s):
                until = asked.time_s
        if tick.time_s > until:
            break
        state, output = picture.step(state, tick)
        if (found := _number(output, asked.name, number)) > 0:
            kept, number = output, found
        progress.at(tick.time_s - first)
    progress.end()
    if kept is None:
        raise TenereError(f"{args.source[0]}: no track called {asked.name} is there by that time")
    return told_of(kept, number), {"replayed_to": kept.time_s}


def _number(output: Output, name: str, before: int) -> int:
    """Return the number of the track that a name means in one tick's output, 0 where it is not there; the one it meant before first."""
    t = output.tracks
    if before and (t.number == before).any():
        return before
    called = t.callsign == name.upper().encode("ascii", "replace")
    called |= (t.remote_id == name.encode("ascii", "replace")) & (t.remote_id != b"")
    if name.isascii() and name.isdigit() and int(name) < 1 << 32:
        called |= t.number == int(name)
    if re.fullmatch(r"[0-9A-Fa-f]{6}", name):
        called |= t.address == int(name, 16)
    rows = np.flatnonzero(called)
    if not rows.size:
        return 0
    own = rows[(t.flags[rows] & TrackFlag.SYSTEM) == 0]
    return int(t.number[own[0] if own.size else rows[0]])


def told_of(output: Output, number: int) -> Told:
    """Return what one tick's output says of a track that it holds."""
    t, row = output.tracks, int(np.flatnonzero(output.tracks.number == number)[0])
    who, e, a, w = output.identities, output.evidence, output.alerts, output.why

    def pieces(rows: np.ndarray, of: Any) -> tuple[Piece, ...]:  # noqa: ANN401 - either batch of evidence
        return tuple(Piece(bytes(of.rule[i]), bytes(of.detail[i]), float(of.weight[i])) for i in rows.tolist())

    alive = np.flatnonzero(((a.track == number) | (a.other == number)) & (a.state != AlertState.CLEARED))
    alerts = tuple(
        AlertTold(
            bytes(a.rule[i]), bytes(a.detail[i]), Severity(int(a.severity[i])).name.lower(), AlertState(int(a.state[i])).name.lower(),
            float(a.since_s[i]), bytes(a.by[i]).decode("utf-8", "replace"), pieces(np.flatnonzero(w.alert == a.alert[i]), w),
        )
        for i in alive.tolist()
    )  # fmt: skip
    name = _name(bytes(t.callsign[row]).decode("ascii", "replace"), int(t.address[row]), bytes(t.remote_id[row]).decode("ascii", "replace"))
    return Told(
        number, name, output.time_s, Identity(int(who.identity[row])).name.lower(), float(who.confidence[row]), bool(who.protected[row]),
        bool(who.civil[row]), pieces(np.flatnonzero(e.number == number), e), alerts,
    )  # fmt: skip
