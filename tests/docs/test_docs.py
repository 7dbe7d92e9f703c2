"""The documentation is true: generated pages are fresh, commands parse and run, links lead somewhere, examples load."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from scripts import reference

from tenere import cli, config, exercise, performance
from tenere.batch import BATCHES, Identity
from tenere.cli.performance import thresholds as limits
from tenere.page import PAGE_BATCHES
from tenere.record import replay
from tenere.wire import format as formats
from tenere.wire.asterix import tables
from tenere.wire.asterix.plots import PLOTS
from tenere.wire.asterix.status import LAYOUTS
from tenere.wire.remote_id import messages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
SHELLS = {"console", "bash", "sh", "shell"}
PROGRAM = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?(tenere(?: .*)?)$")
MAKE = re.compile(r"^(?:\$ )?make ([a-z-]+)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home|tmp|Users|mnt|opt|srv)/|[A-Z]:\\\\")
BOUNDARY = re.compile(r"weapon", re.IGNORECASE)
STATEMENT = re.compile(r"no weapons? function|words of weapons use", re.IGNORECASE)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return (language, text) of each fenced block of a page."""
    return re.findall(r"^```([a-z]*)\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def command_lines() -> list[tuple[str, str]]:
    """Return (page, command) of every tenere command in a shell block."""
    return [
        (name_of(page), found[1])
        for page in PAGES
        for language, text in blocks(page)
        if language in SHELLS
        for line in text.splitlines()
        if (found := PROGRAM.match(line.strip()))
    ]


def headings(path: Path) -> list[str]:
    return re.findall(r"^(#+) ", prose(path), re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Return the anchors that a page's headings make, as the common Markdown hosts make them."""
    texts = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", t.lower()).strip().replace(" ", "-") for t in texts}


# --- generated pages ---


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_generated_page_is_fresh(page):
    committed = reference.FOLDER / page
    assert committed.is_file(), f"docs/reference/{page} is missing: run make docs"
    assert committed.read_text(encoding="utf-8") == reference.PAGES[page](), f"docs/reference/{page} is stale: run make docs"


def test_the_generator_says_what_is_stale_and_mends_it(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "docs" / "reference"
    monkeypatch.setattr(reference, "FOLDER", folder)
    assert reference.main(["--check"]) == 1
    assert not folder.exists()
    assert reference.main([]) == 0
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.md")) == sorted(reference.PAGES)
    (folder / "rules.md").write_text("old", encoding="utf-8")
    capsys.readouterr()
    assert reference.main(["--check"]) == 1
    assert capsys.readouterr().out.split(":")[0] == "docs/reference/rules.md"


# --- everything is documented ---


def test_every_command_and_option_is_documented():
    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    commands = reference.commands()
    assert {"run", "replay", "decode", "record", "doctor"} <= set(commands)
    for name, parser in commands.items():
        section = text.split(f"## tenere {name}\n")[1].split("\n## ")[0]
        for action in parser._actions:
            if isinstance(action, argparse._HelpAction):
                continue
            assert action.help, f"tenere {name} {action.dest} has no help"
            for word in action.option_strings or [str(action.metavar)]:
                assert f"`{word}" in section, f"tenere {name}: {word} is not documented"


def test_every_setting_is_documented():
    text = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    known = {f.name for f in msgspec.structs.fields(config.Config)}
    seen = set()
    for table in reference.tables():
        seen.add(table.heading.strip("[]"))
        section = text.split(f"## {table.heading}\n")[1].split("\n## ")[0]
        assert [s.key for s in table.settings if f"\n| `{s.key}` |" not in section] == []
    assert {name.partition(".")[0] for name in seen} == known


@pytest.mark.parametrize("table", list(reference.tables()), ids=lambda t: t.heading)
def test_every_setting_says_what_it_means(table):
    assert table.meaning, f"{table.heading} has no docstring"
    assert [s.key for s in table.settings if not s.meaning] == [], "fields without a docstring after them"


def test_every_format_category_and_message_is_documented():
    text = (DOCS / "reference" / "formats.md").read_text(encoding="utf-8")
    for name in formats.names():
        assert f"| `{name}` |" in text
    for category in sorted({*PLOTS, *LAYOUTS, 62}):
        edition = tables.table(category).edition
        assert f"| CAT{category:03d} | {edition} |" in text
    for name in messages.NAMES:
        assert f"| {name} |" in text
    for framing in ("raw", "pcap", "pcapng", "final", "rply", "gps", "beast", "json lines", "csv", "avr", "text"):
        assert f"`{framing}`" in text


def test_every_column_is_documented():
    text = (DOCS / "reference" / "columns.md").read_text(encoding="utf-8")
    for batch in (*BATCHES, *PAGE_BATCHES):
        section = text.split(f"## {batch.__name__}\n")[1].split("\n## ")[0]
        assert [n for n, *_ in batch.columns() if f"| `{n}` |" not in section] == []


def test_the_page_of_the_api_names_what_the_api_gives():
    """The keys are read from the code that writes them."""
    text = (DOCS / "howto" / "read-the-api.md").read_text(encoding="utf-8")
    source = (ROOT / "src" / "tenere" / "serve" / "picture.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'^ +"([a-z_]+)": ', source, re.MULTILINE))
    assert len(keys) > 40
    assert sorted(k for k in keys if f"`{k}`" not in text and not re.search(rf"\b{k}\b", text)) == []
    routes = re.findall(r'Route\("(/api/[a-z.]+)', (ROOT / "src" / "tenere" / "serve" / "app.py").read_text(encoding="utf-8"))
    assert [r for r in routes if r not in text] == []


# --- commands in the pages ---


@pytest.mark.parametrize(("page", "command"), command_lines())
def test_a_command_in_the_docs_parses(page, command, capsys):
    words = shlex.split(command, comments=True)[1:]
    if not words:
        return
    ended = 0
    try:
        cli.parser().parse_args(words)
    except SystemExit as e:  # --help and --version end well
        ended = e.code
    assert ended == 0, f"{page}: {command}: {capsys.readouterr().err}"


def test_there_are_commands_to_check():
    pages = {page for page, _ in command_lines()}
    assert {"README.md", "docs/tutorial/first-picture.md", "docs/tutorial/premiere-image.md"} <= pages
    with pytest.raises(SystemExit):
        cli.parser().parse_args(shlex.split("replay a.pcap --sped 2"))


def test_every_make_target_in_the_docs_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (name_of(page), found[1])
        for page in PAGES
        for language, text in blocks(page)
        if language in SHELLS
        for line in text.splitlines()
        if (found := MAKE.match(line.strip()))
    }
    named |= {(name_of(page), target) for page in PAGES for target in re.findall(r"`make ([a-z-]+)", prose(page))}
    assert {("README.md", "run"), ("README.md", "test")} <= named
    assert sorted(n for n in named if n[1] not in targets) == []


def tenere(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would, elsewhere than in the checkout."""
    return subprocess.run([sys.executable, "-m", "tenere", *words], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Run tenere record --duration 3, as the how-to says."""
    folder = tmp_path_factory.mktemp("docs")
    done = tenere("record", "--duration", "3", "--out", "logs", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_record_does_what_the_howto_says(record):
    folder, said = record
    assert set(said) == {"log", "ticks", "bytes"}
    assert said["ticks"] == 3
    assert (folder / said["log"]).stat().st_size == said["bytes"]


def test_replay_does_what_the_howto_says(record):
    folder, said = record
    first = tenere("replay", said["log"], "--speed", "max", "--out", "out", "--json", cwd=folder)
    assert first.returncode == 0, first.stderr
    assert sorted(p.name for p in (folder / "out").iterdir()) == [
        "alerts.parquet", "evidence.parquet", "identities.parquet", "plots.parquet", "replay.ticks", "tracks.parquet",
    ]  # fmt: skip
    again = tenere("replay", "out/replay.ticks", "--speed", "max", cwd=folder)
    summary = json.loads(first.stdout)
    assert {"ticks", "plots", "tracks", "alerts", "air_s", "cpu_s", "sha256", "lost_bytes"} <= set(summary)
    assert f"sha256 {summary['sha256']}" in again.stdout


def test_a_log_cut_short_says_how_much_is_lost(record):
    folder, said = record
    (folder / "cut.ticks").write_bytes((folder / said["log"]).read_bytes()[:-1000])
    done = tenere("replay", "cut.ticks", "--speed", "max", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lost_bytes"] > 0
    assert "bytes of the log were lost (cut off" in done.stderr


def test_decode_and_doctor_do_what_the_readme_says(record):
    folder, said = record
    radars = b"".join(c.data for tick in replay(folder / said["log"]) for c in tick.chunks if c.source.endswith("-R"))
    (folder / "morning.ast").write_bytes(radars)
    done = tenere("decode", "morning.ast", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["files"][0]
    assert (found["framing"], found["rejected"]) == ("raw", {})
    assert found["records"]["CAT048"] > 50
    looked = tenere("doctor", "--port", "0", "--json", cwd=folder)
    report = json.loads(looked.stdout)
    assert looked.returncode == (0 if report["ok"] else 1)
    assert {f"format {n}" for n in formats.names()} <= {c["name"] for c in report["checks"]}


def test_a_wrong_key_is_told_as_the_howto_shows(tmp_path):
    (tmp_path / "site.toml").write_text('[site]\nnmae = "x"\n', encoding="utf-8")
    done = tenere("run", "site.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() in (DOCS / "howto" / "connect-your-sensors.md").read_text(encoding="utf-8")


# --- examples ---


def test_the_example_site_loads():
    site = config.load(DOCS / "howto" / "site.example.toml")
    assert [s.id for s in site.source] == ["radars", "receiver"]
    assert {s.source for s in site.sensor} == {"radars", "receiver"}
    assert site.plan[0].protected


def test_the_site_of_the_tutorial_has_its_ten_sensors():
    site = config.load(DOCS / "tutorial" / "niger-ten.toml")
    assert len(site.sensor) == 10
    assert sum(s.kind == "radar" for s in site.sensor) == 2
    assert [a.id for a in site.area] == ["niger", "south-strip", "niamey"]
    assert site.siting.budget == 5


def test_every_toml_block_loads():
    pages = [(page, text) for page in PAGES for language, text in blocks(page) if language == "toml"]
    assert pages
    for page, text in pages:
        if "project.entry-points" in text:
            tomllib.loads(text)
        elif "[[threshold]]" in text:
            performance.merged(limits(None), tomllib.loads(text), name_of(page))
        elif "[mapping]" in text:
            formats.load("plots").init(formats.SourceHint(options=tomllib.loads(text)))
        else:
            config.parse(text, name_of(page))


def test_every_json_block_is_json():
    for page in PAGES:
        for language, text in blocks(page):
            if language == "json":
                json.loads(text)


def test_the_flights_of_the_tutorial_are_in_the_exercise():
    made = exercise.scenario(exercise.ExerciseConfig())
    known = {p.callsign: p for p in made.plans}
    for page in ("first-picture.md", "premiere-image.md"):
        text = (DOCS / "tutorial" / page).read_text(encoding="utf-8")
        for name in ("CAR34M", "UNO052H", "RENIGER1"):
            assert f"`{name}`" in text
            assert known[name].protected
        for name in ("VLD717", "ATL753"):
            assert f"`{name}`" in text
            assert name in known
        drone = re.search(r"`(NIM\d+)`", text)
        assert drone
        assert any(p.remote_id.endswith(drone[1]) for p in made.plans)


# --- pages ---


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert there.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(there), f"{target}: no such heading"


def test_every_page_is_reached_from_the_index():
    indexes = (DOCS / "index.md", DOCS / "reference" / "asterix.md")
    linked = {(page.parent / t.partition("#")[0]).resolve() for page in indexes for t in LINK.findall(prose(page))}
    assert sorted(name_of(p) for p in DOCS.rglob("*.md") if p.resolve() not in linked and p.name != "index.md") == []


@pytest.mark.parametrize("page", [*PAGES, DOCS / "howto" / "site.example.toml"], ids=name_of)
def test_no_page_names_a_machine_or_the_bounds_loosely(page):
    text = page.read_text(encoding="utf-8")
    assert MACHINE_PATHS.findall(text) == []
    flat = " ".join(text.split())
    loose = [flat[max(0, m.start() - 30) : m.end() + 30] for m in BOUNDARY.finditer(flat)]
    assert len(loose) == len(STATEMENT.findall(flat)), loose


@pytest.mark.parametrize("names", [("first-picture.md", "premiere-image.md"), ("ten-sensors.md", "dix-capteurs.md")])
def test_a_tutorial_has_the_same_shape_in_both_languages(names):
    english, french = (DOCS / "tutorial" / name for name in names)
    assert headings(english) == headings(french)
    assert blocks(english) == blocks(french)


def test_decisions_are_short_and_numbered():
    found = sorted((DOCS / "decisions").glob("*.md"))
    assert [p.name[:4] for p in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    for page in found:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} ")
        assert len(text.splitlines()) <= 30
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_readme_says_the_six_identities_and_the_two_commands():
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    words = ", ".join(i.name.lower().replace("_", " ") for i in Identity)
    assert words in text
    assert "no weapons function of any kind" in text
    assert "docs/images/picture.png" in text


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
