"""The figures of docs/explanation/attention.md are those of the bench that is kept."""

from __future__ import annotations

import json

from scripts.attention_page import PAGE, RESULT, filled

from tenere.watch.attention import MEASURED, AttentionConfig


def test_the_table_is_that_of_the_result():
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page, json.loads(RESULT.read_text())) == page


def test_the_result_is_of_the_default_threshold_and_nobody_protected_lost_it():
    result = json.loads(RESULT.read_text())
    assert result["default_threshold"] == AttentionConfig().threshold
    row = next(r for r in result["curve"] if r["threshold"] == result["default_threshold"])
    assert result["protected_lost"] == result["forbidden"] == []
    assert len(result["civil_lost"]) <= 2  # of 9,500: see the page
    assert row["false"] <= 1  # in 833 hours
    assert row["share_in_time"] >= 0.95


def test_the_weights_that_the_page_tells_are_those_of_the_code():
    text = PAGE.read_text(encoding="utf-8")
    for weight in {*MEASURED.values(), AttentionConfig().contradicted}:
        assert f"{weight:.1f}" in text
