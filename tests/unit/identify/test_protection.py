"""Protection is never lost but by two signed persons: the registry, claims, re-initiation, tracks that cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from tenere.batch import Identity, PlotFlag, PlotKind, Plots, TrackFlag, Tracks
from tenere.identify import IdentifyConfig, init, step
from tenere.identify.config import RegistryConfig
from tenere.plans import Plan
from tenere.world import Aerodromes

PSR, MODE_S, REMOTE = 1 << PlotKind.PSR, 1 << PlotKind.MODE_S, 1 << PlotKind.REMOTE_ID
PLANS = (
    Plan(callsign="MEDIC7", address="062A05", sts=("MEDEVAC",), departure="DRRN", destination="DRZR", off_block_s=0.0, ssr="4321"),
    Plan(callsign="NIN101", address="062A02", operator="Niger Airlines"),
    Plan(callsign="", remote_id="DRONE1", sts=("HOSP",), departure="DRRN", destination="DRZR", off_block_s=0.0),
)
FIELDS = Aerodromes(np.array([b"DRRN", b"DRZR"]), np.radians([13.48, 13.78]), np.radians([2.18, 8.98]), np.array([223.0, 460.0]))
HOME = (13.5, 3.0)


class Seat:
    def __init__(self, **config: object) -> None:
        self.state = init(IdentifyConfig(home_operators=("Niger Airlines",), **config), PLANS, FIELDS)
        self.time_s = 1000.0

    def see(self, *tracks: Tracks, commands: tuple[object, ...] = (), after_s: float = 1.0, **given: object) -> Seat:
        self.time_s += after_s
        self.state, self.ids, self.evidence = step(self.state, Tracks.concat(tracks), self.time_s, commands, **given)
        return self

    def rules(self, number: int = 1) -> dict[str, str]:
        mine = self.evidence.take(self.evidence.number == number)
        return {r.decode(): d.decode() for r, d in zip(mine.rule.tolist(), mine.detail.tolist(), strict=True)}

    def of(self, number: int) -> tuple[Identity, bool, bool]:
        row = self.ids.number.tolist().index(number)
        return Identity(int(self.ids.identity[row])), bool(self.ids.civil[row]), bool(self.ids.protected[row])


def track(number: int = 1, at: tuple[float, float] = HOME, **columns: object) -> Tracks:
    given = {
        "kinds": PSR,
        "flags": int(TrackFlag.CONFIRMED),
        "first_s": 900.0,
        "lat_rad": np.radians(at[0]),
        "lon_rad": np.radians(at[1]),
        "speed_ms": 100.0,
        "course_rad": np.pi / 2,
        "var_xx_m2": 1e4,
        "var_yy_m2": 1e4,
        **columns,
    }
    return Tracks.blank(1, number=number, **given)


def unprotect(by: str, number: int = 1, *, signed: bool = True) -> dict[str, object]:
    return {"kind": "unprotect", "track": number, "reason": "seen by patrol", "by": by, "signed": signed}


def ward(op: str = "add", **changed: object) -> dict[str, object]:
    return {"kind": "registry", "op": op, "callsign": "5UMSF", "label": "Flying doctors", "by": "Cne Abdou", **changed}


SUSPECT = {"kind": "identity", "track": 1, "identity": "suspect", "reason": "no answer", "by": "Sgt Moussa"}


def test_the_registry_of_the_site_file_protects():
    seat = Seat(registry=(RegistryConfig(label="Doctors", address="062b00"),)).see(track(address=0x062B00, kinds=MODE_S))
    assert seat.of(1)[2]
    assert seat.rules()["protected_registry"] == "062B00|Doctors"


def test_a_person_adds_to_the_registry_at_once_and_removal_takes_nothing_off():
    seat = Seat().see(track(callsign=b"5UMSF"), track(2, callsign=b"5UMSG"), commands=(ward(),))
    assert [seat.of(1)[2], seat.of(2)[2]] == [True, False]
    assert seat.state.answers[0].accepted
    seat.see(track(callsign=b"5UMSF"), commands=(ward("remove"),))
    assert seat.of(1)[2]
    assert not seat.see(track(5, callsign=b"5UMSF", at=(20, 9))).of(5)[2]
    seat.see(commands=(ward("remove"),))
    assert seat.state.answers[0].key == "order.not_registered"


@pytest.mark.parametrize(
    "broken", [{"op": "drop"}, {"callsign": "", "address": ""}, {"address": "xyz"}, {"label": ""}, {"by": None}, {"callsign": 7}]
)
def test_a_broken_registry_command_is_counted_and_answered(broken):
    seat = Seat().see(track(), commands=(ward(**broken),))
    assert seat.state.rejects.total() == 1
    assert seat.state.answers[0].key == "order.malformed"
    assert not seat.state.registry.entries


def test_two_signed_persons_take_protection_off_and_one_never_does():
    medic = track(callsign=b"MEDIC7")
    seat = Seat().see(medic, commands=(unprotect("A"), unprotect("A"), unprotect("B", signed=False)))
    assert seat.of(1)[1:] == (True, True)
    assert [a.key for a in seat.state.answers] == ["order.second_person", "order.same_person", "order.not_signed"]
    assert seat.rules()["unprotect_asked"] == "A|seen by patrol"
    asked = seat.evidence.take(seat.evidence.rule == b"unprotect_asked")
    assert asked.expires_s.tolist() == [seat.time_s + 300.0], "it is told for as long as it stands"
    seat.see(medic, commands=(unprotect("B"),), after_s=301)
    assert seat.of(1)[2], "too late: the first has to ask again"
    seat.see(medic, commands=(SUSPECT, unprotect("A")))
    assert seat.of(1) == (Identity.UNKNOWN, False, False)
    assert "suspect_refused" in seat.rules(), "it was still protected when that was said"
    assert seat.rules()["unprotected"] == "B|A|seen by patrol"


def test_protection_that_was_taken_off_stays_off_and_suspect_is_then_a_persons_to_set():
    medic = track(callsign=b"MEDIC7", address=0x062A05, kinds=MODE_S)
    seat = Seat().see(medic).see(medic, commands=(unprotect("A"), unprotect("B")))
    seat.see(medic)
    assert seat.of(1) == (Identity.UNKNOWN, False, False)
    assert seat.see(medic, commands=(SUSPECT,)).of(1)[0] == Identity.SUSPECT
    assert seat.see(medic, after_s=200).of(1)[0] == Identity.SUSPECT


def test_a_remote_id_alone_is_a_claim_until_something_measured_agrees():
    far = track(remote_id=b"DRONE1", kinds=REMOTE, at=(20, 9))
    seat = Seat().see(far)
    seat.time_s = 200_000.0
    seat = Seat()
    seat.time_s = 200_000.0  # two days after the plan's time, far from its route
    seat.see(far)
    assert not seat.of(1)[2]
    assert "protected_claim" in seat.rules()
    seat.see(track(remote_id=b"DRONE1", kinds=REMOTE, at=(13.5, 2.2), height_m=300.0), after_s=90)
    assert seat.of(1)[2]


def test_a_primary_track_where_a_protected_one_was_lost_keeps_its_protection():
    seat = Seat().see(track(callsign=b"MEDIC7", kinds=PSR))
    seat.see(after_s=20).see(track(2, at=(13.5, 3.0 + 0.0188), first_s=1020.0), after_s=1)
    assert seat.of(2)[1:] == (True, True)
    assert seat.rules(2)["place_kept"] == "1"
    assert seat.see(track(2), commands=({**SUSPECT, "track": 2},)).of(2)[0] == Identity.NEUTRAL


@pytest.mark.parametrize(
    "other", [{"at": (13.9, 3.5)}, {"speed_ms": 300.0}, {"address": 0x380001}, {"flags": int(TrackFlag.CONFIRMED | TrackFlag.NOT_LIVE)}]
)
def test_a_track_elsewhere_or_of_another_kind_inherits_nothing(other):
    seat = Seat().see(track(callsign=b"MEDIC7", address=0x062A05)).see(after_s=20)
    seat.see(track(2, **{"at": (13.5, 3.0188), "first_s": 1020.0, **other}))
    assert not seat.of(2)[2]


def test_an_airborne_flight_beside_it_is_no_heir_while_it_is_seen():
    seat = Seat().see(track(callsign=b"MEDIC7"))
    for _ in range(12):
        seat.see(track(callsign=b"MEDIC7", update_s=seat.time_s + 1), track(2, at=(13.56, 3.0), update_s=seat.time_s + 1))
    assert not seat.of(2)[2]


def test_two_tracks_that_cannot_be_told_apart_both_keep_protection_and_words_need_renewal():
    word = {"kind": "identity", "track": 2, "identity": "friend", "by": "Lt Issa"}
    apart = (track(1, callsign=b"MEDIC7"), track(2, at=(13.6, 3.0)))
    seat = Seat().see(*apart).see(*apart, commands=(word,), after_s=60)
    assert seat.of(2)[0] == Identity.FRIEND
    seat.see(track(1, callsign=b"MEDIC7"), track(2, at=(13.5005, 3.0)))
    assert seat.of(2) == (Identity.NEUTRAL, True, True)
    assert seat.rules(2)["not_told_apart"] == "1"
    seat.see(*apart)
    assert seat.of(1)[2]
    assert seat.of(2)[0] == Identity.NEUTRAL, "the word was of the track before"
    assert seat.see(*apart, commands=(word,)).of(2)[0] == Identity.FRIEND
    assert "word_needs_renewal" not in seat.rules(2)


def test_tracks_that_answer_are_told_apart_by_that():
    both = (track(1, callsign=b"MEDIC7", kinds=MODE_S), track(2, address=0x380001, kinds=MODE_S, at=(13.5005, 3.0)))
    assert not Seat().see(*both).see(*both, after_s=60).of(2)[2]


def test_what_was_borrowed_goes_when_the_aircraft_says_who_it_is():
    near = (track(1, callsign=b"MEDIC7", address=0x062A05), track(2, at=(13.5005, 3.0)))
    seat = Seat().see(*near).see(*near, after_s=60)
    assert seat.of(2)[2]
    seat.see(near[0], track(2, address=0x3C0001, kinds=MODE_S, at=(13.6, 3.0))).see(near[0])
    seat.see(near[0], track(2, address=0x3C0001, kinds=MODE_S, at=(13.6, 3.0)))
    assert [seat.of(1)[2], seat.of(2)[2]] == [True, False]


def test_nothing_is_held_against_a_track_that_only_untrusted_sensors_see():
    alone = track(sensors=np.uint64(4))
    assert "radar_alone" in Seat().see(alone).rules()
    rules = Seat().see(alone, untrusted=4).rules()
    assert "radar_alone" not in rules
    assert "seen_by_untrusted" in rules


def test_a_friendly_answer_helps_and_its_absence_does_not():
    plots = Plots.blank(1, flags=int(PlotFlag.MODE_5))
    seat = Seat().see(track(), track(2), plots=plots, plot_tracks=np.array([1]))
    assert seat.of(1)[0] == Identity.ASSUMED_FRIEND
    assert "mode_5_answer" in seat.rules(1)
    before = seat.ids.confidence[1]
    seat.see(track(), track(2), after_s=700)
    assert seat.of(1)[0] == Identity.UNKNOWN
    assert seat.ids.confidence[1] == pytest.approx(before)


def test_the_plans_route_time_code_and_departure_are_weighed():
    seat = Seat().see(track(callsign=b"MEDIC7", mode_a=0o4321, kinds=MODE_S, at=(13.48, 2.2), height_m=600.0))
    rules = seat.rules()
    assert {"plan_route", "plan_time", "plan_code", "plan_departure"} <= rules.keys()
    seat = Seat()
    seat.time_s = 90_000.0
    rules = seat.see(track(callsign=b"MEDIC7", mode_a=0o1234, kinds=MODE_S, at=(20.0, 5.0))).rules()
    assert {"plan_route_off", "plan_time_off", "plan_code_differs"} <= rules.keys()
    assert rules["plan_code_differs"] == "4321|1234"


def test_what_an_aircraft_said_stops_counting_some_time_after_it_fell_silent():
    seat = Seat(forget_s=1e5).see(track(callsign=b"ETH1", address=0x040001, kinds=MODE_S))
    assert {"callsign_airline", "address_state"} <= seat.rules().keys()
    row = seat.evidence.rule == b"callsign_airline"
    assert seat.evidence.expires_s[row].tolist() == [seat.time_s + 300.0]
    seat.see(track(), after_s=299)
    assert "callsign_airline" in seat.rules()
    seat.see(track(), after_s=2)
    assert "callsign_airline" not in seat.rules()
    assert seat.of(1)[1], "civil it stays"


def test_evidence_of_one_who_goes_on_answering_is_renewed():
    said = track(callsign=b"ETH1", address=0x040001, kinds=MODE_S)
    seat = Seat().see(said)
    for _ in range(40):
        seat.see(said, after_s=10)
    assert "callsign_airline" in seat.rules()
