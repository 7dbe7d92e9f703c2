"""tenere watch try: what changed rules would have raised on recordings, against the present ones, before they go live."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from tenere.cli.flown import Flown, Recordings, fly
from tenere.cli.nuisance import name, with_airspace, with_rules
from tenere.cli.output import print_json, say
from tenere.cli.world import world
from tenere.errors import TenereError
from tenere.record.ticklog import is_tick_log

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.watch.nuisance import Raised

NEAR_S = 60.0
"""Alerts of one rule about the same tracks that begin within a minute of each other are the same alert."""


def run(args: argparse.Namespace) -> int:
    """Try; 1 when a file could not be read or nothing flew. Tick logs are run one by one, recordings together."""
    args.without = ""
    now, then, hours, errors, whole = list[Any](), list[Any](), 0.0, list[str](), True
    for files in parts(args.files):
        try:
            one = argparse.Namespace(**{**vars(args), "files": files})
            runs = []
            for rules in (None, args.rules):
                material = Recordings(one)
                material.config = with_airspace(with_rules(material.config, rules), args.airspace)
                span = (material.first_s, material.last_s)
                runs.append(fly("as changed" if rules else "as it is", material.config, material.ticks(), span, world(material.config)))
                if not runs[-1].whole:
                    break
            errors += material.errors
        except TenereError as e:
            if e.usage:
                raise
            errors.append(str(e))
            say(f"tenere watch try: {e}")
            continue
        whole = all(r.whole for r in runs) and len(runs) == 2
        if not whole:
            break
        now.append(runs[0])
        then.append(runs[1])
        hours += runs[0].hours
    told = tree(now, then, hours, [str(f) for f in args.files], errors)
    if args.json:
        print_json(told)
    else:
        print("\n".join(lines(told)))
    if not whole:
        say("tenere watch try: interrupted; the files that were done stand")
        return 130
    return 1 if errors or not hours else 0


def parts(files: list[Path]) -> list[list[Path]]:
    """Return which files are run together: each tick log alone, all others as one."""
    logs = [f for f in files if is_tick_log(f)]
    rest = [f for f in files if f not in logs]
    return [*([f] for f in logs), *([rest] if rest else [])]


def compare(now: Flown, then: Flown) -> tuple[list[Raised], list[Raised]]:
    """Return the alerts that only the changed rules raise, and those that only the present ones do."""
    return _only(then, now), _only(now, then)


def _only(a: Flown, b: Flown) -> list[Raised]:
    """Return the alerts of one run that the other has none of about the same things at nearly the same time."""
    held: dict[tuple[str, int, int, str], list[float]] = {}
    for x in b.raised:
        held.setdefault(_about(x), []).append(x.time_s)
    out = []
    for x in a.raised:
        times = held.get(_about(x), [])
        same = next((t for t in times if abs(t - x.time_s) <= NEAR_S), None)
        if same is None:
            out.append(x)
        else:
            times.remove(same)
    return out


def _about(x: Raised) -> tuple[str, int, int, str]:
    return x.rule, min(x.who, x.other), max(x.who, x.other), x.volume


def tree(now: list[Flown], then: list[Flown], hours: float, files: list[str], errors: list[str]) -> dict[str, Any]:
    """Return the JSON document."""
    rules: dict[str, dict[str, Any]] = {}
    changes = []
    for a, b in zip(now, then, strict=True):
        added, gone = compare(a, b)
        for key, alerts in (("now", a.raised), ("changed", b.raised), ("added", added), ("gone", gone)):
            for x in alerts:
                row = rules.setdefault(x.rule, dict.fromkeys(("now", "changed", "added", "gone"), 0))
                row[key] += 1
        changes += [
            {
                "what": what,
                "rule": x.rule,
                "time_s": x.time_s,
                "who": name(x.who),
                "other": name(x.other),
                "volume": x.volume,
                "words": x.names,
            }
            for what, some in (("added", added), ("gone", gone))
            for x in some
        ]
    for row in rules.values():
        row["now_per_hour"] = row["now"] / hours if hours else math.nan
        row["changed_per_hour"] = row["changed"] / hours if hours else math.nan
    return {"files": files, "errors": errors, "flight_hours": hours, "rules": dict(sorted(rules.items())), "changes": changes}


def lines(told: dict[str, Any]) -> list[str]:
    """Return the table of the terminal."""
    out = [
        f"{told['flight_hours']:.2f} flight hours",
        f"{'rule':<24}{'now':>7}{'an hour':>9}{'changed':>9}{'an hour':>9}{'added':>7}{'gone':>7}",
    ]
    for rule, r in told["rules"].items():
        out.append(
            f"{rule:<24}{r['now']:>7}{r['now_per_hour']:>9.3f}{r['changed']:>9}{r['changed_per_hour']:>9.3f}{r['added']:>7}{r['gone']:>7}"
        )
    return out
