"""A short run of the fuzzer over every decoder: nothing escapes. `make fuzz` is the long one."""

from __future__ import annotations

import pytest
from scripts import fuzz

from tenere.wire import format as formats

BATCHES = 8


@pytest.mark.parametrize("name", [*formats.names(), fuzz.FILES])
def test_nothing_escapes(name):
    tally = fuzz.run_batches(name, 0, BATCHES * (5 if name == fuzz.FILES else 1))
    assert tally.inputs >= BATCHES
    assert tally.broken == []


def test_the_fuzzer_sees_what_escapes(monkeypatch):
    def broken(*_):
        raise IndexError("out of reach")

    chosen = formats.load("beast")._replace(step=broken)
    monkeypatch.setattr(fuzz.formats, "load", lambda _: chosen)
    tally = fuzz.run_batches("beast", 0, 3)
    assert len(tally.broken) == 3
    assert "IndexError: out of reach" in tally.broken[0]


def test_the_fuzzer_sees_a_batch_that_cannot_be(monkeypatch):
    real = formats.load("beast")

    def unsound(state, chunk, time_s):
        state, decoded = real.step(state, chunk, time_s)
        decoded.rejects.add("nothing", 10**9)
        return state, decoded

    chosen = real._replace(step=unsound)
    monkeypatch.setattr(fuzz.formats, "load", lambda _: chosen)
    assert "AssertionError" in fuzz.run_batches("beast", 0, 1).broken[0]


def test_a_hang_and_a_crash_are_told_and_the_rest_goes_on(monkeypatch):
    monkeypatch.setattr(fuzz, "_work", _dies_at_two)
    tally = fuzz.guarded("beast", 0, 5)
    assert tally.broken == ["batch 2: the process died"]
    assert tally.inputs == 2


def _dies_at_two(_name, first, last, talk, _given):
    for number in range(first, last):
        talk.send(number)
        if number == 2:
            raise SystemExit(9)
    talk.send(vars(fuzz.Tally(inputs=last - first)))
