"""The words of the command line: help, status, and where things are printed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tenere import __version__, cli
from tenere.cli import main
from tenere.cli.output import Seen, clean

COMMANDS = ("run", "record", "replay", "track", "score", "compare", "decode", "doctor", "warm")
QUICK = """
import sys
from tenere.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
slow = [m for m in ("numba", "numpy", "pyarrow", "uvicorn") if m in sys.modules]
print(slow, file=sys.stderr)
"""


def status(*argv: str) -> int:
    try:
        return main(list(argv))
    except SystemExit as e:
        return int(e.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_examples_and_speaks_json(command, capsys):
    assert status(command, "--help") == 0
    out = capsys.readouterr().out
    assert f"examples:\n  tenere {command}" in out
    assert "--json" in out


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nonsense"],
        ["decode"],
        ["replay"],
        ["replay", "x", "--speed", "0"],
        ["replay", "x", "--speed", "-1"],
        ["replay", "x", "--speed", "nan"],
        ["replay", "x", "--speed", "1e-300"],
        ["replay", "x", "--speed", "fast"],
        ["run", "--port", "65536"],
        ["run", "--port", "-1"],
        ["doctor", "--port", "99999"],
        ["run", "--duration", "nan"],
        ["record", "--duration", "0"],
        ["run", "a.toml", "b.toml"],
        ["run", "/absent.toml"],
        ["record", "/absent.toml"],
        ["replay", "x", "--site", "/absent.toml"],
    ],
)
def test_wrong_usage_is_status_2_and_said_on_stderr(argv, capsys):
    assert status(*argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip()


@pytest.mark.parametrize("argv", [["--version"], ["--help"], ["decode", "--help"], ["replay", "--speed", "0", "x"], ["nonsense"]])
def test_words_alone_import_nothing_slow(argv):
    done = subprocess.run([sys.executable, "-c", QUICK, *argv], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_version(capsys):
    assert status("--version") == 0
    assert capsys.readouterr().out == f"tenere {__version__}\n"


def test_an_error_is_one_document_too(capsys, tmp_path):
    site = tmp_path / "s.toml"
    site.write_text("[sit]\n")
    assert status("run", str(site), "--json") == 2
    out, err = capsys.readouterr()
    assert 'did you mean "site"?' in json.loads(out)["error"]
    assert err.startswith(f"tenere: {site}: unknown key sit")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow"), 1, "package pyarrow is missing: run make setup"),
    ],
)
def test_what_may_go_wrong_is_one_line(error, code, said, capsys, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr("tenere.cli.doctor.run", fail)
    assert status("doctor", "--json") == code
    out, err = capsys.readouterr()
    assert said in json.loads(out)["error"]
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    def fail(_):
        raise ModuleNotFoundError("No module named 'tenere.nothing'", name="tenere.nothing")

    monkeypatch.setattr("tenere.cli.doctor.run", fail)
    with pytest.raises(ModuleNotFoundError):
        main(["doctor"])


def test_a_reader_that_leaves_is_no_error():
    command = f"{sys.executable} -m tenere doctor --port 0 | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_numbers_json_has_not_become_null():
    assert clean({"a": [1.5, float("nan"), (float("inf"),)], "b": "x"}) == {"a": [1.5, None, [None]], "b": "x"}


def test_seen_counts_distinct_numbers():
    import numpy as np

    seen = Seen()
    for numbers in ([], [3, 1], [1], [1000, 3]):
        seen.add(np.array(numbers, np.uint32))
    assert seen.count() == 3


def test_the_parser_is_public():
    assert cli.parser().prog == "tenere"
