"""The page on fusion names every setting, with the default that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from tenere.track.fuse import FuseConfig

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "fusion.md").read_text(encoding="utf-8")


def test_every_setting_is_explained_with_its_default():
    section = PAGE.split("### [track.fuse]\n")[1].split("\n#")[0]
    said = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))
    wanted = {f.name: f.default for f in msgspec.structs.fields(FuseConfig)}
    assert list(said) == list(wanted)
    for name, value in wanted.items():
        assert said[name] == "true" if isinstance(value, bool) else float(said[name]) == value, name
