"""ICAO flight-plan messages: envelopes, fields, plans, damage."""

from __future__ import annotations

import calendar
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.errors import UsageError
from tenere.plans import Plan, PlanMessage
from tenere.tick import Chunk
from tenere.wire import fpl
from tenere.wire.format import SourceHint, load
from tenere.wire.fpl import details as tables
from tenere.wire.fpl import encode, envelope, fields

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

FORMAT = fpl.FORMAT
NOW = float(calendar.timegm((2026, 11, 22, 18, 0, 0)))

FILED = """ZZZZ
FF DRRNZQZX
221745 DFFDZQZX
(FPL-UNO481H-IN
-2AT72/M-SDFGRWY/SB1
-DFFD1930
-N0270F190 OG T2 UM608 NY/N0265F170 DCT
-DRRN0110 DRZA DIAP
-PBN/B2 STS/HUM MEDEVAC DOF/261123 REG/5UABC 5UABD
EET/DRRR0030 CODE/062001 OPR/UNITED NATIONS WFP RMK/TCAS
EQUIPPED
-E/0500 P/048)
NNNN
"""


def decode(data: bytes | str, receive_s: float = NOW) -> Decoded:
    raw = data.encode() if isinstance(data, str) else data
    return FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("f", [raw], receive_s), NOW)[1]


def only(text: str) -> PlanMessage:
    got = decode(text)
    assert got.rejects.counts == {}
    (message,) = got.plans
    return message


def at(hour: int, minute: int, day: int = 22) -> float:
    return float(calendar.timegm((2026, 11, day, hour, minute, 0)))


def test_a_filed_plan_in_its_envelope() -> None:
    message = only(FILED)
    assert message.kind == "FPL"
    assert message.reference == FILED.index("(FPL")
    assert message.time_s == NOW
    assert message.plan == Plan(
        callsign="UNO481H",
        address="062001",
        departure="DFFD",
        destination="DRRN",
        aircraft_type="AT72",
        off_block_s=at(19, 30, 23),
        elapsed_s=4200.0,
        route="OG T2 UM608 NY/N0265F170 DCT",
        sts=("HUM", "MEDEVAC"),
        operator="UNITED NATIONS WFP",
    )
    assert message.plan.protected


def test_every_field_is_kept() -> None:
    got, reasons = fields.read(FILED[FILED.index("(") + 1 : FILED.index(")")].encode())
    assert got is not None
    assert reasons == []
    assert (got.rules, got.flight, got.count, got.wake) == ("I", "N", "2", "M")
    assert (got.equipment, got.surveillance) == ("SDFGRWY", "SB1")
    assert (got.speed, got.level, got.route) == ("N0270", "F190", "OG T2 UM608 NY/N0265F170 DCT")
    assert (got.elapsed, got.alternates) == ("0110", ("DRZA", "DIAP"))
    assert got.said("REG") == "5UABC 5UABD"
    assert got.said("RMK") == "TCAS EQUIPPED"
    assert got.said("EET") == "DRRR0030"
    assert got.supplementary == "E/0500 P/048"


def test_without_a_date_the_off_block_time_is_the_one_nearest() -> None:
    text = "(FPL-ABC1-IS-B738/M-S/S-DRRN{}-N0450F350 DCT-DFFD0100-0)"
    assert only(text.format("1930")).plan.off_block_s == at(19, 30)
    assert only(text.format("0515")).plan.off_block_s == at(5, 15, 23)
    assert only(text.format("0630")).plan.off_block_s == at(6, 30)
    got = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("f", [text.format("0100").encode()]), NOW)[1]
    assert got.plans[0].time_s == NOW  # no receive time: that of the tick
    assert got.plans[0].plan.off_block_s == at(1, 0, 23)


def test_a_change() -> None:
    message = only(
        "(CHG-ABC1/A2301-DRRN1930-DFFD-DOF/261123-9/B744/H-13/DRRN2015-15/N0450F350 DCT-18/STS/STATE CODE/0A1B2C-16/DIAP0200 DFFD)"
    )
    assert message.kind == "CHG"
    assert message.plan.callsign == "ABC1"
    assert message.plan.destination == "DFFD"  # the plan it changes is known by what it was
    assert message.plan.aircraft_type == "B744"
    assert message.plan.off_block_s == at(20, 15, 23)
    assert message.plan.route == "DCT"
    assert message.plan.sts == ("STATE",)
    assert message.plan.address == "0a1b2c"


