"""``train``: an experiment, from its first step to its end."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from core.errors import UserError
from core.terminal.arguments import add_experiment, count, seed

if TYPE_CHECKING:  # torch takes a second to import, which --help does not wait for
    from core.experiment.spec import ExperimentSpec
    from core.session.session import Session
    from core.terminal.experiments import Opened
    from core.terminal.report import Report

DEVICES = ("auto", "cpu", "cuda", "mps")
SLICE = 0.1
"""Seconds of training between two looks at the run."""

DIVERGED = 1
INTERRUPTED = 130


ABOUT = {
    "help": "train a preset, a description or saved weights",
    "description": "Trains to the end. Ctrl+C stops, measures and saves; twice stops at once.",
    "epilog": "One core is used; OMP_NUM_THREADS=4 before the command uses four.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    add_experiment(parser)
    parser.add_argument("--epochs", type=count, metavar="N", help="end after N epochs")
    parser.add_argument("--steps", type=count, metavar="N", help="end after N steps")
    parser.add_argument("--device", choices=DEVICES, help="where to compute")
    parser.add_argument("--seed", type=seed, metavar="S", help="seed of weights, data and order")
    parser.add_argument("--data", metavar="DIR", help="a folder of IDX files, as MNIST has them")
    parser.add_argument(
        "--augment",
        action=argparse.BooleanOptionalAction,
        help="change training pictures a little, each epoch anew, or not",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--save", metavar="FILE", help="write the weights to a .safetensors")


def run(arguments: argparse.Namespace) -> int:
    """Trains, reports and saves; gives the exit status."""
    from core.session.session import Session
    from core.terminal import experiments
    from core.terminal.report import Report

    target = Path(arguments.save) if arguments.save else None
    if target is not None:
        check_writable(target)
    experiment = experiments.opened(arguments.experiment)
    spec = described(experiment, arguments)
    report = Report(as_json=arguments.json)
    session = Session(spec, report.take, live=False)
    experiments.ready(experiment, session)
    _set_end(session, arguments)
    return _train(session, experiment, report, target)


def check_writable(path: Path) -> None:
    """Refuses a file that cannot be saved, before the training rather than after it.

    Raises:
        UserError: It has another ending, or its folder is missing or closed.
    """
    if path.suffix.lower() != ".safetensors":
        raise UserError(
            "{path} does not end in .safetensors.", "Choose a name that does.", path=path
        )
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UserError(
            "{path} cannot be written: {reason}.",
            "Choose another folder.",
            path=path,
            reason=error.strerror or error,
        ) from None


def described(experiment: Opened, arguments: argparse.Namespace) -> ExperimentSpec:
    """The experiment with what the command line changes about it, but for where it ends.

    Raises:
        UserError: A value is not allowed, or the folder of data cannot be read.
    """
    from core.terminal.experiments import changed, on_folder

    fields = {"seed": arguments.seed, "device": arguments.device}
    spec = changed(experiment.spec, fields, arguments.experiment)
    if arguments.augment is not None:
        chosen = spec.augmentation.model_copy(update={"on": arguments.augment})
        spec = changed(spec, {"augmentation": chosen}, "--augment")
    return on_folder(spec, arguments.data) if arguments.data else spec


def _set_end(session: Session, arguments: argparse.Namespace) -> None:
    """Ends the run so many epochs or steps from where it stands, if asked to.

    Raises:
        UserError: That is more than a run may have.
    """
    from pydantic import ValidationError

    from core.experiment.spec import Stop, explain
    from core.messages.edits import set_stop

    if arguments.epochs is None and arguments.steps is None:
        return
    assert session.run is not None
    trainer = session.run.trainer
    end = {
        "epochs": arguments.epochs and trainer.epoch + arguments.epochs,
        "steps": arguments.steps and trainer.step + arguments.steps,
    }
    try:
        stop = Stop.model_validate(dict(session.spec.stop) | end)
    except ValidationError as error:
        raise explain(error, arguments.experiment) from None
    session.apply(set_stop(stop))


def _train(session: Session, experiment: Opened, report: Report, target: Path | None) -> int:
    from core.messages import commands
    from core.messages.snapshot import RunState

    assert session.run is not None
    stopped = False
    with _listening_for_ctrl_c() as asked_to_stop:
        session.apply(commands.Train())
        report.begin(session, experiment)
        started = perf_counter()
        while session.busy:
            session.advance(SLICE, asked_to_stop)
            report.progress(session)
            if asked_to_stop() and session.run.state is RunState.RUNNING:
                session.apply(commands.StopRun())
                stopped = True
        seconds = perf_counter() - started
    try:
        if target is not None:
            session.apply(commands.SaveWeights(str(target)))
    finally:
        report.end(session, seconds, stopped=stopped)
    if session.run.state is RunState.DIVERGED:
        return DIVERGED
    return INTERRUPTED if stopped else 0


@contextmanager
def _listening_for_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Within it Ctrl+C only makes the function given true; a second one raises as ever."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set  # signals are the main thread's
        return

    def ask(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
