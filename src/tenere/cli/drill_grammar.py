"""What may be said after tenere drill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tenere.cli.declaring import command

EXAMPLES = """\
what it does:
  Runs an exercise as fast as it goes: simulated sensors, the persons of its script, the very picture that run shows; then
  says of each guard of the scenario whether it held. The incidents are accidents of the past, told in
  docs/explanation/incidents.md.

exit status:
  0 every guard held; 1 one did not; 2 wrong usage; 130 interrupted

examples:
  tenere drill --list                       the scenarios, and what they are about
  tenere drill incident_claim               what was said against what was measured
  tenere drill all --json                   every incident, for programs
  tenere drill incident_diversion --out out     tables and a tick log too: tenere explain, tenere replay out/replay.ticks
"""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type of subparsers private
    """Add the command."""
    about = "Run an exercise as fast as it goes and hold its guards against what the picture did."
    p = command(commands, "drill", "tenere.cli.drill:run", "run an exercise and say which of its guards held", about, EXAMPLES)
    p.add_argument("name", nargs="*", metavar="SCENARIO", help="scenarios, or all for every one that has guards")
    p.add_argument("--list", action="store_true", help="list the scenarios")
    p.add_argument("--site", type=Path, default=None, metavar="SITE.toml", help="site file: rules and settings; its sensors do not count")
    p.add_argument("--out", type=Path, default=None, metavar="DIR", help="write tables and the tick log there, a folder a scenario")
    p.add_argument("--lang", choices=("en", "fr"), default="en", metavar="en|fr", help="language of the stories (default en)")
    p.add_argument("--json", action="store_true", help="print one JSON document")
