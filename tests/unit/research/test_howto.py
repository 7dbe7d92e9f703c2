"""What is said of Stone Soup is true: the how-to's code runs, so do the examples, and without Stone Soup one is told what to do."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tenere.batch import Plots, Tracks
from tenere.cli import setting
from tenere.cli.world import home_borders
from tenere.errors import UsageError
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.record.tables import to_arrow
from tenere.research import MissingExtra, models, require, stonesoup
from tenere.tick import Tick

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "howto" / "use-with-stone-soup.md"
EXAMPLES = sorted((ROOT / "examples" / "stone_soup").glob("*.py"))
TICKS = 25


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """Return a folder with out/plots.parquet and out/tracks.parquet of the exercise's beginning, as tenere replay --out writes."""
    config = setting.complete(setting.site(None))
    game, picture = open_exercise(config.exercise), Pipeline(config, home_borders(config))
    state, plots, tracks = picture.init(), [], []
    for k in range(TICKS):
        time_s = config.exercise.start_s + k + 1.0
        state, out = picture.step(state, Tick(k, time_s, game.advance(time_s)))
        plots.append(out.plots)
        tracks.append(out.tracks)
    folder = tmp_path_factory.mktemp("howto")
    (folder / "out").mkdir()
    pq.write_table(to_arrow(Plots.concat(plots)), folder / "out" / "plots.parquet")
    pq.write_table(to_arrow(Tracks.concat(tracks)), folder / "out" / "tracks.parquet")
    return folder


def test_the_code_of_the_howto_runs(replayed, monkeypatch, capsys):
    code = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(code) >= 8
    monkeypatch.chdir(replayed)
    known: dict[str, object] = {}
    ended = []
    for block in code:
        exec(compile(block, PAGE.name, "exec"), known)
        if "tracker" in known and not ended:
            ended.append({t.id for t in known["tracks"]})
    assert len(ended[0]) == 2  # of the two aircraft simulated
    assert {str(n) for n in known["out"].tracks.number} == ended[0]
    assert known["each_scan"][-1].value["distance"] < 500.0
    assert known["reader"].refused["of another sensor"] > 0
    assert len(known["theirs"]) >= 5
    assert len(known["truths"]) == len(known["tracks"]) > 50
    assert "left out:" in capsys.readouterr().out


def test_the_howto_names_what_there_is():
    text = PAGE.read_text(encoding="utf-8")
    for model in models.POLAR:
        assert f"`{model.__name__}`" in text
    for name in stonesoup.__all__:
        assert re.search(rf"\b{name}\b", text) or name == "read_recording"
    for name in stonesoup.TenereTracker.properties:
        assert re.search(rf"\b{name}\b", text), name


def test_the_examples_run(tmp_path, monkeypatch, capsys):
    assert [p.name for p in EXAMPLES] == ["tenere_on_their_data.py", "their_tracker_on_our_data.py"]
    few = Plots.blank(40, time_s=np.repeat(np.arange(20) * 5.0, 2), kind=1, range_m=[5e4, 7e4] * 20, azimuth_rad=[0.5, 2.5] * 20)
    pq.write_table(to_arrow(few), tmp_path / "few.parquet")
    for path, words in zip(EXAMPLES, (["8"], [str(tmp_path / "few.parquet"), "5"]), strict=True):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 80
        monkeypatch.setattr(sys, "argv", [str(path), *words])
        runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr().out
    assert re.search(r"Tenere: +\d+ m", said)
    assert "2 tracks; left out: nothing" in said


def test_without_stone_soup_it_says_how_to_get_it():
    with pytest.raises(MissingExtra, match=r"pip install 'tenere\[research\]'") as found:
        require("no_such_package")
    assert isinstance(found.value, UsageError)
    assert isinstance(found.value, ImportError)
    code = "import sys; sys.modules['stonesoup'] = None\nimport tenere.cli, tenere.pipeline\nimport tenere.research.stonesoup"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "MissingExtra: tenere.research needs Stone Soup" in done.stderr
