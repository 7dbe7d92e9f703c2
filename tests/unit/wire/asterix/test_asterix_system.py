"""What CAT062 tracks say beyond their kinematics, on records made by the encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import Claim, PlotFlag
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.tables import known_editions
from tenere.wire.format import SourceHint

if TYPE_CHECKING:
    from tenere.batch import SystemTracks

MODE_5 = PlotFlag.FRIENDLY_ANSWER | PlotFlag.MODE_5


def tracks(n: int = 1, edition: str | None = None, **columns: Any) -> SystemTracks:
    named = {path.removeprefix("i").replace("_", "/"): value for path, value in columns.items()}
    data, ends = encode_records(62, n, {"010/SAC": 12, "010/SIC": 34} | named, None, edition)
    options = {} if edition is None else {"editions": {"62": edition}}
    unit = encode_blocks(62, data, ends, 65535)[0]
    _, out = FORMAT.step(FORMAT.init(SourceHint(options=options)), Chunk.of("x", [unit]), 0.0)
    assert out.records == {"CAT062": n}
    assert out.rejects.total() == 0
    assert len(out.system) == n
    return out.system


def test_only_a_friendly_answer_sets_a_bit() -> None:
    t = tracks(4, i040=1, i080_MON=0, i080_MD4=[0, 1, 2, 3])
    assert t.flags.tolist() == [0, PlotFlag.FRIENDLY_ANSWER, 0, 0]
    assert t.claim.tolist() == [Claim.NONE] * 4


def test_mode_5_is_authenticated_or_nothing() -> None:
    t = tracks(4, i040=1, i080_MON=0, i080_MD5=[0, 1, 2, 3])
    assert t.flags.tolist() == [0, MODE_5, 0, 0]
    summary = tracks(4, i040=1, i110_SUM_M5=1, i110_SUM_ID=[0, 1, 0, 0], i110_SUM_DA=[0, 0, 1, 0], i110_SUM_M3=[0, 0, 0, 1])
    assert summary.flags.tolist() == [0, MODE_5, MODE_5, 0]


def test_a_flight_plan_correlation_is_no_answer() -> None:
    assert tracks(i040=1, i080_MON=0, i080_FPC=1).flags.tolist() == [0]


def test_a_resolution_advisory_of_a_track() -> None:
    standing = 0x30 << 48 | 1 << 47
    ended = standing | 1 << 29
    t = tracks(3, i040=1, i380_ACS=np.array([standing, ended, -1]))
    assert t.flags.tolist() == [PlotFlag.RESOLUTION_ADVISORY, 0, 0]


@pytest.mark.parametrize("edition", known_editions(62))
def test_every_edition_gives_tracks(edition: str) -> None:
    t = tracks(1, edition, i040=77, i070=5.0, i105_LAT=10.0, i105_LON=2.0)
    assert t.source_track.tolist() == [77]
    assert t.time_s.tolist() == [5.0]
    assert t.lat_rad[0] == pytest.approx(np.radians(10.0), abs=1e-6)
