"""The page on tracking names every setting of the tracker, with the default that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from tenere.estimate.motion import MotionConfig
from tenere.track import TrackConfig
from tenere.track.multi import MultiConfig

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "tracking.md").read_text(encoding="utf-8")
SECTIONS = {"[track]": TrackConfig, "[track.motion]": MotionConfig, "[track.multi]": MultiConfig}
WORDS = {"features": "all four", "areas": "none", "True": "true", "False": "false"}


TABLES = {"motion", "small_motion", "multi", "register", "fuse"}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_setting_is_explained_with_its_default(heading):
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    said = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))
    wanted = {f.name: f.default for f in msgspec.structs.fields(SECTIONS[heading]) if f.name not in TABLES}
    assert list(said) == list(wanted)
    for name, value in wanted.items():
        if name in WORDS or isinstance(value, bool):
            assert said[name] == WORDS.get(name, WORDS.get(str(value)))
        else:
            assert float(said[name]) == value, name


def test_pictures_are_there_and_small():
    named = re.findall(r"\((\.\./images/tracking-[a-z]+\.png)\)", PAGE)
    assert len(named) == 5
    assert all((ROOT / "docs" / "explanation" / n).resolve().stat().st_size < 200_000 for n in named)
