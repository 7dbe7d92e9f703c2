"""A site file's paths are its own: relative to where it lies."""

from __future__ import annotations

from tenere.cli import setting


def test_terrain_is_found_from_the_site_files_folder(tmp_path):
    folder = tmp_path / "sites"
    folder.mkdir()
    elsewhere = tmp_path / "finer"
    text = f'[coverage]\nterrain = ["tiles", "../more.tif", "demo", {str(elsewhere)!r}]\n'
    (folder / "site.toml").write_text(text, encoding="utf-8")
    found = setting.site(folder / "site.toml").coverage.terrain
    assert found == (str(folder / "tiles"), str(tmp_path / "more.tif"), "demo", str(elsewhere))
    assert setting.site(None).coverage.terrain == ("demo",)