def test_a_change_without_item_18() -> None:
    message = only("(CHGN/D012N/D010-ABC1-DRRN1930-DFFD-8/V-18/STS/HOSP)")
    assert message.plan.sts == ("HOSP",)
    assert message.plan.off_block_s == at(19, 30)


def test_a_delay_a_departure_an_arrival_a_cancellation() -> None:
    message = only("(DLA-ABC1-DRRN2200-DFFD-DOF/261122)")
    assert (message.kind, message.at_s) == ("DLA", at(22, 0))
    message = only("(DEP-ABC1/A4321-DRRN0004-DFFD-DOF/261122)")
    assert (message.kind, message.at_s) == ("DEP", at(0, 4, 23))  # filed for today, left after midnight
    message = only("(ARR-ABC1-DRRN-DFFD1755)")
    assert (message.kind, message.at_s, message.plan.destination) == ("ARR", at(17, 55), "DFFD")
    assert math.isnan(message.plan.off_block_s)
    message = only("(ARR-ABC1-DRRN1630-DFFD-DIAP1755 ABIDJAN)")
    assert (message.at_s, message.plan.destination) == (at(17, 55), "DFFD")  # diverted: the plan is known by what was filed
    message = only("(CNL-ABC1-DRRN1930-DFFD-0)")
    assert message.kind == "CNL"
    assert math.isnan(message.at_s)


def test_places_and_types_without_a_code_are_left_empty() -> None:
    message = only("(FPL-5UABC-VG-ZZZZ/L-S/C-ZZZZ0800-K0180VFR DCT-ZZZZ0100-DEP/AGADEZ NORTH DEST/IFEROUANE TYP/ULM RMK/NIL)")
    assert (message.plan.departure, message.plan.destination, message.plan.aircraft_type) == ("", "", "ULM")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(FPL-ABC1234X-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-0)", "FPL field 7 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN2460-N0450F350 DCT-DFFD0100-0)", "FPL field 13 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN-N0450F350 DCT-DFFD0100-0)", "FPL field 13 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DF0100-0)", "FPL field 16 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN1930)", fields.SHORT),
        ("(ARR-ABC1-DRRN-DFFD1775)", "ARR field 17 does not read"),
        ("(ACP-A/B002B/A123-ABC1/A4321-DRRN-DFFD)", fields.UNKNOWN_KIND),
    ],
)
def test_a_bad_message_is_counted_with_its_field_and_its_neighbours_survive(text: str, reason: str) -> None:
    good = "(CNL-ABC1-DRRN1930-DFFD-0)\n"
    got = decode(good + text + "\n" + good)
    assert len(got.plans) == 2
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(good)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(FPL-ABC1-QS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM)", "FPL field 8 does not read"),
        ("(FPL-ABC1-IS-B738-S/S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM)", "FPL field 9 does not read"),
        ("(FPL-ABC1-IS-B738/M-S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM)", "FPL field 10 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN1930-FAST-DFFD0100-STS/HUM)", "FPL field 15 does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM DOF/261399)", "FPL DOF/ does not read"),
        ("(FPL-ABC1-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM CODE/XYZ)", "FPL CODE/ does not read"),
    ],
)
def test_a_protected_flight_is_not_lost_for_a_field_that_does_not_matter(text: str, reason: str) -> None:
    got = decode(text)
    assert got.plans[0].plan.protected
    assert got.rejects.counts == {reason: 1}


def test_item_18_that_does_not_read() -> None:
    got = decode("(FPL-ABC1-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-NOTHING HERE)")
    assert got.rejects.counts == {"FPL field 18 does not read": 1}
    assert got.plans[0].plan.sts == ()


def test_a_hyphen_in_a_remark_joins_it_again() -> None:
    got, _ = fields.read(b"FPL-ABC1-IS-B738/M-S/S-DRRN1930-N0450F350 DCT-DFFD0100-STS/HUM RMK/RELIEF-FLIGHT OPS")
    assert got is not None
    assert got.said("RMK") == "RELIEF-FLIGHT OPS"


def test_a_message_broken_off_by_the_next() -> None:
    got = decode("(FPL-ABC1-IS-B738/M-S/S-DR" + "(CNL-ABC1-DRRN1930-DFFD-0)")
    assert len(got.plans) == 1
    assert got.rejects.counts == {envelope.NOT_CLOSED: 1}


