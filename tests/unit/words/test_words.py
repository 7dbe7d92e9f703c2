"""The phrase book is whole in every language and never breaks on what it is given."""

from __future__ import annotations

import re

import pytest

from tenere import identify, watch, words
from tenere.batch import AircraftClass, Claim, Emergency, Identity, KinematicClass, Severity
from tenere.geo.borders import NUMBER_OF
from tenere.identify import people
from tenere.identify.allocation import CODES, ICAO
from tenere.track.orders import ANSWERS


def test_english_and_french_are_there():
    assert {"en", "fr"} <= set(words.languages())


@pytest.mark.parametrize("lang", words.languages())
def test_every_language_has_the_same_keys_and_placeholders(lang):
    book, english = words.phrases(lang), words.phrases("en")
    assert book.keys() == english.keys()
    for key, phrase in book.items():
        assert words.placeholders(phrase) == words.placeholders(english[key]), key
        assert phrase.strip() == phrase, key
        assert phrase, key


@pytest.mark.parametrize("lang", words.languages())
def test_every_rule_that_a_stage_may_give_has_its_phrase(lang):
    book = words.phrases(lang)
    assert set(identify.RULES) | set(watch.RULES) | set(watch.REASONS) <= book.keys()
    for rule in (*identify.RULES, *watch.RULES, *watch.REASONS):
        assert len(rule.encode()) <= 32, "it must fit the column"


@pytest.mark.parametrize("lang", words.languages())
def test_the_vocabulary_is_whole(lang):
    book = words.phrases(lang)
    wanted = [f"identity.{i.name.lower()}" for i in Identity]
    wanted += [f"severity.{s.name.lower()}" for s in Severity]
    wanted += [f"class.{c.name.lower()}" for c in AircraftClass]
    wanted += [f"emergency.{e.name.lower()}" for e in Emergency]
    wanted += [f"state.{code.decode()}" for code in CODES.tolist() if code.decode() != ICAO]
    wanted += [f"state.{code}" for code in NUMBER_OF]
    wanted += ANSWERS
    wanted += people.ANSWERS
    wanted += [f"claim.{c.name.lower()}" for c in Claim if c != Claim.NONE]
    wanted += [f"moves.{k.name.lower()}" for k in KinematicClass if k != KinematicClass.UNKNOWN]
    assert [key for key in wanted if key not in book] == []


def test_no_phrase_is_left_over():
    used = set(identify.RULES) | set(watch.RULES) | set(watch.REASONS)
    groups = {"identity", "severity", "class", "emergency", "state", "flight", "order", "register", "judged", "coverage"}
    groups |= {"explain", "claim", "trend", "because", "moves"}
    assert [k for k in words.phrases("en") if k not in used and k.split(".")[0] not in groups] == []


def test_every_group_a_phrase_names_is_there():
    book = words.phrases("en")
    for key, phrase in book.items():
        for group in re.findall(r"\{\d:([a-z_]+)\}", phrase):
            assert any(k.startswith(f"{group}.") for k in book), key


def test_french_has_its_accents_and_spaces():
    french = words.phrases("fr")
    assert french["state.NE"] == "Niger"
    assert "é" in french["border_entry"] or "franchissement de frontière" in french["border_entry"]
    for key, phrase in french.items():
        assert "'" not in phrase, f"{key}: a typographic apostrophe"
        plain = re.sub(r"\{[^}]*\}", "x", phrase)
        assert not re.search("[^\u00a0\u202f][:;!?»]|«[^\u00a0]", plain), f"{key}: a no-break space stands beside it"


def test_details_are_filled_in_and_looked_up():
    assert words.text("address_state", "en", "NE") == "Address of the register of Niger"
    assert words.text("address_state", "fr", "DE").endswith("Allemagne")
    assert words.text("address_state", "fr", "??").endswith("??")
    assert words.explain(b"border_entry", b"XYZ1|NE|unplanned", "en") == "XYZ1 has crossed the border into Niger: no flight plan known"


def test_what_is_missing_or_unknown_never_raises():
    assert words.text("callsign_other", "en") == "Callsign: —"
    assert words.text("no_such_rule", "fr", "a", "b") == "no_such_rule a b"
    assert words.text("identity.friend", "tlh") == "friend"
    assert words.explain(b"\xff", b"\xfe|", "fr")


def test_a_detail_is_never_read_as_a_pattern():
    assert words.text("callsign_other", "en", "{0:state}{1}%s{0.__class__}") == "Callsign: {0:state}{1}%s{0.__class__}"


@pytest.mark.parametrize(
    ("value", "most", "wanted"),
    [
        (" Lt Issa\n", 24, b"Lt Issa"),
        ("a|b\0c", 24, b"a/bc"),
        ("Zeïnabou", 4, b"Ze\xc3\xaf"),
        ("Zeïnabou", 3, b"Ze"),
        ("\ud800x", 9, b"x"),
        (None, 9, b""),
        (7, 9, b""),
        (b"x", 9, b""),
    ],
)
def test_clean_makes_one_detail_of_whatever_is_given(value, most, wanted):
    assert words.clean(value, most) == wanted
