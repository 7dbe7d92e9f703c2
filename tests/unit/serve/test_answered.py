from __future__ import annotations

import json

from tenere.serve.answered import HELD_S, KEPT, Answered
from tenere.serve.hub import Hub
from tenere.words.answers import Answer

NO = Answer(0, "identity", False, 0, 7, "order.presumed", ("7",), "omar")


def test_an_answer_is_told_in_both_languages_for_a_while():
    made = Answered()
    made.take(100.0, (NO, NO._replace(accepted=True, key="order.done", order=3)))
    first, second = made.rows(100.0 + HELD_S)
    assert (first["accepted"], first["track"], first["by"], first["order"]) == (False, 7, "omar", None)
    assert "two persons" in first["text"]["en"]
    assert first["text"]["fr"] != first["text"]["en"]
    assert (second["id"], second["order"]) == (2, 3)
    assert made.rows(100.1 + HELD_S) == []


def test_so_many_are_kept_and_numbers_go_on():
    made = Answered()
    for k in range(3 * KEPT):
        made.take(float(k) / KEPT, (NO,))
    assert [r["id"] for r in made.rows(3.0)] == list(range(2 * KEPT + 1, 3 * KEPT + 1))


def test_the_status_text_has_them(snapshot):
    hub = Hub()
    hub.answered.take(snapshot.time_s, (NO,))
    hub.publish(snapshot)
    assert [a["kind"] for a in json.loads(hub.status())["answers"]] == ["identity"]
