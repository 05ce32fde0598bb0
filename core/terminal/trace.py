"""``trace``: training steps, operation by operation, for checking them elsewhere."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.errors import UserError
from core.terminal.arguments import add_experiment, count, index, seed

if TYPE_CHECKING:  # torch takes a second to import, which --help does not wait for
    from core.training.trainer import Trainer


ABOUT = {
    "help": "print training steps with every number in them",
    "description": "Takes training steps and prints each operation: its rule in LaTeX, what it "
    "reads and what it writes. Computed on the CPU, from new weights or those of a file, "
    "which does not hold the optimizer's state: that begins anew.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    add_experiment(parser)
    parser.add_argument("--steps", type=count, default=1, metavar="N", help="so many (default 1)")
    parser.add_argument("--seed", type=seed, metavar="S", help="seed of weights, data and order")
    parser.add_argument(
        "--sample",
        type=index,
        metavar="I",
        help="show the values of this sample of each batch alone, counted from 0; the gradients "
        "of parameters stay those of the whole batch",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="say of each operation's first number in plain words what it means",
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line, every number with all digits"
    )


def run(arguments: argparse.Namespace) -> int:
    """Takes the steps and prints each as soon as it is taken."""
    from core.debugger.tape import record_step
    from core.terminal import experiments
    from core.terminal.trace_report import JsonReport, Seen, TextReport

    session, trainer = experiments.begun(arguments.experiment, arguments.seed)
    _check_sample(trainer, arguments.sample, arguments.steps)
    report = JsonReport() if arguments.json else TextReport()
    report.begin(session, arguments)
    for _ in range(arguments.steps):
        record = record_step(trainer).record
        trainer.flush()  # or it would keep every step's outputs for curves that nobody draws
        report.step(Seen(record, arguments.sample, arguments.plain))
    report.end(arguments.steps)
    return 0


def _check_sample(trainer: Trainer, sample: int | None, steps: int) -> None:
    """Refuses a sample that one of the batches to come does not have.

    Raises:
        UserError: It names the size of that batch.
    """
    if sample is None:
        return
    batches = trainer.batches
    smallest = batches.batch_size
    if trainer.epoch_step + steps >= batches.steps_per_epoch:
        last = batches.rows(trainer.epoch, batches.steps_per_epoch - 1)
        smallest = min(smallest, len(last))
    if sample >= smallest:
        raise UserError(
            "There is no sample {sample} in a batch of {size}.",
            "Choose one from 0 to {last}.",
            sample=sample,
            size=smallest,
            last=smallest - 1,
        )
