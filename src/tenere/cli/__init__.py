"""The command line: the composition root.

Exit status: 0 done; 1 a file could not be read or yielded nothing, or an address could not be had; 2 wrong usage;
130 interrupted before it was done (``run`` and ``record`` last until they are stopped, so theirs is then 0).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from tenere.cli.grammar import parser
from tenere.cli.output import print_json, say
from tenere.errors import TenereError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["main", "parser"]

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run a command; what a user can mend is one line on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text at all
    args: argparse.Namespace | None = None
    try:
        args = parser().parse_args(argv)
        with _terminated_as_interrupted():
            module, _, name = args.command.partition(":")
            command: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), name)
            code = command(args)
            sys.stdout.flush()
    except TenereError as e:
        return _failed(args, str(e), USAGE if e.usage else FAILED)
    except KeyboardInterrupt:
        return _failed(args, "interrupted", INTERRUPTED)
    except BrokenPipeError:  # whoever read us has gone; what is left unsaid has no reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    except OSError as e:  # such as a disk that is full
        return _failed(args, str(e), FAILED)
    except ModuleNotFoundError as e:
        if (e.name or "tenere").partition(".")[0] == "tenere":
            raise
        return _failed(args, f"the Python package {e.name} is missing: run make setup (tenere doctor tells what else is)", FAILED)
    return code


def _failed(args: argparse.Namespace | None, message: str, status: int) -> int:
    """Say what went wrong on stderr, and on stdout too where a program waits for its document."""
    say(f"tenere: {message}")
    if getattr(args, "json", False):
        with contextlib.suppress(OSError):
            print_json({"error": message})
            sys.stdout.flush()
    return status


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that what it writes is finished."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