def test_a_message_that_never_closes_is_given_up_within_its_limit() -> None:
    state = FORMAT.init(SourceHint())
    counts: dict[str, int] = {}
    for k in range(100):
        piece = b"(FPL-ABC1-" if k == 0 else b"x" * 1000
        state, got = FORMAT.step(state, Chunk.of("f", [piece], NOW, offset=0), NOW)
        counts |= got.rejects.counts
        assert len(state.rest) <= envelope.LONGEST + envelope.BEGINS
    assert counts == {envelope.NOT_CLOSED: 1}
    _, got = FORMAT.step(state, Chunk.of("f", [b"(CNL-ABC1-DRRN1930-DFFD-0)"], NOW), NOW)
    assert len(got.plans) == 1


def test_fed_byte_by_byte_and_timed_by_the_read_it_ends_in() -> None:
    state = FORMAT.init(SourceHint())
    plans: list[PlanMessage] = []
    stream = (FILED * 2).encode()
    for k in range(len(stream)):
        state, got = FORMAT.step(state, Chunk.of("f", [stream[k : k + 1]], NOW + k, offset=k), NOW)
        plans += got.plans
        assert got.rejects.total() == 0
    ends = [stream.index(b")") + 0.0, stream.rindex(b")") + 0.0]
    assert [p.time_s - NOW for p in plans] == ends
    assert plans[0].plan == plans[1].plan


def test_details() -> None:
    text = FILED + "(CHG-ABC1-DRRN1930-DFFD-0-8/V-16/DIAP0200)"
    _, got = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("f", [text.encode()], NOW), NOW)
    assert {name: len(d) for name, d in got.items()} == {tables.MESSAGE: 2, tables.ITEM_18: 8, tables.AMENDMENT: 2}
    message = {c.name: c for c in got[tables.MESSAGE].columns}
    assert message["kind"].values.tolist() == [b"FPL", b"CHG"]
    route = message["route"]
    assert route.offsets is not None
    assert route.values[route.offsets[0] : route.offsets[1]].tolist() == [b"OG", b"T2", b"UM608", b"NY/N0265F170", b"DCT"]
    items = {c.name: c for c in got[tables.ITEM_18].columns}
    assert items["indicator"].values.tolist() == [b"PBN", b"STS", b"DOF", b"REG", b"EET", b"CODE", b"OPR", b"RMK"]
    change = {c.name: c for c in got[tables.AMENDMENT].columns}
    assert change["field"].values.tolist() == [8, 16]
    empty = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("f", [b""], NOW), NOW)[1]
    assert [[c.name for c in d.columns] for d in empty.values()] == [[c.name for c in d.columns] for d in got.values()]
    assert tables.words("A" * 70) == [b"A" * 32, b"A" * 32, b"A" * 6]


def test_split_and_likeness() -> None:
    data = FILED.encode() * 3
    ends, times_s, _ = FORMAT.split(data)
    assert len(ends) == 3
    assert ends[-1] == len(data)
    assert np.isnan(times_s).all()
    assert FORMAT.split(b"nothing")[0].tolist() == [7]
    assert FORMAT.likeness(data) == 1.0
    assert FORMAT.likeness(data[100:-100]) > 0.9
    assert FORMAT.likeness(b"") == 0.0
    assert FORMAT.likeness(b"<event uid='x'/>(not a plan)" * 100) == 0.0
    assert FORMAT.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) == 0.0


def test_what_is_encoded_is_decoded() -> None:
    plan = Plan(
        callsign="RESCUE7",
        address="062abc",
        departure="DRZA",
        destination="DRRN",
        aircraft_type="C130",
        off_block_s=at(20, 5),
        elapsed_s=5400.0,
        route="DCT",
        sts=("SAR", "HUM"),
        operator="NIGER AIR FORCE",
    )
    sent = PlanMessage(kind="FPL", plan=plan, time_s=NOW)
    text = encode.envelope(encode.encode(sent, alternates=("DFFD",), other=[("RMK", "NIL")]))
    assert only(text).plan == plan
    for kind in ("CNL", "DLA", "DEP", "CHG"):
        got = only(encode.encode(PlanMessage(kind=kind, plan=plan, time_s=NOW, at_s=at(21, 10))))
        assert (got.kind, got.plan.callsign, got.plan.departure, got.plan.destination) == (kind, "RESCUE7", "DRZA", "DRRN")
        assert math.isnan(got.at_s) if kind in {"CNL", "CHG"} else got.at_s == at(21, 10)
    with pytest.raises(ValueError, match="callsign"):
        encode.encode(PlanMessage(kind="FPL", plan=Plan(callsign=""), time_s=NOW))


def test_it_has_no_options() -> None:
    with pytest.raises(UsageError, match="encoding"):
        FORMAT.init(SourceHint(options={"encoding": "x"}))


def test_it_is_registered() -> None:
    assert load("fpl").name == "fpl"
