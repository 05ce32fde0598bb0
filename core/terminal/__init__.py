"""What Chainrule does without a window: a file a subcommand, with ABOUT, add_arguments and run."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from contextlib import suppress

from core import memory
from core.errors import UserError
from core.terminal import grade, predict, presets, race, surface, trace, train
from core.terminal.output import clean, say

SUBCOMMANDS = (train, trace, surface, race, predict, presets, grade)
"""In the order of the help."""

MISTAKE = 2
"""The exit status for what the person can mend; argparse's own."""

INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: list[str]) -> int:
    """Runs a subcommand.

    Args:
        argv: What stands after the program's name.

    Returns:
        The exit status: 0 done, 1 the training diverged, 2 a mistake in what was asked for or in
        a file, 130 stopped by Ctrl+C, 141 nobody reads the output any more.
    """
    memory.settle()
    _use_any_alphabet()
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else MISTAKE
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return PIPE_CLOSED
    except (UserError, OSError, MemoryError) as error:
        if getattr(arguments, "debug", False):
            traceback.print_exc()
        say(f"Error: {explained(error)}")
        return MISTAKE
    return status


def explained(error: Exception) -> str:
    """What went wrong, on one line."""
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Choose fewer samples or a smaller network."
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return clean(f"{where}{error.strerror or error}.")
    return clean(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python main.py",
        description="Chainrule, in the terminal. Without a subcommand the window opens.",
        epilog="Help on a subcommand: python main.py train --help",
        parents=[_common()],
    )
    subparsers = parser.add_subparsers(metavar="SUBCOMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        name = subcommand.__name__.rpartition(".")[2]
        own = subparsers.add_parser(name, parents=[_common()], **subcommand.ABOUT)
        subcommand.add_arguments(own)
        own.set_defaults(run=subcommand.run)
    return parser


def _common() -> argparse.ArgumentParser:
    """What may stand before a subcommand and after it."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,  # so that the one place does not undo the other
        help="show the traceback of an error",
    )
    return common


def _use_any_alphabet() -> None:
    """Lets a terminal without λ or × show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _discard_output() -> None:
    """Keeps Python from failing once more when it flushes at its end."""
    with suppress(OSError, ValueError):  # raised by a stream that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
