"""Airspace in a site file: tables, files beside it, and what makes no sense."""

from __future__ import annotations

import msgspec
import pytest

from tenere import config as configs
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Limit, Period, VolumeKind
from tenere.cli import setting
from tenere.errors import UsageError
from tenere.record.ticklog import Header

SITE = """
[airspace]
stations = ["TWR NIM"]
acknowledge_s = 90

[[volume]]
id = "camp"
name = "Camp"
kind = "no_fly"
floor = "GND"
ceiling = "2000 ft agl"
shape = { type = "circle", lat_deg = 13.5, lon_deg = 2.1, radius_m = 5000 }
schedule = [{ days = [0, 1], from_min = 60, to_min = 120 }]

[[volume]]
id = "r1"
name = "R1"
floor = { value_m = 300, datum = "amsl" }
shape = { type = "polygon", ring = [[13.0, 2.0], [13.0, 3.0], [14.0, 2.5]] }
"""


def test_volumes_of_a_site_file():
    config = configs.parse(SITE)
    camp, r1 = config.volume
    assert (camp.kind, camp.floor, camp.ceiling, camp.shape) == (VolumeKind.NO_FLY, GROUND, Limit(609.6, "agl"), Circle(13.5, 2.1, 5000.0))
    assert camp.schedule == (Period((0, 1), 60, 120),)
    assert (r1.floor, r1.ceiling) == (Limit(300.0), UNLIMITED)
    assert config.airspace.acknowledge_s == 90


def test_a_tick_log_holds_them_whole():
    config = configs.parse(SITE)
    header = msgspec.msgpack.encode(Header(version="x", config=config))
    back = msgspec.msgpack.decode(header, type=Header).config
    assert (back.volume, back.airspace) == (config.volume, config.airspace)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"2000 ft agl"', '"high"'), r"volume\[0\].ceiling: 'high' is no limit"),
        (('kind = "no_fly"', 'kin = "no_fly"'), r"unknown key volume\[0\].kin"),
        (('kind = "no_fly"', 'kind = "shop"'), r"volume\[0\].kind"),
        (("radius_m = 5000", "radius_m = 0"), r"volume\[0\] \(camp\): its radius"),
        (("radius_m = 5000", "radius = 5"), r"volume\[0\].shape"),
        (('id = "r1"', 'id = "camp"'), r"volume\[1\]: its id is that of another"),
        (('"circle"', '"star"'), r"volume\[0\].shape"),
        (("value_m = 300", "value_m = inf"), r"floor"),
        (("value_m = 300", "value_m = nan"), r"value_m"),
        (("from_min = 60", "from_min = 1500"), "minutes outside"),
        (("acknowledge_s = 90", "acknowledge_s = 0"), "acknowledge_s"),
        (('["TWR NIM"]', '["TWR NIM", "TWR NIM"]'), "airspace.stations"),
        (("[[volume]]", "[volume]"), "volume"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(change, said):
    text = SITE.replace(*change, 1) if change[0] != "[[volume]]" else "[volume]\nid = 'x'"
    assert text != SITE
    with pytest.raises(UsageError, match=said):
        configs.parse(text)


AIR = "AC R\nAN R1\nAL GND\nAH FL95\nV X=13:30:00 N 002:06:00 E\nDC 5\n"


def test_files_are_read_beside_the_site_file(tmp_path):
    (tmp_path / "air.txt").write_text(AIR + AIR.replace("R1", "r1"))
    path = tmp_path / "site.toml"
    path.write_text(SITE.replace("[airspace]", '[airspace]\nfiles = ["air.txt"]'))
    config = setting.site(path)
    assert [v.id for v in config.volume] == ["camp", "r1", "R1", "air r1"]


def test_a_broken_or_absent_file_stops_the_start_unless_told_to_go_on(tmp_path, capsys):
    (tmp_path / "air.txt").write_text(AIR + AIR.replace("DC 5", "DC far"))
    path = tmp_path / "site.toml"
    path.write_text('[airspace]\nfiles = ["air.txt"]\n')
    with pytest.raises(UsageError, match=r"(?s)air.txt.*line 12: R1: DC: 'far' is no number"):
        setting.site(path)
    path.write_text('[airspace]\nfiles = ["air.txt"]\nkeep_going = true\n')
    assert len(setting.site(path).volume) == 1
    assert "1 volumes were left out" in capsys.readouterr().err
    path.write_text('[airspace]\nfiles = ["none.txt"]\n')
    with pytest.raises(UsageError, match=r"none.txt: cannot be read"):
        setting.site(path)
