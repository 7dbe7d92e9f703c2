"""The page's colours: far enough apart for every kind of sight, and dark or light enough to be read."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from scripts.colourblind import PALETTES, SIGHTS, contrast, difference, lab, least, main, parse, seen

THEMES = json.loads(PALETTES.read_text())
APART = 10.0
"""The least CIEDE2000 difference; 2.3 is about what an eye can just tell in peace."""


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # Sharma, Wu and Dalal (2005), table 1: pairs 1, 7, 9, 13, 17, 25, 30, 34
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_that_the_formulas_authors_tell(one, two, expected):
    assert difference(np.array(one), np.array(two)) == pytest.approx(expected, abs=1e-4)
    assert difference(np.array(two), np.array(one)) == pytest.approx(expected, abs=1e-4)


def test_simulated_sight_keeps_greys_and_loses_what_it_should():
    grey = np.array([0.3, 0.3, 0.3])
    for sight in SIGHTS:
        np.testing.assert_allclose(seen(grey, sight), grey, atol=1e-3)
    red, green = parse("#c83c3c"), parse("#5a7d3c")
    usual = difference(lab(red), lab(green))
    assert difference(lab(seen(red, "deuteranopia")), lab(seen(green, "deuteranopia"))) < 0.5 * usual


@pytest.mark.parametrize("sight", list(SIGHTS))
@pytest.mark.parametrize("family", ["identity", "severity"])
@pytest.mark.parametrize("theme", list(THEMES))
def test_identities_and_severities_stay_apart_for_every_sight(theme, family, sight):
    apart, one, two = least(THEMES[theme][family].items(), sight)
    assert apart >= APART, f"{one} and {two} are only {apart:.1f} apart"


@pytest.mark.parametrize("theme", list(THEMES))
def test_what_is_written_can_be_read(theme):
    palette = THEMES[theme]
    page = palette["page"]
    text = {k: page[k] for k in ("text", "soft", "dim", "faint", "danger", "warning", "amber", "good", "accent")}
    for name, colour in {**text, **palette["identity"], **palette["severity"]}.items():
        for ground in ("ground", "panel", "panel-2"):
            assert contrast(parse(colour), parse(page[ground])) >= 4.5, f"{name} on {ground}"
    for name, ground in (
        ("bad-text", "bad-ground"),
        ("warn-text", "warn-ground"),
        ("text", "chosen"),
        ("faint", "chosen"),
        ("dim", "rule"),
    ):
        assert contrast(parse(page[name]), parse(page[ground])) >= 4.5, f"{name} on {ground}"
    for ground in ("accent", "warning", "amber", "danger"):
        assert contrast(parse(page["on-bright"]), parse(page[ground])) >= 4.5, f"on-bright on {ground}"
    assert contrast(parse(page["edge"]), parse(page["panel"])) >= 3.0, "the edge of a field"
    for name, colour in palette["identity"].items():
        for ground in ("sea", "land", "home"):
            assert contrast(parse(colour), parse(palette["map"][ground])) >= 4.0, f"{name} on {ground}"


def test_the_style_sheet_begins_with_the_nights_colours_and_names_no_other():
    css = (PALETTES.parent / "style/base.css").read_text()
    root, rest = css.split("}", 1)
    night = THEMES["night"]
    wanted = {**night["page"], **{f"severity{i}": c for i, c in enumerate(night["severity"].values())}}
    wanted |= {f"identity{i}": c for i, c in enumerate(night["identity"].values())}
    assert dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]+);", root)) == wanted
    for style in (rest, (PALETTES.parent / "style/habits.css").read_text()):
        assert re.findall(r"#[0-9a-f]{6}\b", style) == []


def test_a_picture_is_seen_as_another_sight_sees_it(tmp_path, monkeypatch):
    image = pytest.importorskip("matplotlib.image")
    red = np.full((2, 4, 3), parse("#c83c3c"))
    image.imsave(tmp_path / "in.png", red)
    monkeypatch.setattr("sys.argv", ["colourblind", "--image", str(tmp_path / "in.png"), "--out", str(tmp_path / "out.png")])
    assert main() == 0
    made = image.imread(tmp_path / "out.png")
    assert made.shape[:2] == (2, 4)
    np.testing.assert_allclose(made[..., :3], seen(red, "deuteranopia"), atol=1 / 128)


def test_it_tells_how_far_apart_colours_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["colourblind"])
    assert main() == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * 2 * len(SIGHTS)
