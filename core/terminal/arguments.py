"""Types of numbers on the command line; argparse makes their ArgumentTypeError a message."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole(name: str, least: int, most: int | None = None) -> Callable[[str], int]:
    """Whole numbers from ``least`` on, or up to ``most``; by ``name`` argparse calls them."""

    def number(text: str) -> int:
        found = int(text)
        if most is None and found < least:
            raise argparse.ArgumentTypeError(f"{found} is less than {least}")
        if most is not None and not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{found} is not from {least} to {most}")
        return found

    number.__name__ = name
    return number


def add_experiment(parser: argparse.ArgumentParser, purpose: str = " to go on from") -> None:
    """The experiment that a subcommand is about."""
    parser.add_argument(
        "experiment",
        metavar="PRESET|FILE",
        help=f"a preset (see: presets), an experiment in JSON, or a .safetensors{purpose}",
    )


count = whole("number", 1)
index = whole("number", 0)
seed = whole("seed", 0, 2**31 - 1)
"""As experiments have them."""
