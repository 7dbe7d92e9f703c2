"""tenere performance: what it prints, its JSON and its report, on a recording of known measures and on wrong ones."""

from __future__ import annotations

import contextlib
import html.parser
import io
import json
import re
import xml.dom.minidom

import numpy as np
import pytest

from tenere.cli import limits, main
from tenere.config import Config
from tenere.performance import PerformanceConfig

DETECTION, NOISE_M, TURN_S, SECONDS = 0.9, 30.0, 4.0, 600


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Write a table of plots: 16 aircraft seen by one radar, one code in fifty wrong."""
    rng = np.random.Generator(np.random.PCG64(12))
    place, angle = rng.uniform(-80e3, 80e3, (16, 2)), rng.uniform(0, 2 * np.pi, 16)
    speed = 120.0 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    lines = ["time,range (m),azimuth (deg),altitude (m),squawk,kind"]
    for look in range(int(SECONDS / TURN_S)):
        for i in range(16):
            if rng.random() > DETECTION:
                continue
            xy = place[i] + speed[i] * look * TURN_S
            az = np.arctan2(*xy) % (2 * np.pi)
            t = 40_000.0 + look * TURN_S + TURN_S * i / 16
            slant = np.hypot(np.hypot(*xy), 8000.0) + rng.normal(0, NOISE_M)
            code = f"{rng.integers(4, 7)}123" if rng.random() < 0.02 else f"10{i // 8}{i % 8}"
            lines.append(f"{t:.3f},{slant:.2f},{np.degrees(az + rng.normal(0, 5e-4)):.5f},8000,{code},ssr")
    path = tmp_path_factory.mktemp("performance") / "one & <radar>.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(capsys, *words):
    code = main(["performance", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def told(recording, tmp_path_factory):
    """Run it once with all its outputs; return the folder, and what it said as a table and as JSON."""
    folder = tmp_path_factory.mktemp("told")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["performance", str(recording), "--json", "--html", str(folder / "report.html")]) == 0
    return folder, json.loads(out.getvalue())


def test_the_figures_are_those_of_the_recording(told):
    _, document = told
    (sensor,) = document["sensors"]
    assert sensor["group"] == "ssr"
    assert sensor["values"]["period_s"] == pytest.approx(TURN_S, rel=0.01)
    update = sensor["shares"]["update"]
    assert update["low"] - 0.01 <= DETECTION <= update["high"] + 0.01
    assert sensor["values"]["range_noise_m"] == pytest.approx(NOISE_M, rel=0.12)
    wrong = sensor["shares"]["mode_a_wrong"]
    assert wrong["low"] <= 0.02 * 17 / 16 <= wrong["high"] + 0.01
    assert document["tracks"] >= 16
    assert document["times_real_time"] > 0


def test_every_result_says_what_why_and_whence(told):
    _, document = told
    assert {r["verdict"] for r in document["results"]} <= {"pass", "fail", "not judged"}
    assert all(r["why"] and r["source"] and r["limit"] for r in document["results"])
    by_id = {r["id"]: r for r in document["results"]}
    assert by_id["radar97-ssr-update"]["verdict"] == "fail"
    assert by_id["radar97-ssr-range"]["verdict"] == "not judged"
    assert any("innovations" in note for note in document["notes"])


class Balanced(html.parser.HTMLParser):
    """Reads a page and keeps what stands open."""

    VOID = frozenset({"meta"})

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_report_is_one_file_that_refers_to_nothing(told):
    folder, document = told
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert sorted(p.name for p in folder.iterdir()) == ["report.html"]
    page = Balanced()
    page.feed(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not re.findall(r"https?:|url\(|@import|\bsrc=|href=", text)
    assert "default-src 'none'" in text
    titles = {a["aria-label"] for tag, a in page.tags if tag == "svg"}
    for words in (
        "update by azimuth",
        "update by distance",
        "Residuals, range",
        "Residuals, azimuth",
        "Missed updates",
        "missed updates (crosses)",
    ):
        assert any(words in t for t in titles), words
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        xml.dom.minidom.parseString(svg)
        assert "nan" not in svg.lower().replace("nance", "")
    assert "one & <radar>" in "".join(page.text)
    assert document["results"][0]["source"] in "".join(page.text)


def test_the_table_on_the_terminal(recording, capsys):
    code, out, _ = run(capsys, recording)
    assert code == 0
    for words in ("update a look", "range noise", "Mode A wrong", "FAIL", "NOT JUDGED", "innovations"):
        assert words in out


def test_a_users_limits_and_site(recording, tmp_path, capsys):
    (tmp_path / "limits.toml").write_text(
        '[[threshold]]\nid = "radar97-ssr-update"\nat_least = 0.5\n[group]\nGHOST = "ssr"\n', encoding="utf-8"
    )
    site = '[[sensor]]\nid = "NIM"\nkind = "radar"\nlat_deg = 13.5\nlon_deg = 2.1\n'
    (tmp_path / "site.toml").write_text(site, encoding="utf-8")
    code, out, err = run(capsys, recording, "--thresholds", tmp_path / "limits.toml", "--site", tmp_path / "site.toml", "--json")
    assert code == 0
    document = json.loads(out)
    assert [s["id"] for s in document["sensors"]] == ["NIM"]
    assert {r["id"]: r["verdict"] for r in document["results"]}["radar97-ssr-update"] == "pass"
    assert "no sensor is called GHOST" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--thresholds", "absent.toml"), "cannot be read"),
        (("--thresholds", "garbage.toml"), "not valid TOML"),
        (("--thresholds", "wrong.toml"), "no id"),
        (("--html", "."), "name a file"),
        (("--html", "absent/report.html"), "name a file"),
        (("--site", "garbage.toml"), "garbage.toml"),
        (("--format", "morse"), "morse"),
    ],
)
def test_wrong_words_are_told(recording, tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "garbage.toml").write_bytes(b"\xff\x00[[")
    (tmp_path / "wrong.toml").write_text("[[threshold]]\nat_most = 1\n", encoding="utf-8")
    code, _, err = run(capsys, recording, *words)
    assert code == 2
    assert said in err


def test_the_recording_is_never_written_over(recording, capsys):
    before = recording.read_bytes()
    code, _, err = run(capsys, recording, "--html", recording)
    assert code == 2
    assert "is read from" in err
    assert recording.read_bytes() == before


def test_what_is_no_recording(tmp_path, capsys):
    rng = np.random.Generator(np.random.PCG64(3))
    (tmp_path / "noise.bin").write_bytes(rng.integers(0, 256, 5000, np.uint8).tobytes())
    code, out, _ = run(capsys, tmp_path / "noise.bin", "--json")
    assert code == 1
    json.loads(out)
    code, _, err = run(capsys, tmp_path / "absent.pcap")
    assert code == 1
    assert "absent.pcap" in err


def test_half_a_recording_and_one_that_is_not_there(recording, tmp_path, capsys):
    half = tmp_path / "half.csv"
    half.write_bytes(recording.read_bytes()[: recording.stat().st_size // 2])
    code, out, err = run(capsys, half, tmp_path / "absent.csv", "--json")
    assert code == 1
    assert "absent.csv" in err
    assert json.loads(out)["sensors"][0]["counts"]["plots"] > 500


def test_an_interruption_leaves_no_report(recording, tmp_path, monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tenere.measuring.Watcher.take", stop)
    code, _, err = run(capsys, recording, "--html", tmp_path / "report.html")
    assert code == 130
    assert "interrupted" in err
    assert list(tmp_path.iterdir()) == []


def test_a_site_names_its_own_limits(recording, tmp_path, capsys):
    (tmp_path / "limits.toml").write_text('[[threshold]]\nid = "radar97-ssr-update"\nat_least = 0.1\nsource = "our contract"\n')
    site = tmp_path / "site.toml"
    site.write_text('[performance]\nthresholds = "limits.toml"\n')
    code, out, _ = run(capsys, recording, "--site", site, "--json")
    assert code == 0
    (row,) = [r for r in json.loads(out)["results"] if r["id"] == "radar97-ssr-update"]
    assert (row["source"], row["verdict"]) == ("our contract", "pass")
    site.write_text('[performance]\nthresholds = "absent.toml"\n')
    code, _, err = run(capsys, recording, "--site", site)
    assert code == 2
    assert "performance.thresholds" in err
    assert "absent.toml" in err


def test_a_log_whose_limits_are_not_there_is_judged_by_those_of_the_package(capsys):
    config = Config(performance=PerformanceConfig(thresholds="/no/such/limits.toml"))
    assert limits.of_site(config) == limits.thresholds(None)
    assert "the limits as shipped serve" in capsys.readouterr().err


def test_a_real_radar(shared_data, capsys):
    code, out, _ = run(capsys, shared_data / "asterix" / "ar_UIS.pcap", "--json")
    assert code == 0
    document = json.loads(out)
    (sensor,) = document["sensors"]
    assert sensor["counts"]["plots"] == 1640
    assert sensor["values"]["period_s"] == pytest.approx(sensor["values"]["period_assumed_s"], rel=0.01)
    assert sensor["shares"]["update"]["value"] > 0.97
    assert sensor["values"]["clock_off_s"] == pytest.approx(-1580, abs=5)
    assert {r["id"]: r["verdict"] for r in document["results"]}["radar97-ssr-update"] == "pass"
