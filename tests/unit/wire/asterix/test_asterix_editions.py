from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.editions import propose_editions
from tenere.wire.asterix.tables import known_categories, known_editions, table
from tenere.wire.format import SourceHint

ADVICE = "CAT021 reads better as edition 0.26: set options.editions"


def old_adsb(n: int = 20) -> list[bytes]:
    """Blocks of CAT021 as its edition 0.26 has it: other items under the same numbers."""
    rng = random.Random(1)
    columns: dict[str, Any] = {
        "010/SAC": 1,
        "010/SIC": 2,
        "040/DCR": 0,
        "030": np.linspace(40000, 40100, n),
        "130/LAT": [rng.uniform(10, 15) for _ in range(n)],
        "130/LON": [rng.uniform(0, 10) for _ in range(n)],
        "080": [rng.randrange(1, 1 << 24) for _ in range(n)],
        "140": [rng.uniform(1000, 30000) for _ in range(n)],
        "145": [rng.uniform(50, 400) for _ in range(n)],
        "170": np.array([b"NIG123"]).repeat(n),
    }
    data, ends = encode_records(21, n, columns, edition="0.26")
    whole, block_ends = encode_blocks(21, data, ends, 100)
    starts = [0, *block_ends[:-1].tolist()]
    return [whole[a:b] for a, b in zip(starts, block_ends.tolist(), strict=True)]


def radar(n: int = 8) -> list[bytes]:
    data, ends = encode_records(48, n, {"010/SAC": 1, "010/SIC": 2, "140": np.arange(n) * 1.0, "220": np.arange(n) + 1})
    starts = [0, *ends[:-1].tolist()]
    return [encode_blocks(48, data[a:b], np.array([b - a]))[0] for a, b in zip(starts, ends.tolist(), strict=True)]


def step(units: list[bytes], state: Any = None, **options: Any) -> Any:
    return FORMAT.step(state or FORMAT.init(SourceHint(options=options)), Chunk.of("x", units, offset=500), 0.0)[1]


@pytest.mark.parametrize("key", ["21", 21, "021", "CAT021"])
def test_an_edition_is_chosen_by_the_options_of_the_source(key: Any) -> None:
    out = step(old_adsb(), editions={key: "0.26"})
    assert out.records == {"CAT021": 20}
    assert out.rejects.total() == 0
    assert out.plots.time_s[0] == 40000.0
    assert np.degrees(out.plots.lat_rad).min() > 9


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"edition": {}}, r"options\.edition: not an option of asterix \(did you mean editions\?\)"),
        ({"colour": 3}, r"options\.colour: not an option of asterix; there is editions"),
        ({"editions": ["48"]}, r"options\.editions: must be a table"),
        ({"editions": {"48": "1.99"}}, r"CAT048 has no edition 1\.99.*there are 1\.27, .*1\.32"),
        ({"editions": {"48": 1.2}}, r"CAT048 has no edition 1\.2"),
        ({"editions": {"222": "1.0"}}, r"options\.editions\.222: not a category"),
        ({"editions": {"radar": "1.0"}}, r"options\.editions\.radar: not a category"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        FORMAT.init(SourceHint(options=options))


def test_every_edition_can_be_chosen() -> None:
    for category in known_categories():
        for edition in known_editions(category):
            state = FORMAT.init(SourceHint(options={"editions": {str(category): edition}}))
            assert state.editions == {category: edition}
            assert table(category, edition).edition == edition


def test_an_edition_is_proposed_by_what_it_explains() -> None:
    units = old_adsb()
    found = propose_editions(b"".join(units), np.cumsum([len(u) for u in units]))
    assert list(found) == [21]
    assert found[21][0] == ("0.26", 1.0)
    shares = dict(found[21])
    assert shares["0.26"] == shares["0.25"] == 1.0
    assert shares["2.7"] < 0.3
    assert set(shares) == set(known_editions(21))
    assert [s for _, s in found[21]] == sorted(shares.values(), reverse=True)


def test_of_editions_that_explain_the_same_the_latest_is_first() -> None:
    units = radar()
    assert propose_editions(b"".join(units), np.cumsum([len(u) for u in units]))[48] == [
        (edition, 1.0) for edition in reversed(known_editions(48))
    ]
    assert propose_editions(b"", np.zeros(0, np.int64)) == {}


def test_a_better_edition_is_named_once_and_never_taken() -> None:
    state = FORMAT.init(SourceHint())
    first, again = step(old_adsb(), state), step(old_adsb(), state)
    assert first.rejects.counts[ADVICE] == 1
    assert first.rejects.first_offset[ADVICE] >= 500
    assert ADVICE not in again.rejects.counts
    assert first.records["CAT021"] == again.records["CAT021"] < 20
    assert state.editions == {}


def test_damage_and_noise_bring_no_advice() -> None:
    rng = random.Random(3)
    units = radar(40)
    for k in range(0, 40, 3):
        units[k] = units[k][:3] + rng.randbytes(len(units[k]) - 3)
    out = step(units)
    assert out.records["CAT048"] >= 20
    noise = [bytes([21, 0, 43]) + rng.randbytes(40) for _ in range(200)]
    for rejects in (out.rejects, step(noise).rejects):
        assert rejects.total() > 0
        assert not [r for r in rejects.counts if "reads better" in r]


def test_advice_is_sought_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from tenere.wire.asterix import editions

    looks = []
    monkeypatch.setattr(editions, "rank", lambda *_: looks.append(1) or [("2.7", 0.0, 0)])
    state = FORMAT.init(SourceHint())
    for _ in range(1000):
        step([bytes([21, 0, 6, 1, 1, 1])], state)
    assert len(looks) == len(editions.Adviser.LOOKS)
