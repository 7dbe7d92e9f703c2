"""docs/howto/score-tracks.md: its program and commands run, and its pages have the lines that the commands print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tenere.estimate.score import ScoreSteps

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "score-tracks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([a-z]*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def tenere(folder: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tenere", *words], cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make the truth, the plots and the two tables of tracks as the page says."""
    made = tmp_path_factory.mktemp("score")
    text = dict(reversed(BLOCKS))
    (made / "fly.py").write_text(text["python"], encoding="utf-8")
    (made / "site.toml").write_text(text["toml"], encoding="utf-8")
    (made / "doubt.toml").write_text(text["toml"].replace("azimuth_std_deg = 0.08", "azimuth_std_deg = 0.2"), encoding="utf-8")
    subprocess.run([sys.executable, "fly.py"], cwd=made, check=True, timeout=60)
    for site, out in (("site.toml", "tracks.parquet"), ("doubt.toml", "doubt.parquet")):
        tenere(made, "track", "plots.parquet", "--site", site, "--out", out)
    return made


def labels(text: str) -> list[str]:
    """Return the labels of a page's lines, before the figures and the worst aircraft."""
    text = text.partition("\naircraft that fared worst")[0]
    return [line[:44].rstrip() for line in text.splitlines() if len(line) >= 56 and line[:1] not in "0123456789"]


def test_the_score_has_the_lines_of_the_page(folder):
    shown = next(text for language, text in BLOCKS if language == "text")
    told = tenere(folder, "score", "tracks.parquet", "truth.csv")
    assert labels(shown) == labels(told)
    assert len(labels(shown)) > 20
    assert "aircraft that fared worst" in shown


def test_the_comparison_has_the_lines_of_the_page(folder):
    shown = [text for language, text in BLOCKS if language == "text"][1]
    told = tenere(folder, "compare", "tracks.parquet", "doubt.parquet", "--truth", "truth.csv")
    assert set(labels(shown)) <= set(labels(told))
    assert "B minus A, while together" in shown


def test_the_tracks_of_the_page_are_good(folder):
    got = json.loads(tenere(folder, "score", "tracks.parquet", "truth.csv", "--json"))
    assert (got["aircraft"], got["height"]) == (40, "pressure_altitude_m")
    assert got["siap"]["completeness"] > 0.97
    assert got["continuity"]["purity"] > 0.99
    assert got["errors"]["horizontal"]["rms_m"] < 150


def test_the_row_for_each_step(folder):
    words = ("score", "tracks.parquet", "truth.csv", "--from", "1700000590", "--until", "1700000680", "--out", "steps.parquet")
    tenere(folder, *words)
    assert pq.read_table(folder / "steps.parquet").num_rows == 91


def test_every_key_and_column_is_on_the_page(folder):
    got = json.loads(tenere(folder, "score", "tracks.parquet", "truth.csv", "--json"))
    keys = {
        *got["siap"],
        *got["initiation"],
        *got["errors"],
        *got["errors"]["containment"],
        "gospa_m",
        "localisation_m",
        "missed_m",
        "false_m",
    }
    keys |= {"switches", "purity", "segments", "gaps", "gap_s", "longest_gap_s", "false_tracks", "per_aircraft", "per_track"}
    keys |= {name for name, *_ in ScoreSteps.columns()}
    assert sorted(k for k in keys - {"pairs", "n", "containment"} if not re.search(rf"[`.]{k}`", PAGE)) == []
