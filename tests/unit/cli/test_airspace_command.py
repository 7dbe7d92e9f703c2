"""tenere airspace check and convert."""

from __future__ import annotations

import json

import pytest

from tenere.airspace import formats
from tenere.cli import main

GOOD = "AC R\nAN R1\nAL GND\nAH FL95\nV X=13:30:00 N 002:06:00 E\nDC 5\n"
BAD = GOOD.replace("R1", "R2").replace("DC 5", "DC far")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "good.txt").write_text(GOOD)
    (tmp_path / "both.txt").write_text(GOOD + BAD)
    (tmp_path / "none.txt").write_text("hello")
    return tmp_path


def test_check_tells_what_files_hold(files, capsys):
    assert main(["airspace", "check", str(files / "good.txt")]) == 0
    out = capsys.readouterr().out
    assert "openair, 1 volumes, 0 refused" in out
    assert "restricted" in out
    assert main(["airspace", "check", str(files / "both.txt")]) == 1
    assert "refused: line 12: R2: DC: 'far' is no number" in capsys.readouterr().out


def test_check_for_programs(files, capsys):
    code = main(["airspace", "check", "--json", *(str(files / f) for f in ("good.txt", "both.txt", "none.txt", "absent.txt"))])
    entries = json.loads(capsys.readouterr().out)["files"]
    assert code == 1
    assert [e.get("volumes") for e in entries] == [1, 1, None, None]
    assert entries[1]["refused"] == [{"where": "line 12", "name": "R2", "reason": "DC: 'far' is no number"}]
    assert "none of the airspace formats" in entries[2]["error"]
    assert "cannot be read" in entries[3]["error"]


@pytest.mark.parametrize("to", list(formats.FORMATS))
def test_convert_writes_every_format(files, to, capsys):
    out = files / "out"
    assert main(["airspace", "convert", str(files / "good.txt"), str(files / "good.txt"), "--to", to, "-o", str(out)]) == 0
    found, back = formats.read_any(out.read_bytes(), "out")
    assert found == to
    assert [v.id for v in back.volumes] == ["R1", "R1 #2"]
    assert f"{to}, 2 volumes" in capsys.readouterr().out


def test_convert_writes_nothing_while_a_volume_is_refused(files, capsys):
    out = files / "out.kml"
    assert main(["airspace", "convert", str(files / "both.txt"), "--to", "kml", "-o", str(out)]) == 1
    assert "line 12" in capsys.readouterr().err
    assert not out.exists()
    assert main(["airspace", "convert", str(files / "both.txt"), "--to", "kml", "-o", str(out), "--keep-going", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["volumes"], len(said["refused"]), said["own"]) == (1, 1, {"shape": 1})
    assert out.exists()


@pytest.mark.parametrize(
    "words", [["convert", "x"], ["convert", "x", "--to", "kml"], ["check", "x", "--to", "kml"], ["check", "x", "-o", "y"]]
)
def test_wrong_words(words, capsys):
    assert main(["airspace", *words]) == 2
    assert "give --to" in capsys.readouterr().err or "check" in words
