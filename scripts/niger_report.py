"""Make the Niger report: what ten sensors see, where five more would stand, and what they would see then.

    python -m scripts.niger_report        docs/explanation/niger.md and its pictures in docs/images/

It runs `tenere coverage` and `tenere site` on docs/tutorial/niger-ten.toml, as the tutorial does. Needs the extras "coverage" and
"demo-terrain"; takes about two minutes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "tutorial" / "niger-ten.toml"
PAGE = ROOT / "docs" / "explanation" / "niger.md"
IMAGES = ROOT / "docs" / "images"
SHOWN = ("1500ft", "5000ft", "10000ft", "FL245")
LOW_M = {"middle": 57.0, "99 %": 192.0}
"""By how much 30-second ground lets see too low (`scripts.measure_terrain`): the median, and what 99 % of places stay within."""
FEET = 0.3048


def tenere(*words: str | Path) -> None:
    """Run a command; stop where it fails."""
    subprocess.run([sys.executable, "-m", "tenere", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def coverage(site: Path, out: Path, *more: str) -> dict[str, Any]:
    """Run `tenere coverage` on all of Niger; return what it wrote."""
    tenere("coverage", site, "--area", "niger", "--out", out, *more)
    found: dict[str, Any] = json.loads((out / "coverage.json").read_text(encoding="utf-8"))
    return found


def rows(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the country's row of each height."""
    return {r["height"]: r for r in found["areas"][0]["heights"]}


def share(value: float) -> str:
    """Write a share."""
    return f"{100 * value:.1f} %"


