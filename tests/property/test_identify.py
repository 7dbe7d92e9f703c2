"""Whatever arrives and whatever is commanded, in any order: no civil or protected flight is ever suspect."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Identity, Tracks
from tenere.errors import UsageError
from tenere.identify import IdentifyConfig, init, step
from tenere.identify.config import RuleConfig
from tenere.identify.rules import FACTS, Rules, parse
from tenere.plans import Plan

FACT = st.sampled_from(FACTS).flatmap(lambda fact: st.sampled_from([fact, f"not {fact}"]))


def any_rule(name: str, identity: str, when: list[str]) -> RuleConfig:
    made = RuleConfig(name=name, identity="neutral", when=tuple(when))
    msgspec.structs.force_setattr(made, "identity", identity)
    return made


RULE = st.builds(any_rule, st.text(max_size=5), st.sampled_from([i.name.lower() for i in Identity]), st.lists(FACT, max_size=3))
"""Any rule at all, also those that a file is refused for."""

PLANS = (
    Plan(callsign="UNO123", address="062A01", sts=("HUM",)),
    Plan(callsign="NIN101", address="062A02", operator="Niger Airlines"),
    Plan(callsign="", address="380001", remote_id="DRONE1", sts=("HOSP",)),
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
command = (
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["identity", "unprotect", "registry"]) | anything, "track": st.integers(0, 6) | anything},
        optional={
            "identity": st.sampled_from(["suspect", "SUSPECT ", "friend", "neutral", "unknown", "automatic", "pending", "hos" + "tile"])
            | anything,
            "reason": st.just("no answer") | anything,
            "by": st.sampled_from(["Lt Issa", "Sgt Moussa"]) | anything,
            "signed": st.booleans() | anything,
            "op": st.sampled_from(["add", "remove"]) | anything,
            "address": st.sampled_from(["062A01", "380001", "zz"]) | anything,
            "callsign": st.sampled_from(["XYZ1", "UNO123"]) | anything,
            "label": st.just("Doctors") | anything,
        },
    )
    | anything
)
one = st.fixed_dictionaries(
    {
        "number": st.integers(1, 6),
        "address": st.sampled_from([-1, 0x062A01, 0x062A02, 0x380001, 0x000123, 0xF00001]),
        "callsign": st.sampled_from([b"", b"UNO123", b"NIN101", b"XYZ1", b"0000"]),
        "remote_id": st.sampled_from([b"", b"DRONE1"]),
        "mode_a": st.sampled_from([-1, 0o7500, 0o1234]),
        "kinds": st.integers(0, 4095),
        "flags": st.integers(0, 255),
        "aircraft_class": st.integers(0, 255),
        "emergency": st.integers(0, 255),
        "first_s": st.floats(0, 200) | st.just(np.nan),
    }
)
tick = st.tuples(st.lists(one, max_size=5, unique_by=lambda t: t["number"]), st.lists(command, max_size=4), st.floats(0.1, 400.0))


def batch(rows: list[dict[str, object]]) -> Tracks:
    return Tracks.blank(len(rows), **{name: np.array([r[name] for r in rows]) for name in (rows[0] if rows else {})})


@settings(max_examples=120, deadline=None)
@given(st.lists(tick, max_size=8), st.lists(RULE, max_size=6))
def test_nothing_raises_and_nobody_civil_or_protected_is_suspect_whatever_the_rules(ticks, rules):
    state, time_s = init(IdentifyConfig(home_operators=("Niger Airlines",), forget_s=100, memory_limit=3), PLANS), 0.0
    state.rules = Rules.of(rules)
    protected: set[int] = set()
    seen_s: dict[int, float] = {}
    for rows, commands, after_s in ticks:
        time_s += after_s
        tracks = batch(rows)
        state, ids, evidence = step(state, tracks, time_s, commands)
        assert len(ids) == len(tracks)
        assert ids.number.tolist() == tracks.number.tolist()
        assert not ((ids.identity == Identity.SUSPECT) & ((ids.civil != 0) | (ids.protected != 0))).any()
        assert (ids.identity <= max(Identity)).all()
        assert ((ids.confidence >= 0) & (ids.confidence <= 1)).all()
        assert set(tracks.number.tolist()) <= set(state.known.number.tolist())
        assert set(evidence.number.tolist()) <= set(state.known.number.tolist())
        assert len(state.memory) <= 3
        told = {n for n, r in zip(evidence.number.tolist(), evidence.rule.tolist(), strict=True) if r == b"person_set"}
        suspects = set(ids.number[ids.identity == Identity.SUSPECT].tolist())
        assert suspects <= told, "a suspect that no person set"
        assert set(ids.number[ids.identity == Identity.FRIEND].tolist()) <= told
        assert not ((ids.identity <= Identity.UNKNOWN) & ((ids.civil != 0) | (ids.protected != 0)) & ~np.isin(ids.number, list(told))).any()
        for number, is_protected in zip(ids.number.tolist(), ids.protected.tolist(), strict=True):
            if number in protected and time_s - seen_s[number] <= 100:
                waived = {n for n, r in zip(evidence.number.tolist(), evidence.rule.tolist(), strict=True) if r == b"unprotected"}
                assert is_protected or number in waived, "protection was lost while the track lived"
            (protected.add if is_protected else protected.discard)(number)
            seen_s[number] = time_s


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(one, max_size=5, unique_by=lambda t: t["number"]), st.floats(0.1, 50.0)), max_size=8))
def test_without_a_command_nobody_is_suspect_or_friend(ticks):
    state, time_s = init(IdentifyConfig(), PLANS), 0.0
    for rows, after_s in ticks:
        time_s += after_s
        state, ids, _ = step(state, batch(rows), time_s)
        assert not np.isin(ids.identity, [Identity.SUSPECT, Identity.FRIEND]).any()


@settings(max_examples=40, deadline=None)
@given(st.lists(tick, max_size=6))
def test_the_same_input_gives_the_same_output(ticks):
    def run() -> list[bytes]:
        state, time_s, out = init(IdentifyConfig(), PLANS), 0.0, []
        for rows, commands, after_s in ticks:
            time_s += after_s
            state, ids, evidence = step(state, batch(rows), time_s, commands)
            out += [getattr(b, name).tobytes() for b in (ids, evidence) for name, *_ in b.columns()]
        return out

    assert run() == run()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.lists(FACT, max_size=4).map(lambda f: f'[[rule]]\nname = "a"\nidentity = "neutral"\nwhen = {f!r}'))
def test_a_rules_file_is_read_or_refused_with_its_name(text):
    try:
        made = parse(text, "mine.toml")
    except UsageError as e:
        made, said = (), str(e)
    assert made or said.startswith("mine.toml: ")


@pytest.mark.parametrize("word", ["suspect", "friend"])
def test_a_rules_file_cannot_name_what_only_a_person_sets(word):
    with pytest.raises(UsageError, match="identity"):
        parse(f'[[rule]]\nname = "a"\nidentity = "{word}"')
