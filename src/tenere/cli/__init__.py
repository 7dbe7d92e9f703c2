"""The command line: the composition root. Exit status 0 done, 1 a file yielded nothing, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import argparse
import os
import sys

from tenere import __version__
from tenere.errors import TenereError

USAGE = 2
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    from tenere.cli import decode, doctor, replay, run, warm  # noqa: PLC0415 - --version must not wait for numba

    made = argparse.ArgumentParser(
        prog="tenere",
        description="A country's air picture: sensor bytes in, one recognised picture out. Surveillance only.",
        epilog="Each command has --help with examples. Documentation: docs/ in the repository.",
    )
    made.add_argument("--version", action="version", version=f"tenere {__version__}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for module in (run, replay, decode, doctor, warm):
        module.add(commands)
    return made


def main(argv: list[str] | None = None) -> int:
    """Run a command; what a user can mend is one line on stderr."""
    try:
        args = parser().parse_args(argv)
        code: int = args.run(args)
    except TenereError as e:
        print(f"tenere: {e}", file=sys.stderr)
        return USAGE if e.usage else 1
    except KeyboardInterrupt:
        print("tenere: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read us has gone; what is left unsaid has no reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
