"""tenere doctor: what is missing is named, with how to mend it."""

from __future__ import annotations

import importlib
import json
import socket
import subprocess
import sys

import pytest

from tenere.cli import doctor, main
from tenere.errors import TenereError
from tenere.geo import borders

BLIND = """
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numpy", "msgspec"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
from tenere.cli import main
sys.exit(main(sys.argv[1:]))
"""


def look(capsys, *argv: str) -> tuple[int, dict[str, dict]]:
    code = main(["doctor", "--json", "--port", "0", *argv])
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] == (code == 0)
    return code, {c["name"]: c for c in document["checks"]}


def test_everything_is_looked_at(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "PAGE", tmp_path / "index.html")
    (tmp_path / "index.html").touch()
    code, found = look(capsys)
    assert code == 0, [c for c in found.values() if not c["ok"]]
    assert {"python", "numba", "libasterix", "format asterix", "format beast", "web page", "borders", "cache folder", "disk"} <= set(found)
    assert main(["doctor", "--port", "0"]) == 0
    assert "ok    numba: " in capsys.readouterr().out


def test_what_is_missing_says_how_to_mend_it(capsys, tmp_path, monkeypatch):
    def fail(_):
        raise TenereError("ne_10m.json: damaged")

    real = importlib.import_module

    def lack(name, package=None):
        if name == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'", name=name)
        if name == "uvicorn":
            raise ImportError("undefined symbol")
        return real(name, package)

    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(doctor, "PAGE", tmp_path / "absent")
    monkeypatch.setattr(doctor, "ENOUGH_BYTES", 1 << 62)
    monkeypatch.setattr(doctor.importlib, "import_module", lack)
    monkeypatch.setattr(borders, "load", fail)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, found = look(capsys, "--port", str(port))
    assert code == 1
    bad = {name: c for name, c in found.items() if not c["ok"]}
    assert set(bad) == {"pyarrow", "uvicorn", "web page", "borders", "cache folder", "disk", f"port {port}"}
    assert all(c["mend"] for c in bad.values())
    assert bad["pyarrow"]["mend"] == "run: make setup"
    assert "undefined symbol" in bad["uvicorn"]["found"]
    assert "--port" in bad[f"port {port}"]["mend"]
    assert "XDG_CACHE_HOME" in bad["cache folder"]["mend"]


def test_a_format_of_a_plugin_that_fails_is_named(capsys, monkeypatch):
    from tenere.wire import format as formats

    real = formats.load
    monkeypatch.setattr(formats, "names", lambda: ["asterix", "mine"])
    monkeypatch.setattr(formats, "load", lambda name: real(name) if name == "asterix" else 1 / 0)
    _, found = look(capsys)
    assert found["format asterix"]["ok"]
    assert "ZeroDivisionError" in found["format mine"]["found"]
    monkeypatch.setattr(formats, "names", list)
    assert "not installed" in look(capsys)[1]["formats"]["mend"]


@pytest.mark.parametrize("argv", [["doctor", "--json", "--port", "0"], ["decode", "x", "--json"]])
def test_it_works_where_the_packages_are_missing(argv):
    done = subprocess.run([sys.executable, "-c", BLIND, *argv], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    if argv[0] == "doctor":
        found = {c["name"]: c for c in document["checks"]}
        assert (found["numpy"]["ok"], found["numpy"]["mend"]) == (False, "run: make setup")
        assert not found["msgspec"]["ok"]
    else:
        assert "is missing: run make setup" in document["error"]
