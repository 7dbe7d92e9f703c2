"""Flight plans found by callsign, address and Remote ID, and what disagrees."""

from __future__ import annotations

import numpy as np

from tenere.identify.correlate import Match, PlanIndex
from tenere.plans import Plan

PLANS = (
    Plan(callsign="UNO123", address="062A01", departure="DRRN", destination="DRZR", sts=("HUM",)),
    Plan(callsign="NIN101", address="062A02", operator="Niger Airlines"),
    Plan(callsign="NIN101", address="062A03"),
    Plan(callsign="AFR500"),
    Plan(callsign="AFR500", sts=("MEDEVAC",)),
    Plan(callsign="", address="zz", remote_id="MED-DRONE-1", sts=("HOSP",)),
)


def match(callsign: str = "", address: int = -1, remote_id: str = "") -> tuple[int, Match]:
    index = PlanIndex.of(PLANS, ())
    plan, how = index.match(np.array([callsign], "S8"), np.array([address], np.int32), np.array([remote_id], "S20"))
    return int(plan[0]), Match(int(how[0]))


def test_callsign_and_address_agree():
    assert match("UNO123", 0x062A01) == (0, Match.CALLSIGN | Match.ADDRESS)


def test_one_of_them_is_enough():
    assert match("UNO123") == (0, Match.CALLSIGN)
    assert match("", 0x062A01) == (0, Match.ADDRESS)


def test_agreement_and_difference_are_both_kept():
    assert match("UNO123", 0x380001) == (0, Match.CALLSIGN | Match.ADDRESS_DIFFERS)
    assert match("XYZ99", 0x062A01) == (0, Match.ADDRESS | Match.CALLSIGN_DIFFERS)


def test_of_two_legs_the_one_with_the_same_address_is_chosen():
    assert match("NIN101", 0x062A03) == (2, Match.CALLSIGN | Match.ADDRESS)
    assert match("NIN101", 0x062A02)[0] == 1
    assert match("NIN101")[0] == 1


def test_of_two_alike_the_protected_is_chosen():
    assert match("AFR500") == (4, Match.CALLSIGN)


def test_a_callsign_goes_before_an_address():
    assert match("UNO123", 0x062A02) == (0, Match.CALLSIGN | Match.ADDRESS_DIFFERS)


def test_a_remote_id_finds_its_plan_and_a_bad_address_is_not_filed():
    assert match("", -1, "MED-DRONE-1") == (5, Match.REMOTE_ID)
    assert match("", 0, "") == (-1, Match(0))


def test_no_plans_match_nothing():
    plan, how = PlanIndex.of((), ()).match(np.array([b"A1"], "S8"), np.array([1], np.int32), np.array([b""], "S20"))
    assert plan.tolist() == [-1]
    assert how.tolist() == [0]


def test_the_search_agrees_with_looking_through_the_list():
    rng = np.random.Generator(np.random.PCG64(5))
    plans = tuple(
        Plan(
            callsign=f"AB{rng.integers(20)}" if rng.random() < 0.8 else "",
            address=f"{int(rng.integers(1, 30)):06x}" if rng.random() < 0.7 else "",
            sts=("SAR",) if rng.random() < 0.3 else (),
        )
        for _ in range(60)
    )
    callsigns = np.array([f"AB{rng.integers(25)}" if rng.random() < 0.7 else "" for _ in range(300)], "S8")
    addresses = np.array([int(rng.integers(1, 35)) if rng.random() < 0.7 else -1 for _ in range(300)], np.int32)
    got, _ = PlanIndex.of(plans, ()).match(callsigns, addresses, np.full(300, b"", "S20"))
    for callsign, address, found in zip(callsigns, addresses, got, strict=True):
        ranks = []
        for row, plan in enumerate(plans):
            same_name = plan.callsign != "" and plan.callsign.encode() == callsign
            same_address = plan.address != "" and int(plan.address, 16) == address
            if same_name or same_address:
                ranks.append((0 if same_name and same_address else 1 if same_name else 2, not plan.protected, row))
        assert found == (min(ranks)[2] if ranks else -1)
