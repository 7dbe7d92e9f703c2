"""The identity rules, one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, Identity, PlotKind, TrackFlag, Tracks
from tenere.identify import IdentifyConfig, init, step
from tenere.plans import Plan
from tenere.words import explain

PLANS = (
    Plan(callsign="UNO123", address="062A01", departure="DRRN", destination="DRZR", sts=("HUM",)),
    Plan(callsign="NIN101", address="062A02", operator="Niger Airlines"),
    Plan(callsign="AFR500", address="39E68B", departure="LFPG", destination="DRRN"),
    Plan(callsign="NER001", address="062A09", sts=("STATE",)),
    Plan(callsign="MEDIC7", sts=("MEDEVAC",)),
)
CONFIG = IdentifyConfig(home_operators=("niger airlines",))
RADAR, MODE_S, ADSB = 1 << PlotKind.PSR, 1 << PlotKind.MODE_S, 1 << PlotKind.ADSB


def track(number: int = 1, first_s: float = 0.0, **columns: object) -> Tracks:
    return Tracks.blank(1, number=number, first_s=first_s, flags=int(TrackFlag.CONFIRMED), **{"kinds": RADAR, **columns})


class Seat:
    """Runs the stage and remembers what it said last."""

    def __init__(self, config: IdentifyConfig = CONFIG, plans: tuple[Plan, ...] = PLANS) -> None:
        self.state = init(config, plans)
        self.time_s = 100.0

    def see(self, *tracks: Tracks, commands: tuple[object, ...] = (), after_s: float = 1.0) -> Seat:
        self.time_s += after_s
        self.state, self.ids, self.evidence = step(self.state, Tracks.concat(tracks), self.time_s, commands)
        return self

    def rules(self, number: int = 1) -> dict[str, str]:
        mine = self.evidence.take(self.evidence.number == number)
        return {r.decode(): d.decode() for r, d in zip(mine.rule.tolist(), mine.detail.tolist(), strict=True)}

    @property
    def identity(self) -> Identity:
        return Identity(int(self.ids.identity[0]))


def suspect(number: int = 1, **changed: object) -> dict[str, object]:
    return {"kind": "identity", "track": number, "identity": "suspect", "reason": "no answer on 121.5", "by": "Sgt Moussa", **changed}


def test_radar_alone_is_pending_then_unknown_and_says_silence_is_no_reason():
    seat = Seat()
    assert seat.see(track(first_s=100.0)).identity == Identity.PENDING
    assert seat.see(track(first_s=100.0), after_s=30).identity == Identity.UNKNOWN
    assert set(seat.rules()) == {"radar_alone"}
    assert not seat.ids.civil[0]
    assert seat.ids.confidence[0] == pytest.approx(1 - 1 / (1 + np.exp(0.4 * 0.3 - 0.2)), abs=1e-6)


def test_an_airliner_with_address_and_callsign_is_neutral_and_civil_at_once():
    seat = Seat().see(track(first_s=101.0, address=0x0A0123, callsign=b"DAH2060", kinds=ADSB))
    assert seat.identity == Identity.NEUTRAL
    assert seat.ids.civil[0]
    assert seat.ids.state[0] == b"DZ"
    assert seat.ids.plan[0] == -1
    assert seat.ids.confidence[0] > 0.8
    assert seat.rules() == {
        "address_state": "DZ",
        "callsign_airline": "DAH2060",
        "position_broadcast": "",
        "transponder": "",
        "plan_missing": "DAH2060",
    }


def test_a_mode_a_answer_alone_is_one_sign_and_not_two():
    seat = Seat().see(track(mode_a=0o6760, kinds=1 << PlotKind.SSR))
    assert seat.identity == Identity.UNKNOWN
    assert not seat.ids.civil[0]
    seat.see(track(mode_a=0o6760, kinds=1 << PlotKind.SSR, aircraft_class=int(AircraftClass.AIRLINER)))
    assert seat.identity == Identity.NEUTRAL


def test_an_address_in_no_block_is_noted_and_counts_for_nothing():
    seat = Seat().see(track(address=0x000123, kinds=MODE_S))
    assert seat.identity == Identity.UNKNOWN
    assert seat.rules()["address_unallocated"] == "000123"
    assert seat.ids.state[0] == b""


def test_icaos_own_block_is_no_state():
    seat = Seat().see(track(address=0xF00001, kinds=MODE_S))
    assert "address_icao" in seat.rules()
    assert seat.ids.state[0] == b""


def test_a_transponder_nobody_set_gives_no_callsign():
    seat = Seat().see(track(callsign=b"00000000"))
    assert not {"callsign_other", "callsign_airline"} & set(seat.rules())


def test_a_plan_that_agrees_makes_a_home_flight_an_assumed_friend():
    seat = Seat().see(track(address=0x062A02, callsign=b"NIN101", kinds=MODE_S))
    assert seat.identity == Identity.ASSUMED_FRIEND
    assert {"plan_both", "plan_home"} <= set(seat.rules())
    assert seat.ids.plan[0] == 1


def test_a_home_plan_that_disagrees_is_neutral_with_both_pieces_of_evidence():
    seat = Seat().see(track(address=0x380001, callsign=b"NIN101", kinds=MODE_S))
    assert seat.identity == Identity.NEUTRAL
    rules = seat.rules()
    assert rules["plan_callsign"] == "NIN101||"
    assert rules["plan_address_differs"] == "062A02|380001"
    assert "plan_home" not in rules


def test_a_state_flight_is_home_only_out_of_the_homes_own_block():
    assert Seat().see(track(address=0x062A09, callsign=b"NER001")).identity == Identity.ASSUMED_FRIEND
    foreign = (Plan(callsign="COTAM1", address="39E600", sts=("STATE",)),)
    assert Seat(plans=foreign).see(track(address=0x39E600, callsign=b"COTAM1")).identity == Identity.NEUTRAL


def test_a_protected_flight_is_protected_by_name():
    seat = Seat().see(track(callsign=b"UNO123"))
    assert seat.ids.protected[0]
    assert seat.rules()["protected_plan"] == "UNO123|HUM"
    assert explain(b"protected_plan", b"UNO123|HUM", "fr").startswith("Vol protégé UNO123")


def test_a_differing_address_does_not_take_protection_away():
    seat = Seat().see(track(callsign=b"UNO123", address=0x380001))
    assert seat.ids.protected[0]
    assert "plan_address_differs" in seat.rules()


def test_protection_stays_through_silence_and_a_change_of_code_and_callsign():
    seat = Seat().see(track(callsign=b"MEDIC7", mode_a=0o1234, kinds=1 << PlotKind.SSR))
    seat.see(track(mode_a=-1), after_s=60)
    assert seat.ids.protected[0]
    assert "transponder_lost" in seat.rules()
    seat.see(track(callsign=b"ZZZ1", mode_a=0o7500))
    assert seat.ids.protected[0]
    assert seat.identity == Identity.NEUTRAL
    seat.see(track(callsign=b"AFR500", mode_a=0o7500))
    assert seat.ids.protected[0]
    assert seat.rules()["protected_kept"] == "MEDIC7|MEDEVAC"


def test_protection_and_civil_status_follow_the_address_to_a_new_track():
    seat = Seat().see(track(1, callsign=b"MEDIC7", address=0x062A05), track(2, callsign=b"ETH1", address=0x040001))
    seat.see(after_s=3600)
    assert len(seat.state.known) == 0
    seat.see(track(8, address=0x062A05, kinds=0), track(9, address=0x040001, kinds=0), track(10, address=0x040002, kinds=0))
    assert seat.ids.protected.tolist() == [1, 0, 0]
    assert seat.ids.civil.tolist() == [1, 1, 1]
    assert seat.rules(8)["protected_plan"] == "MEDIC7|MEDEVAC"


def test_memory_of_an_address_ends_and_is_bounded():
    seat = Seat(IdentifyConfig(memory_s=1000, memory_limit=3))
    seat.see(*(track(k, callsign=b"AAA%d" % k, address=0x380000 + k) for k in range(1, 8)))
    assert sorted(seat.state.memory) == [0x380005, 0x380006, 0x380007]
    seat.see(track(50, callsign=b"MEDIC7", address=0x380050))
    seat.see(after_s=500).see(track(51, address=0x380050))
    assert seat.ids.protected[0]
    seat.see(after_s=500).see(after_s=5000).see(track(52, address=0x380050))
    assert not seat.ids.protected[0]


def test_a_simulated_track_gives_a_live_one_nothing():
    simulated = track(1, callsign=b"MEDIC7", address=0x062A05)
    seat = Seat().see(simulated.replace(flags=int(TrackFlag.CONFIRMED | TrackFlag.NOT_LIVE)))
    seat.see(track(2, address=0x062A05))
    assert not seat.ids.protected[0]


def test_civil_kept_is_evidence_of_its_own():
    seat = Seat().see(track(1, callsign=b"AAA1", address=0x000777))
    seat.see(after_s=300).see(track(2, address=0x000777, kinds=0))
    assert seat.ids.civil[0]
    assert seat.rules(2)["civil_kept"] == "000777"


@pytest.mark.parametrize(("code", "rule"), [(0o7500, "squawk_7500"), (0o7600, "squawk_7600"), (0o7700, "squawk_7700")])
def test_emergency_codes_are_evidence_and_go_with_the_code(code, rule):
    seat = Seat().see(track(mode_a=code))
    assert rule in seat.rules()
    assert rule not in seat.see(track(mode_a=0o2000)).rules()


def test_a_broadcast_emergency_is_evidence():
    assert Seat().see(track(emergency=int(Emergency.MEDICAL))).rules()["emergency_said"] == "medical"


def test_a_remote_id_is_a_claim_and_makes_nobody_civil():
    seat = Seat().see(track(remote_id=b"1581F4BNDNE", aircraft_class=int(AircraftClass.DRONE), kinds=1 << PlotKind.REMOTE_ID))
    assert seat.identity == Identity.UNKNOWN
    assert not seat.ids.civil[0]
    assert seat.rules()["remote_id_claim"] == "1581F4BNDNE"
    assert "radar_alone" not in seat.rules()


def test_only_a_person_makes_a_suspect_and_a_friend():
    seat = Seat().see(track(), after_s=100)
    seat.see(track(), commands=(suspect(),))
    assert seat.identity == Identity.SUSPECT
    assert seat.rules()["person_set"] == "suspect|Sgt Moussa|no answer on 121.5"
    assert seat.ids.confidence[0] == 1
    assert seat.see(track()).identity == Identity.SUSPECT
    seat.see(track(), commands=({"kind": "identity", "track": 1, "identity": "Assumed friend", "by": "Lt Issa"},))
    assert seat.identity == Identity.ASSUMED_FRIEND
    seat.see(track(), commands=({"kind": "identity", "track": 1, "identity": "automatic", "by": "Lt Issa"},))
    assert seat.identity == Identity.UNKNOWN


@pytest.mark.parametrize("columns", [{"callsign": b"UNO123"}, {"address": 0x380001, "callsign": b"XYZ1"}, {"callsign": b"AFR500"}])
def test_suspect_is_refused_for_a_civil_or_protected_flight_and_the_refusal_is_shown(columns):
    seat = Seat().see(track(**columns), commands=(suspect(),))
    assert seat.identity == Identity.NEUTRAL
    assert "suspect_refused" in seat.rules()
    assert seat.state.rejects.total() == 1
    assert "suspect_refused" not in seat.see(track(**columns), after_s=601).rules()


def test_suspect_is_withdrawn_when_the_flight_turns_out_civil():
    seat = Seat().see(track(), commands=(suspect(),))
    assert seat.identity == Identity.SUSPECT
    seat.see(track(callsign=b"DAH2060", address=0x0A0123))
    assert seat.identity == Identity.NEUTRAL
    assert seat.rules()["suspect_withdrawn"] == "civil"


def test_a_persons_word_ends_with_its_track_and_does_not_pass_to_another():
    seat = Seat().see(track(1), commands=(suspect(),))
    seat.see(track(2), after_s=500)
    assert seat.identity == Identity.UNKNOWN


def test_a_track_unseen_for_a_while_comes_back_as_it_was():
    seat = Seat().see(track(1, callsign=b"MEDIC7"), track(2))
    seat.see(track(2), after_s=60).see(track(1), track(2))
    assert seat.ids.protected.tolist() == [1, 0]
    seat.see(track(2), after_s=601)
    assert set(seat.evidence.number.tolist()) == {2}


def test_evidence_keeps_the_time_it_was_first_seen():
    seat = Seat().see(track(callsign=b"AFR500"))
    first = seat.time_s
    seat.see(track(callsign=b"AFR500", mode_a=0o7700), after_s=50)
    since = dict(zip(seat.evidence.rule.tolist(), seat.evidence.since_s.tolist(), strict=True))
    assert since[b"callsign_airline"] == first
    assert since[b"squawk_7700"] == seat.time_s


def test_rows_follow_the_tracks_whatever_their_order():
    seat = Seat().see(track(5), track(3, callsign=b"UNO123"), track(9, address=0x0A0001))
    assert seat.ids.number.tolist() == [5, 3, 9]
    assert seat.ids.protected.tolist() == [0, 1, 0]
    seat.see(track(9, address=0x0A0001), track(1), track(3))
    assert seat.ids.number.tolist() == [9, 1, 3]
    assert seat.ids.protected.tolist() == [0, 0, 1]
    assert seat.ids.state.tolist() == [b"DZ", b"", b""]


def test_the_cached_result_is_that_of_a_fresh_stage():
    rng = np.random.Generator(np.random.PCG64(2))
    n = 60
    address = np.where(rng.random(n) < 0.5, 0x0629D8 + np.arange(n), -1)
    callsign = np.array([b"", b"UNO123", b"NIN101", b"5UABC"])[rng.integers(0, 4, n)]
    first = Tracks.blank(n, number=np.arange(1, n + 1), first_s=0.0, address=address, callsign=callsign, kinds=RADAR | ADSB)
    worked, fresh = Seat().see(first), Seat().see(first)
    for _ in range(20):
        now = first.replace(
            kinds=np.where(rng.random(n) < 0.3, RADAR, ADSB), emergency=rng.integers(0, 3, n), mode_a=rng.choice([-1, 0o7700], n)
        )
        worked.see(now.take(rng.permutation(n)))
    worked.see(now)
    fresh.see(now)
    for name in ("identity", "civil", "protected", "state", "plan"):
        assert getattr(worked.ids, name).tolist() == getattr(fresh.ids, name).tolist(), name
    assert worked.ids.confidence == pytest.approx(fresh.ids.confidence, rel=1e-6)
    for number in range(1, n + 1):
        assert worked.rules(number) == fresh.rules(number)


def test_what_a_track_once_said_stays_until_it_says_something_else():
    seat = Seat().see(track(address=0x0A0123, callsign=b"DAH2060", kinds=MODE_S)).see(track(kinds=MODE_S))
    assert seat.ids.state[0] == b"DZ"
    assert seat.rules()["callsign_airline"] == "DAH2060"
    seat.see(track(address=0x064123, callsign=b"NGL1", kinds=MODE_S))
    assert seat.ids.state[0] == b"NG"
    assert seat.rules()["callsign_airline"] == "NGL1"


def test_thousands_of_commands_in_one_tick_leave_one_note_a_track():
    flood = tuple(suspect(1 + k % 2, by=f"seat {k}") for k in range(5000))
    seat = Seat().see(track(1), track(2, callsign=b"UNO123"), commands=flood)
    assert seat.rules(1)["person_set"] == "suspect|seat 4998|no answer on 121.5"
    assert seat.rules(2)["suspect_refused"] == "protected|seat 4999"
    assert seat.state.rejects.counts == {"suspect refused: protected flight": 2500}
