"""Real recordings, and libasterix on a slice of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.wire.asterix import FORMAT, decode_category
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.format import SourceHint
from tenere.wire.recording import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tenere.wire.decoded import Decoded
    from tenere.wire.recording import Recording


def load(folder: Path, name: str) -> Recording:
    return read((folder / "asterix" / name).read_bytes(), name)


def decode(recording: Recording) -> Decoded:
    _, out = FORMAT.step(FORMAT.init(SourceHint()), recording.chunk, 0.0)
    return out


@pytest.mark.parametrize(
    ("name", "framing", "records", "addresses"),
    [
        ("ar_UIS.pcap", "pcap", {"CAT034": 5936, "CAT048": 1640}, 0),
        ("lebl_201002_mlat.ast", "raw", {"CAT010": 116308}, 69),
        ("lebl_201002_smr.ast", "raw", {"CAT010": 52659}, 0),
        ("jade_final_frame_062_065_large_packet_30min.ff", "final", {"CAT062": 22396, "CAT063": 5772, "CAT065": 6057}, 154),
        ("akap_Jahorina.rply", "rply", {"CAT034": 20, "CAT048": 2099}, 106),
        ("akap_ARTAS.rply", "rply", {"CAT062": 346, "CAT063": 24, "CAT065": 203}, 77),
        ("croatia_asterix.pcap", "pcap", {}, 0),
        ("croatia_cat21_re.ast", "raw", {"CAT021": 2}, 2),
        (
            "ifsnop_068test_rrd3.gps",
            "gps",
            {"CAT001": 1534, "CAT002": 66, "CAT008": 10, "CAT019": 2, "CAT020": 10, "CAT034": 5, "CAT048": 770},
            264,
        ),
        ("croatia_parsegps.gps", "gps", {"CAT034": 3, "CAT048": 15}, 3),
        ("jade_final_frame_cat062_one_packet.ff", "final", {"CAT062": 1}, 0),
    ],
)
def test_counts(shared_data: Path, name: str, framing: str, records: dict[str, int], addresses: int) -> None:
    recording = load(shared_data, name)
    out = decode(recording)
    assert (recording.framing, recording.format) == (framing, "asterix")
    assert dict(out.records) == records
    assert len(out.addresses) == addresses
    assert (np.diff(recording.chunk.times_s) >= 0).all()
    assert np.isfinite(out.plots.time_s).all()


def test_bytes_of_another_edition_are_refused(shared_data: Path) -> None:
    out = decode(load(shared_data, "croatia_asterix.pcap"))
    assert len(out.system) == 0
    assert out.rejects.total() == 100
    assert all(reason.startswith("CAT062 block refused") for reason in out.rejects.counts)


def test_positions_are_where_the_airport_is(shared_data: Path) -> None:
    p = decode(load(shared_data, "lebl_201002_mlat.ast")).plots
    assert np.nanmax(np.hypot(p.x_m, p.y_m)) < 50_000
    assert np.isfinite(p.x_m).mean() > 0.99


@pytest.mark.parametrize(
    ("name", "category", "wanted"),
    [
        ("ar_UIS.pcap", 34, 100),
        ("ar_UIS.pcap", 48, 250),
        ("akap_Jahorina.rply", 48, 250),
        ("lebl_201002_mlat.ast", 10, 250),
        ("lebl_201002_smr.ast", 10, 200),
        ("jade_final_frame_062_065_large_packet_30min.ff", 62, 250),
        ("jade_final_frame_062_065_large_packet_30min.ff", 63, 100),
        ("jade_final_frame_062_065_large_packet_30min.ff", 65, 100),
        ("croatia_cat21_re.ast", 21, 2),
    ],
)
def test_every_element_is_the_one_libasterix_reads(
    shared_data: Path, name: str, category: int, wanted: int, oracle: Callable[..., Any]
) -> None:
    chunk = load(shared_data, name).chunk
    blocks = find_blocks(np.frombuffer(chunk.data, np.uint8), chunk.ends)
    mine = np.flatnonzero(blocks.category == category)
    sample = mine[:: max(1, len(mine) // wanted)][:wanted]
    theirs: list[tuple[bytes, dict[str, Any]]] = []
    taken = []
    for row in sample.tolist():
        if len(theirs) < wanted:
            theirs += oracle(chunk.data[blocks.start[row] : blocks.end[row]])
            taken.append(row)
    records = decode_category(category, chunk.data, blocks.start[taken] + 3, blocks.end[taken])
    assert len(records) == len(theirs)
    compared = 0
    for element in records.table.elements:
        if element.repeated:
            rows, values = records.repeated_integer(element.path)
            for row, (_, fields) in enumerate(theirs):
                mask = (1 << element.width) - 1
                assert [int(v) & mask for v in values[rows == row]] == fields.get(element.path, []), (element.path, row)
            continue
        values = records.integer(element.path)
        here = records.present(element.path)
        for row, (_, fields) in enumerate(theirs):
            expected = fields.get(element.path)
            assert here[row] == (expected is not None), (element.path, row)
            if expected is not None:
                assert [int(values[row]) & ((1 << element.width) - 1)] == expected, (element.path, row)
                compared += 1
    assert compared > 5 * len(theirs)
