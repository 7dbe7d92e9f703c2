"""Partners' code lists: read as claims, never written, and nothing of ours can say more than six words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tenere.batch import AircraftClass, Claim, Emergency, Identities, Identity, Status, TrackFlag, Tracks
from tenere.wire import claims, cot, sapient

SRC = Path(claims.__file__).parents[1]
NODE = "6f8b6a0a-0000-4000-8000-000000000001"
OURS = set("puafns")
SAID_XML = re.compile(rb'type="(a-[^"]*)"')
SAID_PROTOBUF = re.compile(rb"a-[a-zA-Z]-[A-Za-z-]*")


@pytest.mark.parametrize(
    ("letter", "claim"),
    [
        ("p", Claim.PENDING),
        ("u", Claim.UNKNOWN),
        ("a", Claim.ASSUMED_FRIEND),
        ("f", Claim.FRIEND),
        ("n", Claim.NEUTRAL),
        ("s", Claim.SUSPECT),
        ("h", Claim.STRONGER),
        ("j", Claim.EXERCISE),
        ("k", Claim.EXERCISE),
        ("g", Claim.EXERCISE),
        ("w", Claim.EXERCISE),
        ("m", Claim.EXERCISE),
        ("d", Claim.EXERCISE),
        ("l", Claim.EXERCISE),
        ("o", Claim.NONE),
        ("x", Claim.NONE),
        (".", Claim.NONE),
    ],
)
def test_every_affiliation_letter(letter: str, claim: Claim) -> None:
    assert claims.of_letter(letter) is claim
    assert claims.of_cot(f"a-{letter}-A-M-F") is claim
    assert claims.of_cot(f"a-{letter}") is claim
    assert claims.of_sidc(f"S{letter.upper()}APMF----*****"[:15]) is claim


@pytest.mark.parametrize("kind", ["", "a", "a-", "b-m-p", "t-x-d-d", "ah-A", "a-hh-A", "a--A", "A-h-A"])
def test_what_is_no_atom_claims_nothing(kind: str) -> None:
    assert claims.of_cot(kind) is Claim.NONE


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        ("10000100001101000000", Claim.PENDING),
        ("10010100001101000000", Claim.UNKNOWN),
        ("10020100001101000000", Claim.ASSUMED_FRIEND),
        ("10030100001101000000", Claim.FRIEND),
        ("10040100001101000000", Claim.NEUTRAL),
        ("10050100001101000000", Claim.SUSPECT),
        ("10060100001101000000", Claim.STRONGER),
        ("10070100001101000000", Claim.NONE),
        ("10160100001101000000", Claim.EXERCISE),
        ("10250100001101000000", Claim.EXERCISE),
        ("100601000011010000001234567890", Claim.STRONGER),
        ("SHAPMF---------", Claim.STRONGER),
        ("SFAPMF---------", Claim.FRIEND),
        ("XFAPMF---------", Claim.NONE),
        ("1006", Claim.NONE),
        ("1006010000110100000x", Claim.NONE),
        ("", Claim.NONE),
    ],
)
def test_symbol_codes(code: str, claim: Claim) -> None:
    assert claims.of_sidc(code) is claim


def test_only_an_answer_to_mode_4_claims_anything() -> None:
    assert claims.of_mode_4([0, 1, 2, 3, 4, -1]).tolist() == [Claim.NONE, Claim.FRIEND, Claim.NONE, Claim.NONE, Claim.NONE, Claim.NONE]


def test_every_claim_has_a_word_to_show() -> None:
    assert sorted(claims.WORDS) == ["en", "fr"]
    for words in claims.WORDS.values():
        assert [c for c in Claim if not words[c]] == [Claim.NONE]


def test_our_six_identities_have_six_letters() -> None:
    assert [claims.affiliation_of(i) for i in Identity] == ["p", "u", "a", "f", "n", "s"]
    assert [claims.of_letter(claims.affiliation_of(i)).name for i in Identity] == [i.name for i in Identity]


@pytest.mark.parametrize("number", [-1, 6, 7, 8, 104, 255])
def test_no_other_number_has_a_letter(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        claims.affiliation_of(number)


def everything(identity: int) -> tuple[Tracks, Identities]:
    """Return tracks of every class, civil and not, with names that try to say more."""
    names = [b"", b"a-h-A", b'" type="', b"<a-h-A>", b"\xff\x00\x01", b"HOSTILE"]
    n = len(AircraftClass) * 2 * len(names)
    k = np.arange(n)
    tracks = Tracks.blank(
        n,
        number=k,
        time_s=1.7e9,
        first_s=1.7e9,
        lat_rad=0.2,
        lon_rad=0.03,
        var_xx_m2=100.0,
        var_xy_m2=0.0,
        var_yy_m2=100.0,
        callsign=np.array(names)[k % len(names)],
        remote_id=np.array(names)[(k + 1) % len(names)],
        aircraft_class=k // len(names) % len(AircraftClass),
        emergency=np.where(k % 5 == 0, Emergency.GENERAL, Emergency.NONE),
        flags=np.where(k % 7 == 0, TrackFlag.NOT_LIVE, 0),
        existence=1.0,
    )
    return tracks, Identities.blank(n, number=k, identity=identity, confidence=0.9, protected=k % 3 == 0, civil=k % 2)


@pytest.mark.parametrize("identity", list(Identity))
def test_no_encoder_says_more_than_the_six(identity: Identity) -> None:
    tracks, identities = everything(identity)
    letter = claims.affiliation_of(identity)
    for event in cot.encode_events(tracks, identities, uid_prefix="a-h-A", exercise='" type="a-h-A'):
        (kind,) = SAID_XML.findall(event)
        assert kind.decode().split("-")[:2] == ["a", letter]
    for mesh in (True, False):
        for message in cot.encode_protobuf(tracks, identities, mesh=mesh):
            kind = next(iter(SAID_PROTOBUF.findall(message)))
            assert kind.decode().split("-")[:2] == ["a", letter]
    for report in sapient.encode_detections(tracks, identities, NODE):
        assert report.count(b"identity") == 1
        assert identity.name.lower().replace("_", " ").encode() in report


@pytest.mark.parametrize("identity", [6, 7, 104, 255])
def test_no_encoder_takes_an_identity_that_is_none_of_ours(identity: int) -> None:
    tracks, identities = everything(identity)
    for encode in (cot.encode_events, cot.encode_protobuf, lambda t, i: sapient.encode_detections(t, i, NODE)):
        with pytest.raises(ValueError, match=str(identity)):
            encode(tracks, identities)


def test_a_partners_claim_does_not_come_back_out() -> None:
    """What is read as stronger has no way into an encoder: a status has no identity, a system track is left out."""
    tracks, identities = everything(Identity.SUSPECT)
    theirs = tracks.replace(flags=TrackFlag.SYSTEM)
    assert cot.encode_events(theirs, identities) == []
    assert cot.encode_protobuf(theirs, identities) == []
    assert sapient.encode_detections(theirs, identities, NODE) == []
    status = sapient.encode_status(Status.blank(1, time_s=1.7e9, degraded=0, nogo=0), [NODE])
    assert not re.search(rb"identity|a-[a-z]-", b"".join(status))


def test_no_atom_type_is_written_but_by_the_one_function() -> None:
    """Nothing in the source spells an affiliation out: every type that goes out is made with affiliation_of."""
    spelt = re.compile(r"""["'][^"'\n]*\ba-[a-zA-Z]-[A-Z]""")
    found = [
        f"{path.name}:{n}"
        for path in sorted(SRC.rglob("*.py"))
        if path.name != "claims.py"
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if spelt.search(line)
    ]
    assert found == []
    makers = [p.name for p in SRC.rglob("*.py") if 'f"a-{letter}' in p.read_text()]
    assert makers == ["encode.py"]
