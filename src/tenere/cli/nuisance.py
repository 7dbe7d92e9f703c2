"""tenere nuisance: what the alerts of recordings were worth, and whether planted conflicts are alerted in time."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere.airspace.index import Heights, Index
from tenere.cli.flown import Flown, Recordings, fly
from tenere.cli.output import print_json, say, write_whole
from tenere.cli.planting import CANNOT, plant
from tenere.cli.setting import airspace
from tenere.cli.world import world
from tenere.config import check
from tenere.errors import UsageError
from tenere.feeds.files import ticks_of
from tenere.watch.config import WatchConfig
from tenere.watch.nuisance import KINDS, OUTCOMES, Outcome, Scored, Verdict, judge_conflict, judge_entry, outcome_of, seen_before
from tenere.watch.truth import in_time

if TYPE_CHECKING:
    import argparse

    from tenere.airspace.model import Volume
    from tenere.cli.planting import Planted
    from tenere.config import Config

CONFLICT = "stca"
ENTRIES = ("airspace_entered", "airspace_entered_emergency", "airspace_entered_height", "airspace_predicted")
JUDGED = (CONFLICT, *ENTRIES)
"""Rules whose alerts are held against what happened; of all others the number is told."""


def with_rules(config: Config, path: Path | None) -> Config:
    """Return the configuration with what a TOML file says of [watch] (its table, or the whole file) laid over it."""
    if path is None:
        return config
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        raise UsageError(f"--rules {path}: cannot be read: {e.strerror or e}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"--rules {path}: is no TOML: {e}") from e
    said = said.get("watch", said)
    if not isinstance(said, dict):
        raise UsageError(f"--rules {path}: watch must be a table")
    try:
        watch = msgspec.convert(_laid(msgspec.to_builtins(config.watch), said), WatchConfig)
    except msgspec.ValidationError as e:
        raise UsageError(f"--rules {path}: {e}") from e
    made = msgspec.structs.replace(config, watch=watch)
    check(made, f"--rules {path}")
    return made


def _laid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return one tree with another laid over it, table by table."""
    out = dict(below)
    for key, value in above.items():
        held = out.get(key)
        out[key] = _laid(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return out


def with_airspace(config: Config, files: list[Path]) -> Config:
    """Return the configuration with the volumes of more files; those of a file that cannot be read are named and left out."""
    if not files:
        return config
    names = tuple(str(f.resolve()) for f in files)
    wanted = msgspec.structs.replace(config.airspace, files=names, keep_going=True)
    read = airspace(msgspec.structs.replace(config, airspace=wanted), Path("--airspace"))
    return msgspec.structs.replace(config, volume=read.volume)


class Volumes:
    """The volumes of a site, asked where a flight is. The altitude is that by 1013 hPa, for floors above the sea too: truth has no QNH."""

    def __init__(self, volumes: tuple[Volume, ...]) -> None:
        """Index them."""
        self.index = Index.of(volumes)
        self.row = {v.id: i for i, v in enumerate(volumes)}

    def inside(self, volume: str, lat_rad: Any, lon_rad: Any, z_m: Any, _time_s: float) -> bool | None:  # noqa: ANN401 - numbers
        """Say whether a place is, or may be, in a volume; None where there is no such volume."""
        row = self.row.get(volume)
        if row is None:
            return None
        z = np.array([float(z_m)])
        found = self.index.inside(np.array([float(lat_rad)]), np.array([float(lon_rad)]), Heights.of(z, z, np.array([np.nan])))
        return bool((found.volume == row).any())


def score(flown: Flown, config: Config, needed_s: float, reaction_s: float) -> Scored:
    """Judge what was raised, and what became of each loss of separation that is none of a formation."""
    c = config.watch.stca
    out = Scored(hours=flown.hours)
    volumes = Volumes(config.volume)
    by_pair: dict[tuple[int, int], list[Any]] = {}
    for alert in flown.raised:
        if alert.rule == CONFLICT:
            out.verdicts.append(judge_conflict(alert, flown.truth, c.ahead_s))
            by_pair.setdefault((min(alert.who, alert.other), max(alert.who, alert.other)), []).append(alert)
        elif alert.rule in ENTRIES:
            ahead_s = c.ahead_s if alert.rule == "airspace_predicted" else 0.0
            out.verdicts.append(judge_entry(alert, flown.truth, ahead_s, volumes.inside))
    for pair, losses in sorted(flown.truth.serious.items()):
        for loss in losses:
            if not loss.formation:
                out.outcomes.append(outcome_of(loss, by_pair.get(pair, []), flown.truth, flown.ticks, needed_s, reaction_s, c.ahead_s))
    return out


def run(args: argparse.Namespace) -> int:
    """Measure; 1 when a file could not be read or nothing flew."""
    args.without = ""
    material = Recordings(args)
    material.config = with_airspace(with_rules(material.config, args.rules), args.airspace)
    known = world(material.config)
    flown = fly("nuisance", material.config, material.ticks(), (material.first_s, material.last_s), known)
    scored = score(flown, material.config, args.needed, args.reaction)
    told = tree(flown, scored, [str(f) for f in args.files])
    stopped = not flown.whole
    if args.plant and not stopped:
        stopped = _planted(args, material, flown, told, known)
    if args.out is not None:
        write_whole(args.out, msgspec.json.format(msgspec.json.encode(told)).decode() + "\n", "--out")
    if args.json:
        print_json(told)
    else:
        print("\n".join(lines(told)))
    if stopped:
        say("tenere nuisance: interrupted; what was done stands")
        return 130
    if not flown.hours:
        say("tenere nuisance: nothing flew in it; tenere decode FILE tells what it holds")
    return 1 if material.errors or not flown.hours else 0


def _planted(args: argparse.Namespace, material: Recordings, flown: Flown, told: dict[str, Any], known: Any) -> bool:  # noqa: ANN401 - a World
    """Plant conflicts, run it all again and tell how they were alerted; say whether it was interrupted."""
    if material.log is not None:
        raise UsageError("--plant: conflicts are planted in recordings, not in a tick log")
    feed, plants = plant(material.feeds, flown, material.config, args.plant, args.seed)
    if feed is None:
        say(f"tenere nuisance: {CANNOT}")
        told["planted"] = {"wanted": args.plant, "planted": 0, "why": CANNOT}
        return False
    config = material.config
    source = msgspec.structs.replace(config.source[0], id=feed.source, format="plots", options={}) if config.source else None
    config = msgspec.structs.replace(config, source=(*config.source, source) if source is not None else ())
    again = fly("planted", config, ticks_of([*material.feeds, feed], config.site.tick_s), (material.first_s, material.last_s), known)
    told["planted"] = planted_tree(plants, again, config, args)
    return not again.whole


def planted_tree(plants: list[Planted], flown: Flown, config: Config, args: argparse.Namespace) -> dict[str, Any]:
    """Return how the planted conflicts were alerted: those whose loss the truth of the second run shows."""
    c = config.watch.stca
    raised = [a for a in flown.raised if a.rule == CONFLICT]
    outcomes, failed, unseen = [], [], 0
    before = int(args.needed / config.site.tick_s)
    for p in plants:
        pair = (min(p.who, p.other), max(p.who, p.other))
        loss = in_time(flown.truth.serious, pair, p.time_s - 60.0, p.time_s + 60.0)
        if loss is None:
            continue
        if not seen_before(loss, flown.truth, flown.ticks, before):
            unseen += 1
            continue
        mine = [a for a in raised if (min(a.who, a.other), max(a.who, a.other)) == pair]
        found = outcome_of(loss, mine, flown.truth, flown.ticks, args.needed, args.reaction, c.ahead_s)
        outcomes.append(found)
        if found.outcome != "in_time":
            failed.append({"time_s": p.time_s, "who": name(p.who), "other": name(p.other), **_outcome(found)})
    counts = {k: sum(o.outcome == k for o in outcomes) for k in OUTCOMES}
    return {
        "wanted": args.plant,
        "planted": len(plants),
        "unseen": unseen,
        "lost_separation": len(outcomes),
        **counts,
        "in_time_share": counts["in_time"] / len(outcomes) if outcomes else math.nan,
        "in_advance_share": float(np.mean([o.warning_s >= args.needed for o in outcomes])) if outcomes else math.nan,
        "warning_s": quantiles(np.sort([o.warning_s for o in outcomes if math.isfinite(o.warning_s)])),
        "failed": failed,
    }


def _outcome(o: Outcome) -> dict[str, Any]:
    times = {"outcome": o.outcome, "warning_s": o.warning_s, "foreseeable_s": o.foreseeable_s}
    return {**times, "least": round(o.loss.least, 3), "loss_s": o.loss.first_s}


def name(who: int) -> str:
    """Return what an aircraft is known by: its address, or its track's number."""
    return f"{who - (1 << 40):06X}" if who >= 1 << 40 else f"#{who}"


def quantiles(values: Any) -> dict[str, float]:  # noqa: ANN401 - an array
    """Return 5, 25, 50, 75 and 95 % of sorted values; empty where there are none."""
    return {f"p{q}": round(float(np.percentile(values, q)), 1) for q in (5, 25, 50, 75, 95)} if len(values) else {}


def tree(flown: Flown, scored: Scored, names: list[str]) -> dict[str, Any]:
    """Return the JSON document."""
    hours = scored.hours
    rules: dict[str, dict[str, Any]] = {}
    for alert in flown.raised:
        row = rules.setdefault(alert.rule, {"alerts": 0})
        row["alerts"] += 1
    for rule, row in rules.items():
        row["per_hour"] = row["alerts"] / hours if hours else math.nan
        if rule in JUDGED:
            row.update(scored.by_rule().get(rule, {}))
            row["nuisance_per_hour"] = scored.nuisance_per_hour([rule])
            row["not_real_per_hour"] = (row["alerts"] - row["real"]) / hours if hours else math.nan
    return {
        "files": names,
        "whole": flown.whole,
        "flight_hours": hours,
        "track_hours": flown.track_hours,
        "air_s": flown.air_s,
        "rules": dict(sorted(rules.items())),
        "nuisance_per_hour": scored.nuisance_per_hour(),
        "losses": {"counted": len(scored.outcomes), **scored.outcome_counts(), "warning_s": quantiles(scored.warning_times())},
        "alerts": [_alert(v) for v in scored.verdicts],
        "not_in_time": [_lost(o) for o in scored.outcomes if o.outcome != "in_time"],
    }


def _alert(v: Verdict) -> dict[str, Any]:
    """Return the row of one alert."""
    a = v.alert
    who = {"who": name(a.who), "other": name(a.other) if a.other else "", "volume": a.volume, "words": a.names}
    return {"rule": a.rule, "time_s": a.time_s, **who, "severity": a.severity, "kind": v.kind, "least": v.least}


def _lost(o: Outcome) -> dict[str, Any]:
    """Return the row of one loss that was not alerted in time."""
    return {"who": name(o.loss.pair[0]), "other": name(o.loss.pair[1]), **_outcome(o)}


def lines(told: dict[str, Any]) -> list[str]:
    """Return the page of the terminal."""
    out = [f"{told['flight_hours']:.2f} flight hours in {told['air_s'] / 3600:.2f} h"]
    out.append(f"{'rule':<24}{'alerts':>8}{'an hour':>9}" + "".join(f"{k:>10}" for k in KINDS[:-1]) + f"{'nuis./h':>9}")
    for rule, row in told["rules"].items():
        judged = "".join(f"{row[k]:>10}" for k in KINDS[:-1]) + f"{row['nuisance_per_hour']:>9.3f}" if rule in JUDGED else ""
        out.append(f"{rule:<24}{row['alerts']:>8}{row['per_hour']:>9.3f}{judged}")
    losses = told["losses"]
    out.append(f"losses of separation: {losses['counted']}; in time {losses['in_time']}, late {losses['late']}, missed {losses['missed']}")
    if losses["warning_s"]:
        out.append("warning time: " + ", ".join(f"{k[1:]} % {v:.0f} s" for k, v in losses["warning_s"].items()))
    p = told.get("planted")
    if p and p.get("planted"):
        out.append(
            f"planted: {p['planted']} conflicts, {p['lost_separation']} lost separation; in time {p['in_time']} "
            f"({100 * p['in_time_share']:.2f} %), late {p['late']}, missed {p['missed']}"
        )
        if p["warning_s"]:
            out.append("  warning time: " + ", ".join(f"{k[1:]} % {v:.0f} s" for k, v in p["warning_s"].items()))
    return out
