"""Types of numbers on the command line; argparse makes their ArgumentTypeError a message."""

from __future__ import annotations

import argparse


def count(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def seed(text: str) -> int:
    """A seed as experiments have them."""
    number = int(text)
    if not 0 <= number < 2**31:
        raise argparse.ArgumentTypeError(f"{number} is not from 0 to {2**31 - 1}")
    return number


def index(text: str) -> int:
    """A whole number from 0 on."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is less than 0")
    return number


# argparse names the type in its messages
count.__name__, seed.__name__, index.__name__ = "number", "seed", "number"
