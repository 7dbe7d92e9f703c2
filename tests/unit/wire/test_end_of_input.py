"""Where a file ends, its last record ends with it, with or without a line feed; what follows begins anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scripts.fuzz_seeds import TEXTS, seeds_of

from tenere.errors import TenereError
from tenere.tick import Chunk
from tenere.wire import format as formats
from tenere.wire import recording

NOW = 1.9e9
LINED = ("sbs", "nmea", "ogn", "remote_id_json", "uat", "plots", "modes_hex")


def samples(name: str) -> bytes:
    if name == "modes_hex":
        return b"*8D4840D6202CC371C32CE0576098;\n" * 3
    if name in {"nmea", "uat"}:
        return b"".join(s for s in seeds_of(name)[0][-3:])
    return "".join(TEXTS[name]).encode()


def count(name: str, units: list[bytes]) -> tuple[int, int]:
    chosen = formats.load(name)
    _, got = chosen.step(chosen.init(formats.SourceHint()), Chunk.of("s", units, NOW), NOW)
    return sum(got.records.values()), sum(got.rejects.counts.values())


@pytest.mark.parametrize("name", LINED)
def test_the_last_line_of_a_file_needs_no_line_feed(name):
    text = samples(name).rstrip(b"\r\n")
    whole = count(name, [text + b"\n"])
    assert whole[0] > 0
    ends, times_s, _ = formats.load(name).split(text)
    assert len(ends) == len(times_s)
    begins = [0, *ends.tolist()[:-1]]
    assert count(name, [text[a:b] for a, b in zip(begins, ends.tolist(), strict=True)]) == whole
    if name != "modes_hex":  # three frames are too few to be told from noise
        found = recording.read(text, format_name=name)
        chosen = formats.load(name)
        _, got = chosen.step(chosen.init(formats.SourceHint()), found.chunk, NOW)
        assert sum(got.records.values()) == whole[0]


@pytest.mark.parametrize("name", LINED)
def test_two_files_in_a_row_are_not_glued_together(name):
    text = samples(name).rstrip(b"\r\n")
    one = count(name, [text, b""])
    assert one == count(name, [text + b"\n"])
    two = count(name, [text, b"", text, b""])
    assert two[0] >= 2 * one[0] - (name == "modes_hex")
    assert two[1] <= 2 * one[1]


@pytest.mark.parametrize("name", ["sbs", "nmea", "ogn", "remote_id_json", "plots"])
def test_a_byte_order_mark_costs_nothing(name):
    text = samples(name)
    assert count(name, [b"\xef\xbb\xbf" + text]) == count(name, [text])


def test_each_table_has_its_own_header():
    first = b"time,lat,lon,icao24\n1900000000,13.5,2.5,4ca111"
    second = b"time,lon,lat,icao24\n1900000000,2.5,13.9,4ca222"
    chosen = formats.load("plots")
    for units in ([first, b"", second, b""], [first[:30], first[30:], b"", second[:5], second[5:], b""]):
        chunk = Chunk.of("s", units, NOW)
        _, got = chosen.step(chosen.init(formats.SourceHint()), chunk, NOW)
        assert np.degrees(got.plots.lat_rad) == pytest.approx([13.5, 13.9])
        assert np.degrees(got.plots.lon_rad) == pytest.approx([2.5, 2.5])
        assert got.rejects.counts == {}
        assert [chunk.data[r : r + 10] for r in got.plots.reference.tolist()] == [b"1900000000"] * 2
        _, tables = chosen.details(chosen.init(formats.SourceHint()), chunk, NOW)
        assert [chunk.data[r : r + 10] for r in tables["plots"].columns[0].values.tolist()] == [b"1900000000"] * 2


def test_a_message_that_never_closes_is_counted_at_the_end():
    chosen = formats.load("fpl")
    state, got = chosen.step(chosen.init(formats.SourceHint()), Chunk.of("s", [b"(FPL-NIG123-IS"], NOW), NOW)
    assert got.rejects.counts == {}
    state, got = chosen.step(state, Chunk.of("s", [b""], NOW), NOW)
    assert sum(got.rejects.counts.values()) == 1
    _, got = chosen.step(state, Chunk.of("s", [b"(CNL-NIG123-DRRN1745-DFFD-0)"], NOW), NOW)
    assert got.records == {"ATS CNL": 1} or sum(got.records.values()) == 1


def test_a_plugin_that_breaks_keeps_nothing_else_from_working(monkeypatch):
    class Broken:
        name, value = "broken", "broken:FORMAT"

        def load(self):
            raise RuntimeError("boom")

    real = formats.entry_points
    monkeypatch.setattr(formats, "entry_points", lambda **k: [Broken()] if k.get("name") == "broken" else [*real(**k), Broken()])
    assert "broken" in formats.names()
    with pytest.raises(TenereError, match="boom"):
        formats.load("broken")
    assert recording.read(samples("sbs") * 5).format == "sbs"
    assert math.isfinite(recording.read(samples("sbs") * 5).chunk.times_s[0])
