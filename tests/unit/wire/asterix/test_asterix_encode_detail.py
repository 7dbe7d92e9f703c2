"""What ``details`` reads can be written again: the same bytes, of made records and of real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scripts.encode_roundtrip import sample

from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.encode_detail import encode_detail
from tenere.wire.asterix.tables import known_categories
from tenere.wire.detail import Column, Detail
from tenere.wire.format import SourceHint
from tenere.wire.recording import read

if TYPE_CHECKING:
    from pathlib import Path


def details(data: bytes, ends: Any, options: dict[str, Any] | None = None) -> dict[str, Detail]:
    hint = SourceHint(options=options or {})
    return FORMAT.details(FORMAT.init(hint), Chunk("x", data, np.asarray(ends, np.int64), np.full(len(ends), np.nan)), 0.0)[1]


@pytest.mark.parametrize("category", known_categories())
def test_records_of_every_item_come_back(category: int) -> None:
    drawn = sample(category, 60, np.random.Generator(np.random.PCG64(category)))
    data, ends = encode_records(category, 60, drawn.columns, drawn.present)
    blocks, block_ends = encode_blocks(category, data, ends)
    found = details(blocks, block_ends)
    again, again_ends = encode_detail(category, found[f"CAT{category:03d}"])
    assert again == data
    assert again_ends.tolist() == ends.tolist()


@pytest.mark.parametrize(("category", "edition"), [(21, "0.26"), (48, "1.27"), (62, "1.16")])
def test_so_do_those_of_older_editions(category: int, edition: str) -> None:
    drawn = sample(category, 60, np.random.Generator(np.random.PCG64(5)), edition)
    data, ends = encode_records(category, 60, drawn.columns, drawn.present, edition)
    blocks, block_ends = encode_blocks(category, data, ends)
    found = details(blocks, block_ends, {"editions": {str(category): edition}})
    assert encode_detail(category, found[f"CAT{category:03d} edition {edition}"], edition)[0] == data


def test_a_detail_made_by_hand() -> None:
    made = Detail(
        (
            Column("i010_sac", np.array([1, 1])),
            Column("i010_sic", np.array([2, 3])),
            Column("i140", np.array([10.0, np.nan]), "s"),
            Column("i240", np.array([b"", b"NIG?2"]), present=np.array([True, True])),
            Column("i250_mbdata", np.array([5]), present=np.array([False, True]), offsets=np.array([0, 0, 1])),
            Column("i250_bds1", np.array([4]), present=np.array([False, True]), offsets=np.array([0, 0, 1])),
            Column("sp", np.array([9], np.uint8), offsets=np.array([0, 0, 1]), present=np.array([False, True]), octets=True),
            Column("something_else", np.array([7, 7])),
        )
    )
    data, ends = encode_detail(48, made)
    found = details(*encode_blocks(48, data, ends))["CAT048"]
    got = {c.name: c for c in found.columns}
    assert got["sic"].values.tolist() == [2, 3]
    assert got["i140"].values[0] == 10.0
    assert np.isnan(got["i140"].values[1])
    assert got["i240"].values.tolist() == [b"", b"NIG 2"]
    assert got["i240"].present is not None
    assert got["i240"].present.all()
    assert got["i250_mbdata"].values.tolist() == [5]
    assert got["i250_bds2"].values.tolist() == [0]
    assert got["sp"].values.tolist() == [9]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match="CAT048 040/RHO: does not fit"):
        encode_detail(48, Detail((Column("i040_rho", np.array([300.0])),)))
    with pytest.raises(WireError, match="not whole repetitions"):
        encode_detail(240, Detail((Column("i051", np.zeros(3, np.uint8), offsets=np.array([0, 3]), octets=True),)))


@pytest.mark.parametrize(
    ("name", "records", "other"),
    [
        ("akap_Jahorina.rply", 2119, 0),
        ("ar_UIS.pcap", 7576, 0),
        ("lebl_201002_smr.ast", 52659, 0),
        ("jade_final_frame_062_065_large_packet_30min.ff", 34225, 21),  # identifications of letters that are none
        ("ifsnop_068test_rrd3.gps", 2397, 3),  # the same
        ("akap_ARTAS.rply", 573, 19),  # subfield specifications longer than they need be
    ],
)
def test_real_records_come_back_but_for_what_was_wrong_with_them(shared_data: Path, name: str, records: int, other: int) -> None:
    chunk = read((shared_data / "asterix" / name).read_bytes()).chunk
    found = FORMAT.details(FORMAT.init(SourceHint()), chunk, 0.0)[1]
    count = differ = 0
    for of_category, detail in found.items():
        data, ends = encode_detail(int(of_category.removeprefix("CAT")), detail)
        begin = np.asarray(detail.columns[0].values) - chunk.offset
        starts = np.concatenate([[0], ends[:-1]])
        count += len(detail)
        for at, a, b in zip(begin.tolist(), starts.tolist(), ends.tolist(), strict=True):
            differ += chunk.data[at : at + b - a] != data[a:b]
    assert (count, differ) == (records, other)
