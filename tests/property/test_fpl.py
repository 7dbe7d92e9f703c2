"""Flight-plan messages for all inputs: what is encoded is decoded, any cut is the same, damage never raises."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.plans import Plan, PlanMessage
from tenere.tick import Chunk
from tenere.wire import fpl
from tenere.wire.format import SourceHint
from tenere.wire.fpl import encode, envelope, plan

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = fpl.FORMAT
NOW = 1_795_370_400.0

CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXY", min_size=4, max_size=4)
PLANS = st.builds(
    Plan,
    callsign=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=7),
    address=st.sampled_from(["", "062001", "abcdef"]),
    departure=CODES.filter(lambda c: c not in plan.NO_PLACE),
    destination=CODES.filter(lambda c: c not in plan.NO_PLACE),
    aircraft_type=st.sampled_from(["B738", "C130", "AT72", "H60"]),
    off_block_s=st.integers(int(NOW) // 60 - 7000, int(NOW) // 60 + 7000).map(lambda m: m * 60.0),
    elapsed_s=st.integers(0, 99 * 60 + 59).map(lambda m: m * 60.0),
    route=st.sampled_from(["DCT", "OG T2 UM608 NY/N0265F170 DCT"]),
    sts=st.lists(st.sampled_from(["HUM", "SAR", "STATE", "HOSP", "ATFMX"]), unique=True, max_size=4).map(tuple),
    operator=st.sampled_from(["", "UNHAS", "NIGER AIR FORCE"]),
)
STREAM = "\n".join(
    encode.envelope(
        encode.encode(
            PlanMessage(kind=kind, plan=Plan(callsign="UNO481H", departure="DFFD", destination="DRRN", off_block_s=NOW), time_s=0)
        )
    )
    for kind in ("FPL", "CHG", "DLA", "DEP", "CNL")
).encode()


def run(pieces: Sequence[bytes]) -> tuple[list[PlanMessage], dict[str, int], dict[str, int]]:
    state = FORMAT.init(SourceHint())
    plans: list[PlanMessage] = []
    counts: dict[str, int] = {}
    first: dict[str, int] = {}
    at = 0
    for piece in pieces:
        state, got = FORMAT.step(state, Chunk.of("f", [piece], NOW, offset=at), NOW)
        at += len(piece)
        plans += [PlanMessage(kind=p.kind, plan=p.plan, time_s=p.time_s, at_s=p.at_s) for p in got.plans]
        for reason, n in sorted(got.rejects.counts.items()):
            counts[reason] = counts.get(reason, 0) + n
            first.setdefault(reason, got.rejects.first_offset[reason])
        assert len(state.rest) <= envelope.LONGEST + envelope.BEGINS
    return plans, counts, first


def cuts(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b or not data]  # an empty read would say that it has ended


@given(PLANS)
def test_what_is_encoded_is_decoded(filed: Plan) -> None:
    sent = PlanMessage(kind="FPL", plan=filed, time_s=NOW)
    plans, counts, _ = run([encode.encode(sent).encode()])
    assert counts == {}
    assert plans[0].plan == filed


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    st.lists(st.integers(0, 10_000), max_size=8),
)
@settings(max_examples=200)
def test_damage_never_raises_and_any_cut_is_the_same(damage: list[tuple[int, int]], places: list[int]) -> None:
    data = bytearray(STREAM)
    for at, value in damage:
        data[at % len(data)] = value
    whole = run([bytes(data)])
    cut = run(cuts(bytes(data), places))
    assert repr(cut[0]) == repr(whole[0])  # NaN is not NaN
    assert cut[1:] == whole[1:]


@given(
    st.lists(st.sampled_from([b"(", b"FPL", b"(CNL-A-DRRN-DFFD-0)", b")", b"-", b"x" * 15]), max_size=40),
    st.lists(st.integers(0, 500), max_size=8),
)
def test_any_cut_is_the_same_where_messages_grow_too_long(words: list[bytes], places: list[int]) -> None:
    data = b"".join(words)
    with mock.patch.object(envelope, "LONGEST", 40):
        assert repr(run(cuts(data, places))[:2]) == repr(run([data])[:2])


@given(st.lists(st.binary(max_size=300) | st.text("(-)/FPLCHG0123456789 \n", max_size=300).map(str.encode), max_size=6))
@settings(max_examples=300)
def test_noise_never_raises(pieces: list[bytes]) -> None:
    run(pieces)
    data = b"(FPL-" + b"".join(pieces)
    assert 0.0 <= FORMAT.likeness(data) <= 1.0
    ends, times_s, _ = FORMAT.split(data)
    assert ends[-1] == len(data)
    assert len(ends) == len(times_s)
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("f", [data], NOW), NOW)
