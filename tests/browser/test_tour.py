"""The whole tour of the page by a supervisor over the built-in exercise: in both languages, by keyboard alone and by mouse alone.

pytest tests/browser/test_tour.py --pictures docs/images/tour   keeps what is seen at each stop
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from tour import STOPS, ByKeyboard, ByMouse

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("tour", [ByKeyboard, ByMouse], ids=["keyboard", "mouse"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_supervisors_tour(page, watched, request, tour, lang):
    seen = []

    def keep(stop: str) -> None:
        seen.append(stop)
        if (into := request.config.getoption("--pictures")) is None:
            return
        Path(into).mkdir(parents=True, exist_ok=True)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        shot.save(Path(into) / f"{lang}-{tour.how}-{STOPS.index(stop) + 1}-{stop}.webp", quality=70)

    tour(page, watched.url, lang, "CAR34M", keep).go()
    assert tuple(seen) == STOPS
    assert [e for e in page.errors if "Failed to load resource" not in e] == []
