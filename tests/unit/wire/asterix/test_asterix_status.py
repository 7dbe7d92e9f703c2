"""What sensors say of themselves, on records made by the encoder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.status import LAYOUTS
from tenere.wire.asterix.tables import known_editions, table
from tenere.wire.format import SourceHint

if TYPE_CHECKING:
    from tenere.batch import Status


def status(category: int, n: int = 1, edition: str | None = None, **columns: Any) -> Status:
    """Status of one block; a column i050_COM_NOGO is the element 050/COM/NOGO."""
    named = {path.removeprefix("i").replace("_", "/"): value for path, value in columns.items()}
    data, ends = encode_records(category, n, {"010/SAC": 12, "010/SIC": 34} | named, None, edition)
    unit = encode_blocks(category, data, ends, 65535)[0]
    options = {} if edition is None else {"editions": {str(category): edition}}
    _, out = FORMAT.step(FORMAT.init(SourceHint(options=options)), Chunk.of("x", [unit]), 0.0)
    assert out.records == {f"CAT{category:03d}": n}
    assert len(out.status) == n
    assert out.status.category.tolist() == [category] * n
    return out.status


def test_a_radar_that_is_not_to_be_used() -> None:
    s = status(34, 4, i000=1, i030=10.0, i041=4.0, i050_COM_NOGO=[1, 0, 0, 0], i050_COM_OVLRDP=[0, 1, 0, 0], i050_COM_RDPR=[0, 0, 0, 1])
    assert s.nogo.tolist() == [1, 0, 0, 0]
    assert s.degraded.tolist() == [1, 1, 0, 0]
    assert s.period_s.tolist() == [4.0] * 4


@pytest.mark.parametrize("bit", ["COM_OVLXMT", "COM_TSV", "PSR_OVL", "SSR_OVL", "MDS_OVLSUR", "MDS_OVLSCF", "MDS_OVLDLF"])
def test_what_degrades_a_radar(bit: str) -> None:
    s = status(34, 2, i000=1, i030=10.0, **{f"i050_{bit}": [0, 1]})
    assert s.degraded.tolist() == [0, 1]
    assert s.nogo.tolist() == [0, 0]


@pytest.mark.parametrize(("category", "item"), [(10, "550"), (19, "550"), (65, "040")])
def test_one_value_is_degraded_the_next_not_to_be_used(category: int, item: str) -> None:
    time = {f"i{LAYOUTS[category].time}": 5.0}
    s = status(category, 4, i000=3 if category == 10 else 1, **time, **{f"i{item}_NOGO": [0, 1, 2, 0], f"i{item}_OVL": [0, 0, 0, 1]})
    assert s.degraded.tolist() == [0, 1, 1, 1]
    assert s.nogo.tolist() == [0, 0, 1, 0]
    assert s.time_s.tolist() == [5.0] * 4


def test_a_multilateration_system_gives_its_reference_point() -> None:
    s = status(19, i000=2, i140=100.5, i600_LAT=13.5, i600_LON=-2.125, i610=220.25)
    assert (math.degrees(s.lat_rad[0]), math.degrees(s.lon_rad[0])) == pytest.approx((13.5, -2.125), abs=1e-6)
    assert (s.height_m[0], s.message[0], s.time_s[0], s.sac_sic[0]) == (220.25, 2, 100.5, 12 * 256 + 34)
    assert s.degraded[0] == s.nogo[0] == 0


def test_a_ground_station_of_adsb() -> None:
    s = status(23, 6, i000=1, i070=7.0, i100_NOGO=[1, 0, 0, 0, 0, 0], i100_ODP=[0, 1, 0, 0, 0, 0], i100_SPO=[0, 0, 1, 0, 0, 0])
    assert s.nogo.tolist() == [1, 0, 0, 0, 0, 0]
    assert s.degraded.tolist() == [1, 1, 1, 0, 0, 0]
    assert s.time_s[0] == 7.0
    service = status(23, 6, i000=2, i070=7.0, i110_STAT=[0, 1, 2, 3, 4, 5])
    assert service.degraded.tolist() == [0, 1, 1, 1, 0, 1]
    assert service.message.tolist() == [2] * 6
    assert service.nogo.tolist() == [0] * 6


def test_a_sensor_as_its_tracking_system_sees_it() -> None:
    s = status(
        63,
        7,
        i030=5.0,
        i050_SAC=1,
        i050_SIC=2,
        i060_CON=[0, 1, 2, 3, 0, 0, 0],
        i060_PSR=[0, 0, 0, 0, 1, 0, 0],
        i060_OPS=[0, 0, 0, 0, 0, 1, 0],
        i060_SPO_EP=[0, 0, 0, 0, 0, 0, 1],
        i060_SPO_VAL=[0, 0, 0, 0, 0, 0, 1],
    )
    assert s.degraded.tolist() == [0, 1, 1, 1, 1, 1, 1]
    assert s.nogo.tolist() == [0, 0, 0, 0, 0, 1, 0]
    assert s.sac_sic.tolist() == [258] * 7
    assert s.message.tolist() == [-1] * 7


def test_north_and_sectors_of_the_older_radar_messages() -> None:
    s = status(2, 2, i000=[1, 2], i030=[10.0, 11.0], i020=[-1, 32], i041=[4.0, np.nan])
    assert s.message.tolist() == [1, 2]
    assert s.period_s[0] == 4.0
    assert np.isnan(s.azimuth_rad[0])
    assert s.azimuth_rad[1] == pytest.approx(math.pi / 4)  # 32 of 256


@pytest.mark.parametrize(("category", "edition"), [(c, e) for c in sorted(LAYOUTS) for e in known_editions(c)])
def test_every_edition_gives_status(category: int, edition: str) -> None:
    message = {} if category == 63 else {"i000": 3 if category == 10 else 1}
    s = status(category, 1, edition, **{f"i{LAYOUTS[category].time}": 5.0}, **message)
    assert s.time_s[0] == 5.0


@pytest.mark.parametrize("category", sorted(LAYOUTS))
def test_every_path_is_one_of_the_latest_edition(category: int) -> None:
    layout = LAYOUTS[category]
    element = table(category).element
    paths = [layout.time, layout.message, layout.azimuth, layout.period, *(layout.position or ()), f"{layout.about}/SAC"]
    assert {p for p in paths if p} <= element.keys()
    for path, values in (*layout.nogo, *layout.bad):
        assert set(values) <= element[path].values.keys(), path
