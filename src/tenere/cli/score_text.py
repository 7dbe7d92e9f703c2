"""Scores and comparisons as a page for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

WORST = 8


def number(value: float | None, form: str = ",.1f") -> str:
    """Return a number, or a dash where there is none."""
    return "-" if value is None or not math.isfinite(value) else format(value, form)


def lines_of(score: dict[str, Any]) -> list[tuple[str, float | None, str]]:
    """Return the lines of a score: what, value, how it is written."""
    siap, kept, wait, err = score["siap"], score["continuity"], score["initiation"], score["errors"]
    out: list[tuple[str, float | None, str]] = []
    for g in score["gospa"]:
        out += [
            (f"GOSPA, cut-off {g['cutoff_m']:g} m, order {g['order']:g} (m)", g["gospa_m"], ",.1f"),
            ("  from errors of place (m)", g["localisation_m"], ",.1f"),
            ("  from missed aircraft (m)", g["missed_m"], ",.1f"),
            ("  from false tracks (m)", g["false_m"], ",.1f"),
            ("  missed aircraft a step", g["missed_a_step"], ",.3f"),
            ("  false tracks a step", g["false_a_step"], ",.3f"),
        ]
    return [
        *out,
        ("completeness (SIAP)", siap["completeness"], ".4f"),
        ("ambiguity", siap["ambiguity"], ".4f"),
        ("spuriousness", siap["spuriousness"], ".4f"),
        ("longest track segment, share of a life", siap["longest_track_segment"], ".4f"),
        ("changes of track an aircraft and hour", siap["number_changes_an_hour"], ".3f"),
        ("id completeness", siap["id_completeness"], ".4f"),
        ("id correctness", siap["id_correctness"], ".4f"),
        ("purity", kept["purity"], ".4f"),
        ("changes of track", kept["switches"], ",.0f"),
        ("segments an aircraft", kept["segments_an_aircraft"], ".2f"),
        ("gaps", kept["gaps"], ",.0f"),
        ("longest gap (s)", kept["longest_gap_s"], ",.1f"),
        ("tracks of no aircraft, ever", kept["false_tracks"], ",.0f"),
        ("wait for the first track, half below (s)", wait["p50_s"], ",.1f"),
        ("wait for the first track, 95 % below (s)", wait["p95_s"], ",.1f"),
        ("aircraft that never had one", wait["never"], ",.0f"),
        ("horizontal error, RMS (m)", err["horizontal"]["rms_m"], ",.1f"),
        ("  along the course, RMS (m)", err["along"]["rms_m"], ",.1f"),
        ("  along the course, mean (m)", err["along"]["mean_m"], ",.1f"),
        ("  across it, RMS (m)", err["cross"]["rms_m"], ",.1f"),
        ("vertical error, RMS (m)", err["vertical"]["rms_m"], ",.1f"),
        ("velocity error, RMS (m/s)", err["velocity"]["rms_ms"], ",.2f"),
        ("heading error, RMS (degrees)", err["heading"]["rms_deg"], ",.2f"),
        ("inside the stated 95 % ellipse", err["containment"]["inside_95"], ".4f"),
    ]


def page(score: dict[str, Any]) -> str:
    """Return a score as text: its measures, and the aircraft that fared worst."""
    head = (
        f"{score['tracks']:,} tracks against {score['aircraft']:,} aircraft, {score['steps']:,} steps of {score['step_s']:g} s"
        f" ({score['from_s']:.1f} to {score['until_s']:.1f} s)"
    )
    rows = [f"{what:44s}{number(value, form):>12s}" for what, value, form in lines_of(score)]
    if score["partial"]:
        rows.append("the truth is partial: tracks near none of its aircraft were left out")
    worst = sorted(score["per_aircraft"], key=lambda r: (r["completeness"], -r["switches"], -(r["rms_horizontal_m"] or 0.0)))
    bad = [r for r in worst if r["completeness"] < 1 or r["switches"]][:WORST]
    if bad:
        rows += ["", "aircraft that fared worst"]
        rows += table(
            ("id", "completeness", "tracks", "switches", "gaps", "wait s", "RMS m"),
            (
                (
                    r["id"],
                    number(r["completeness"], ".3f"),
                    str(r["tracks"]),
                    str(r["switches"]),
                    str(r["gaps"]),
                    number(r["delay_s"]),
                    number(r["rms_horizontal_m"]),
                )
                for r in bad
            ),
        )
    return "\n".join([head, *rows])


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return rows of cells as lines, the first column to the left."""
    cells = [head, *rows]
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]
    return ["  " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, widths, strict=True))) for r in cells]


def comparison(told: dict[str, Any]) -> str:
    """Return a comparison as text."""
    out = [f"{told['steps']:,} steps of {told['step_s']:g} s; together {told['together_s']:,.0f} s of track"]
    out += table(
        ("", "tracks", "track s", "shared", "never shared"),
        (
            (
                name.upper(),
                f"{told[name]['tracks']:,}",
                f"{told[name]['track_s']:,.0f}",
                number(told[name]["shared"], ".4f"),
                f"{told[name]['tracks_alone']:,}",
            )
            for name in ("a", "b")
        ),
    )
    d, same = told["differences"], told["identity_s"]
    out += ["", "B minus A, while together"]
    out += [
        f"  {what:40s}{number(value, form):>12s}"
        for what, value, form in (
            ("horizontal, RMS (m)", d["horizontal"]["rms_m"], ",.1f"),
            ("east, mean (m)", d["east"]["mean_m"], ",.1f"),
            ("north, mean (m)", d["north"]["mean_m"], ",.1f"),
            ("vertical, mean (m)", d["vertical"]["mean_m"], ",.1f"),
            ("vertical, RMS (m)", d["vertical"]["rms_m"], ",.1f"),
            ("velocity, RMS (m/s)", d["velocity"]["rms_ms"], ",.2f"),
            ("heading, RMS (degrees)", d["heading"]["rms_deg"], ",.2f"),
            ("addresses the same (s)", same["same"], ",.0f"),
            ("addresses different (s)", same["different"], ",.0f"),
            ("address only in A (s)", same["only_a"], ",.0f"),
            ("address only in B (s)", same["only_b"], ",.0f"),
        )
    ]
    if "scores" in told:
        a, b = (lines_of(told["scores"][side]) for side in ("a", "b"))
        out += ["", f"{'against the truth':44s}{'A':>12s}{'B':>12s}{'B - A':>12s}"]
        for (what, x, form), (_, y, _) in zip(a, b, strict=True):
            apart = y - x if x is not None and y is not None else None
            out.append(f"{what:44s}{number(x, form):>12s}{number(y, form):>12s}{number(apart, '+' + form):>12s}")
    return "\n".join(out)
