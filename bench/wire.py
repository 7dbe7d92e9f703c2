"""Every decoder's speed and memory, beside its peer in the same run.

    python -m bench.wire            print and keep bench/results/wire.json
    python -m bench.wire --json

ASTERIX: all items of CAT048 and CAT062 to columns, against libasterix (bench.wire_asterix). Mode S: DF17 to columns against
rs1090's Python API, Beast framing (bench.wire_mode_s). Rates are per CPU second of one core; the aims stand beside them.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from bench import wire_asterix, wire_mode_s
from bench.machine import keep


def measure() -> dict[str, Any]:
    """Measure both."""
    return {"asterix": wire_asterix.measure(), "mode_s": wire_mode_s.measure()}


def main() -> None:
    """Measure, print, keep."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    result = measure()
    path = keep("wire", result)
    print(json.dumps(result, indent=2))
    if not args.json:
        print(f"kept in {path}")


if __name__ == "__main__":
    main()
