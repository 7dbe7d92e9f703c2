"""tenere coverage: what it prints and writes on a made terrain, and what it says of wrong words and wrong files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from tenere.cli import coverage, main

rasterio = pytest.importorskip("rasterio", reason="terrain files need the extra coverage")

SITE = """
[site]
name = "Trial"
[coverage]
terrain = ["hills.tif"]
step_m = 2000
heights_ft = [1500]
flight_levels = [195]
[[area]]
id = "ctr"
kind = "ctr"
circle = {lat_deg = 13.5, lon_deg = 2.5, radius_m = 40000}
[[area]]
id = "box"
name = "A box"
polygon = [[13.2, 2.2], [13.2, 3.0], [13.8, 3.0], [13.8, 2.2]]
[[sensor]]
id = "NIM-R"
kind = "radar"
lat_deg = 13.5
lon_deg = 2.4
range_m = 80000
[[sensor]]
id = "FAR-A"
kind = "adsb"
lat_deg = 43.5
lon_deg = 2.4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("coverage")
    z = (300 + 100 * np.random.Generator(np.random.PCG64(2)).random((150, 170))).astype(np.float32)
    grid = {"driver": "GTiff", "width": 170, "height": 150, "count": 1, "dtype": "float32", "crs": "EPSG:4326", "nodata": -9999}
    with rasterio.open(out / "hills.tif", "w", transform=rasterio.Affine(0.01, 0, 1.7, 0, -0.01, 14.2), **grid) as f:
        f.write(z, 1)
    (out / "site.toml").write_text(SITE)
    return out


def run(capsys, *words):
    code = main(["coverage", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


def test_it_prints_the_site_files_heights_and_names_who_is_left_out(folder, capsys):
    code, out, err = run(capsys, folder / "site.toml")
    assert code == 0
    assert re.search(r"^ctr: 5,0\d\d km2, 1 sensor, posts every 2000 m$", out, re.MULTILINE)
    assert re.search(r"^box \(A box\): ", out, re.MULTILINE)
    assert re.search(r"^  height +nobody +one +two or more +any radar$", out, re.MULTILINE)
    assert re.search(r"^  1500ft +\d+\.\d % +\d+\.\d % +0\.0 % +\d+\.\d %$", out, re.MULTILINE)
    assert re.search(r"^  NIM-R +\d+\.\d % \(\d+\.\d %\) ", out, re.MULTILINE)
    assert re.search(r"Sensor FAR-A is left out: the nearest area is 3,\d\d\d km away", err)


def test_json_is_the_document_of_the_file(folder, capsys, tmp_path):
    code, out, _ = run(capsys, folder / "site.toml", "--at", "300m", "--at", "FL100", "--area", "box", "--json", "--out", tmp_path / "out")
    document = json.loads(out)
    assert code == 0
    assert [h["name"] for h in document["heights"]] == ["300m", "FL100"]
    assert [a["id"] for a in document["areas"]] == ["box"]
    files = document.pop("files")
    assert str(tmp_path / "out" / "coverage.json") in files
    assert json.loads((tmp_path / "out" / "coverage.json").read_text()) == document
    assert {"report.html", "contours.geojson", "altitudes.tif", "upintheair.json", "map-FL100.png"} <= {os.path.basename(f) for f in files}  # noqa: PTH119 - names in JSON


def test_the_step_and_the_terrain_may_be_given(folder, capsys):
    code, out, _ = run(capsys, folder / "site.toml", "--step", "4000", "--terrain", folder / "hills.tif", "--json")
    document = json.loads(out)
    assert (code, document["step_m"], document["terrain"]) == (0, 4000.0, [str(folder / "hills.tif")])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--at", "low"], 2, "--at: 'low' is no height: write 1500ft"),
        (["--area", "moon"], 2, "--area moon: there is no such area; there are ctr, box"),
        (["--step", "0.5"], 2, "--step 0.5: give 1 to 100000 metres"),
        (["--step", "nan"], 2, "above 0"),
        (["--out", "no/such/folder"], 2, "name a folder, in a folder that is there"),
        (["--terrain", "no.tif"], 1, "no.tif: no such file"),
        (["--step", "1"], 1, r"posts of 1 m .* need .* GiB; .* take a coarser step \(--step"),
    ],
)
def test_wrong_words_say_what_to_do(folder, capsys, words, code, said, monkeypatch):
    monkeypatch.setattr(coverage, "memory_bytes", lambda: 1 << 30)
    try:
        ended, _, err = run(capsys, folder / "site.toml", *words)
    except SystemExit as e:  # argparse refuses some by itself
        ended, err = e.code, capsys.readouterr().err
    assert ended == code
    assert re.search(said, err)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("heights_ft = [1500]\nflight_levels = [195]", "heights_ft = []\nflight_levels = []"), 2, "coverage: 0 heights"),
        (("heights_ft = [1500]", "heights_ft = [-1500]"), 2, "'-1500ft' is no height"),
        (
            ("circle = {lat_deg = 13.5, lon_deg = 2.5, radius_m = 40000}", 'file = "no.geojson"'),
            1,
            "area ctr: .*no.geojson: cannot be read",
        ),
        (
            ("circle = {lat_deg = 13.5, lon_deg = 2.5, radius_m = 40000}", 'country = "ZZ"'),
            1,
            "area ctr: the map of borders holds no country ZZ",
        ),
        (("polygon = [[13.2, 2.2], [13.2, 3.0], [13.8, 3.0], [13.8, 2.2]]", ""), 2, r"area.1. \(box\): give one of"),
        (("lat_deg = 13.5\nlon_deg = 2.4", "lat_deg = 13.5"), 2, "give both lat_deg and lon_deg"),
    ],
)
def test_a_wrong_site_file_says_where(folder, capsys, change, code, said):
    assert change[0] in SITE
    path = folder / "wrong.toml"
    path.write_text(SITE.replace(*change))
    ended, _, err = run(capsys, path)
    assert (ended, bool(re.search(said, err))) == (code, True), err


def test_without_a_sensor_left_everything_is_unseen_and_it_says_so(folder, capsys):
    path = folder / "none.toml"
    path.write_text(SITE.replace("lat_deg = 13.5\nlon_deg = 2.4", "lat_deg = -13.5\nlon_deg = 2.4"))
    code, out, err = run(capsys, path)
    assert code == 1
    assert "no sensor is left" in err
    assert re.search(r"1500ft +100\.0 % +0\.0 %", out)


def test_an_interruption_leaves_nothing(folder, tmp_path, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("tenere.coverage.report.write.page", stop)
    code, out, err = run(capsys, folder / "site.toml", "--out", tmp_path / "out", "--json")
    assert code == 130
    assert json.loads(out) == {"error": "interrupted"}
    assert "interrupted" in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(folder, tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tenere.coverage.report.write.pq.write_table", full)
    code, _, err = run(capsys, folder / "site.toml", "--out", tmp_path / "out")
    assert code == 2
    assert "cannot be written: No space left on device" in err
    assert list(tmp_path.iterdir()) == []


def test_a_terminated_program_leaves_nothing(folder, tmp_path):
    """The real signal, while the report is being written."""
    script = (
        "import sys, time\nfrom tenere.coverage.report import write\nfrom tenere.cli import main\n"
        "def wait(*_, **__):\n    print('here', flush=True)\n    time.sleep(60)\n"
        "write.page = wait\nsys.exit(main(sys.argv[1:]))\n"
    )
    words = [sys.executable, "-c", script, "coverage", str(folder / "site.toml"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout.readline() == "here\n"
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=60)
    assert program.returncode == 130
    assert list(tmp_path.iterdir()) == []
