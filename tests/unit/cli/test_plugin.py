"""A format outside the tree is found, read, counted, written out and replayed once its package is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "toy_format"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the example into a folder of its own, and return an environment that has it on its path."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    packages = folder / "packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(packages), str(source)], check=True, timeout=120)
    return os.environ | {"PYTHONPATH": str(packages)}


def tenere(environment, *words):
    return subprocess.run(
        [sys.executable, "-m", "tenere", *map(str, words)], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def recording(tmp_path):
    lines = [f"TOY 4ca1fa {1_900_000_000 + k} {13.4 + 0.002 * k:.4f} 2.18 35000" for k in range(60)]
    lines[30] = "TOY 4ca1fa soon 13.4 2.18 35000"
    path = tmp_path / "recording"
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def test_the_installed_format_is_listed_and_recognised(installed, recording, tmp_path):
    assert "toy" in tenere(installed, "doctor", "--json").stdout
    done = tenere(installed, "decode", "--json", recording, "--to", "parquet", "-o", tmp_path / "tables")
    assert done.returncode == 0, done.stderr
    entry = json.loads(done.stdout)["files"][0]
    assert (entry["format"], entry["records"], entry["rejected"]) == ("toy", {"toy position": 59}, {"toy line that does not read": 1})
    assert entry["addresses"] == 1
    table = pq.read_table(tmp_path / "tables" / "toy_position.parquet")
    assert table.column("lat_deg").to_pylist()[1] == pytest.approx(13.402)


def test_it_makes_a_track(installed, recording):
    done = tenere(installed, "replay", "--json", recording)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["own_tracks"] == 1


def test_without_it_the_file_is_told_to_be_unknown(recording):
    done = tenere(os.environ.copy(), "decode", recording)
    assert done.returncode == 1
    assert "no format installed here" in done.stderr
