"""Write the table of docs/explanation/attention.md from bench/results/civil.json.

python -m scripts.attention_page
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "attention.md"
RESULT = ROOT / "bench" / "results" / "civil.json"


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    flown = (
        f"{result['flights']:,} civil flights ({result['relief']} of them relief flights), {result['flight_hours']:,.0f} flight hours, "
        f"{result['tracked_inside']} planted violations with a confirmed track inside."
    )
    kept = (
        f"Protected flights that lost protection: {len(result['protected_lost'])}. Flights civil by presumption that lost it: "
        f"{len(result['civil_lost'])}. Proposed while protected or civil by presumption and not contradicted by a measurement: "
        f"{len(result['forbidden'])}."
    )
    out = [
        flown,
        kept,
        "",
        "| threshold | false proposals | in 1,000 civil flight hours | violations listed in time | share |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in result["curve"]:
        mark = " (default)" if row["threshold"] == result["default_threshold"] else ""
        out.append(
            f"| {row['threshold']:g}{mark} | {row['false']} | {row['false_per_1000_h']:.2f} | {row['listed_in_time']} of {row['of']} "
            f"| {100 * row['share_in_time']:.1f} % |"
        )
    return "\n".join(out)


def filled(page: str, result: dict[str, Any]) -> str:
    """Return the page with its table renewed."""
    return re.sub(r"<!-- civil -->.*?<!-- /civil -->", lambda _: f"<!-- civil -->\n{table(result)}\n<!-- /civil -->", page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), json.loads(RESULT.read_text())), encoding="utf-8")
