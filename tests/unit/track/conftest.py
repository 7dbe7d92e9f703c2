"""Lets the tests of this folder import scene.py and its like, and the filter's slow reference."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "estimate"))
