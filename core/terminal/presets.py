"""``presets``: the experiments that come with Chainrule."""

from __future__ import annotations

import argparse

from core.terminal.output import table, write_json

ABOUT = {"help": "list the experiments that come with Chainrule"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Prints name, title and sentence of each preset."""
    from core.presets import PRESETS

    if arguments.json:
        for preset in PRESETS.values():
            write_json({"name": preset.name, "title": preset.title, "sentence": preset.sentence})
    else:
        print(table([(each.name, each.title, each.sentence) for each in PRESETS.values()]))
    return 0
