"""``presets``: the experiments that come with Chainrule."""

from __future__ import annotations

import argparse
from typing import Any

from core.terminal.output import table, write_json


def add_parser(subparsers: Any, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Describes the subcommand's arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "presets", parents=[common], help="list the experiments that come with Chainrule"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Prints name, title and sentence of each preset."""
    from core.presets import PRESETS

    if arguments.json:
        for preset in PRESETS.values():
            write_json({"name": preset.name, "title": preset.title, "sentence": preset.sentence})
    else:
        print(table([(each.name, each.title, each.sentence) for each in PRESETS.values()]))
    return 0