def by_height(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    """Write the table of shares, with ten sensors and with fifteen."""
    lines = [
        "| height | nobody | one sensor | two or more | nobody, with five more | two or more |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, b in before.items():
        a = after[name]
        told = (b["none_share"], b["one_share"], b["more_share"], a["none_share"], a["more_share"])
        lines.append(f"| {name} | " + " | ".join(map(share, told)) + " |")
    return lines


def by_sensor(before: dict[str, dict[str, Any]], names: dict[str, str]) -> list[str]:
    """Write what each sensor sees, and what only it sees."""
    lines = ["| sensor | " + " | ".join(SHOWN) + " |", "| --- |" + " --- |" * len(SHOWN)]
    for k, first in enumerate(before[SHOWN[0]]["sensors"]):
        cells = (before[h]["sensors"][k] for h in SHOWN)
        lines.append(
            f"| {names.get(first['id'], first['id'])} | "
            + " | ".join(f"{share(c['seen_share'])}, alone {share(c['alone_share'])}" for c in cells)
            + " |"
        )
    return lines


def by_hole(found: dict[str, Any], count: int = 6) -> list[str]:
    """Write the largest holes at 5,000 ft."""
    holes = [h for h in found["holes"] if h["height"] == "5000ft"][:count]
    lines = ["| hole | km² | farthest inside | around it |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {h['rank']} | {h['km2']:,.0f} | {h['lat_deg']:.1f}° N {h['lon_deg']:.1f}° E | {', '.join(h['around']) or 'nobody'} |"
        for h in holes
    ]
    return lines


def by_site(plan: dict[str, Any]) -> list[str]:
    """Write where new sensors would stand."""
    lines = ["| site | north | east | ground | adds at 5,000 ft |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {s['id']} | {s['lat_deg']:.3f}° | {s['lon_deg']:.3f}° | {s['ground_m']:.0f} m | {s['adds_km2'][0]:,.0f} km² |"
        for s in plan["sites"]
    ]
    return lines


def page(before: dict[str, Any], after: dict[str, Any], plan: dict[str, Any], lower: dict[str, dict[str, Any]]) -> str:
    """Write the report."""
    b, a = rows(before), rows(after)
    names = {s["id"]: s.get("name") or s["id"] for s in before["sensors"]}
    best = plan["plans"][-1]
    text = [
        "# Niger: what ten sensors see, and where five more would stand",
        "",
        "Two radars and eight receivers of ADS-B, at Niger's own airports. They are made up: nobody says that they stand there. The site",
        "file is [niger-ten.toml](../tutorial/niger-ten.toml); the tutorial [Watch a country with ten sensors](../tutorial/ten-sensors.md)",
        "goes through it. One command makes this page, numbers and pictures:",
        "",
        "```console",
        ".venv/bin/python -m scripts.niger_report",
        "```",
        "",
        f"Ground: the demo terrain, 30 seconds of arc, posts every {before['step_m']:.0f} m; {before['voids']}.",
        f"Area: {before['areas'][0]['km2']:,.0f} km².",
        "",
        "## What is seen",
        "",
        *by_height(b, a),
        "",
        "Five thousand feet above the ground, ten sensors: orange is seen by nobody, light by one, dark by two or more.",
        "",
        "![Niger at 5,000 ft above the ground, ten sensors](../images/niger-ten-5000ft.png)",
        "",
        "The same at flight level 245:",
        "",
        "![Niger at flight level 245, ten sensors](../images/niger-ten-FL245.png)",
        "",
        "## What each is worth",
        "",
        "Share of the country that a sensor sees, and that only it sees: lost where it fails.",
        "",
        *by_sensor(b, names),
        "",
        "## The largest holes at 5,000 ft",
        "",
        *by_hole(before),
        "",
        "## Five more",
        "",
        f"`tenere site` looked among {plan['candidates']['count']} candidates (airports, and summits the highest within 40 km) for",
        f"receivers that see most at 5,000 ft. The plan is at most {100 * best['below_bound']:.2f} % below the best there is, greedy alone",
        f"{100 * plan['plans'][0]['below_bound']:.2f} %.",
        "",
        *by_site(plan),
        "",
        "![Niger at 5,000 ft above the ground, fifteen sensors](../images/niger-fifteen-5000ft.png)",
        "",
        "Whether a summit can be reached, powered and guarded, no terrain says.",
        "",
        "## How wrong this may be",
        "",
        "Thirty-second ground is smoothed: it hides too little. Where finer ground is known too",
        "([how](../howto/bring-terrain.md)), altitudes seen come out 57 m too low in the middle, and 99 % of places within 192 m.",
        "Were all of Niger so, 5,000 ft would be seen as a lower height is here:",
        "",
        "| 5,000 ft | nobody | one sensor | two or more |",
        "| --- | --- | --- | --- |",
        "| as computed | " + " | ".join(share(b["5000ft"][k]) for k in ("none_share", "one_share", "more_share")) + " |",
        *(
            f"| {LOW_M[what]:.0f} m higher to be seen | "
            + " | ".join(share(r[k]) for k in ("none_share", "one_share", "more_share"))
            + " |"
            for what, r in lower.items()
        ),
        "",
        "That measure is of one antenna among hills further south. To decide where a sensor stands, compute with 30 or 90 m.",
        "Not in it: buildings and trees; ducts, which in the dry season carry far beyond the horizon; and sensors' faults.",
        "",
    ]
    return "\n".join(text)


def main() -> None:
    """Run from the command line."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        before = coverage(SITE, work / "ten")
        tenere("site", SITE, "--out", work / "sites")
        plan = json.loads((work / "sites" / "sites.json").read_text(encoding="utf-8"))
        more = work / "fifteen.toml"
        more.write_text(
            SITE.read_text(encoding="utf-8") + "\n" + (work / "sites" / "sites.toml").read_text(encoding="utf-8"), encoding="utf-8"
        )
        after = coverage(more, work / "fifteen")
        lower = {}
        for what, by_m in LOW_M.items():
            height = f"{5000.0 * FEET - by_m:.1f}m"
            found = coverage(SITE, work / "lower", "--at", height)
            lower[what] = next(iter(rows(found).values()))
        for run, height in (("ten", "5000ft"), ("ten", "FL245"), ("fifteen", "5000ft")):
            shutil.copyfile(work / run / f"map-{height}.png", IMAGES / f"niger-{run}-{height}.png")
    PAGE.write_text(page(before, after, plan, lower), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
