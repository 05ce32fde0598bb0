"""``race``: optimizers from one start, on the same batches or the same test function."""

from __future__ import annotations

import argparse
import math
import re
from difflib import get_close_matches
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.terminal.arguments import count, seed
from core.terminal.output import clean, table, write_json

if TYPE_CHECKING:  # torch takes a second to import, which --help does not wait for
    from core.catalog.optimizers import Optimizer
    from core.landscape.race.problems import RaceProblem
    from core.landscape.race.race import Race
    from core.landscape.race.runners import Entrant

ALL_DIVERGED = 1
SLICE = 0.5
"""Seconds from one look at the race to the next."""


ABOUT = {
    "help": "race optimizers against one another",
    "description": "Lets several optimizers set off from the same weights, on the same batches, "
    "or from the same point of a test function. Computed on the CPU. The exit status is 1 if "
    "all of them diverged. On a network, loss, best and reached are of the mean over a "
    "runner's last batches, as many as make an epoch but 32 at the most; who takes all samples "
    "in each step has their loss itself. --json prints every step's own loss.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    parser._negative_number_matcher = re.compile(r"-\.?\d")  # so that -1.2,1 is no option
    parser.add_argument(
        "arena",
        metavar="PRESET|FILE|FUNCTION",
        help="a preset (see: presets), an experiment in JSON, a .safetensors to set off from, or "
        "a test function such as ravine or rosenbrock",
    )
    parser.add_argument(
        "--optimizers",
        required=True,
        metavar="NAME:RATE,...",
        help="for example adam:0.01,sgd:0.1; other fields follow as in "
        "momentum:0.01:momentum=0.8, and without a rate it is the usual one",
    )
    parser.add_argument("--steps", type=count, default=100, metavar="N", help="default 100")
    parser.add_argument(
        "--seed", type=seed, metavar="S", help="of weights, data and order, or of the noise"
    )
    parser.add_argument(
        "--start", type=_point, metavar="X,Y", help="where to start on a test function"
    )
    parser.add_argument(
        "--target",
        type=_loss,
        metavar="L",
        help="the loss that counts as reached; else a tenth of the first",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _point(text: str) -> tuple[float, float]:
    x, y = map(_loss, text.split(","))
    return x, y


def _loss(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not finite")
    return number


_point.__name__, _loss.__name__ = "point", "number"  # argparse names the type in its messages


def run(arguments: argparse.Namespace) -> int:
    """Runs the race to its end and prints how each did."""
    from core.landscape.race.race import Race
    from core.messages.race import RaceChoice, Runner

    optimizers = optimizers_of(arguments.optimizers)
    problem = _problem(arguments)
    runners = tuple(Runner(number, optimizer) for number, optimizer in enumerate(optimizers))
    steps = arguments.steps
    choice = RaceChoice(problem.kind, runners, target=arguments.target, limit=steps)
    race = Race(problem, choice, most=steps + 1)
    race.go_on()
    while race.busy:
        race.advance(perf_counter() + SLICE, lambda: False)
    report = _write_as_json if arguments.json else _write_as_table
    report(race, arguments)
    return ALL_DIVERGED if all(view.diverged is not None for view in race.views()) else 0


def optimizers_of(text: str) -> list[Optimizer]:
    """The optimizers that the command line names.

    Raises:
        UserError: There is none of that name, or a field or value is not allowed.
    """
    return [_optimizer(part) for part in text.split(",")]


def _optimizer(text: str) -> Optimizer:
    from pydantic import ValidationError

    from core.catalog.base import entries_of
    from core.catalog.optimizers import Optimizer
    from core.experiment.spec import explain

    kind, *settings = text.strip().split(":")
    entries = entries_of(Optimizer)
    if kind not in entries:
        raise _unknown(
            "There is no optimizer {name}.", "The optimizers are: {names}.", kind, entries
        )
    pairs = [setting.rpartition("=") for setting in settings]
    fields = {name or "learning_rate": value for name, _, value in pairs}
    try:
        return entries[kind].model_validate(fields)
    except ValidationError as error:
        raise explain(error, f"--optimizers {clean(text)}") from None


def _unknown(message: str, hint: str, name: str, known: Any) -> UserError:
    near = get_close_matches(name.lower(), known, n=1)
    if near:
        hint = "Did you mean {near}? " + hint
    return UserError(message, hint, name=name, names=", ".join(known), near="".join(near))


def _problem(arguments: argparse.Namespace) -> RaceProblem:
    """Where to race.

    Raises:
        UserError: There is no such function, preset or file, or it cannot be started there.
    """
    from core.catalog.functions import FUNCTIONS
    from core.landscape.race.problems import FunctionProblem
    from core.terminal.experiments import use_one_thread

    if arguments.arena in FUNCTIONS:
        use_one_thread()
        return FunctionProblem(arguments.arena, arguments.seed or 0, arguments.start)
    if arguments.start is not None:
        raise UserError(
            "--start is for test functions; a network starts from its weights.",
            "The functions are: {names}.",
            names=", ".join(FUNCTIONS),
        )
    return _network(arguments)


def _network(arguments: argparse.Namespace) -> RaceProblem:
    from core.catalog.functions import FUNCTIONS
    from core.landscape.race.problems import NetworkProblem, TrainingSetup
    from core.presets import PRESETS
    from core.terminal import experiments

    name = arguments.arena
    if name not in PRESETS and not Path(name).exists():
        raise _unknown(
            "There is neither a test function nor a preset nor a file {name}.",
            "Known are: {names}.",
            name,
            [*FUNCTIONS, *PRESETS],
        )
    _, trainer = experiments.begun(name, arguments.seed, sound=True)
    return NetworkProblem(TrainingSetup.of_trainer(trainer))


def _write_as_json(race: Race, arguments: argparse.Namespace) -> None:
    on_function = not race.problem.has_batches
    write_json(
        {
            "event": "race",
            "arena": arguments.arena,
            "start": race.problem.start.tolist() if on_function else None,
            "steps": race.step,
            "target": race.target,
        }
    )
    for entrant in race.entrants:
        write_json(_as_record(entrant, on_function=on_function))


def _as_record(entrant: Entrant, *, on_function: bool) -> dict[str, Any]:
    view = entrant.view()
    record = {
        "event": "runner",
        "name": view.name,
        "optimizer": view.optimizer.model_dump(),
        "taken": entrant.walker.step,
        "steps": view.steps.tolist(),
        "losses": entrant.history.losses().tolist(),
        "window": view.window,
        "best": view.best,
        "reached": view.reached,
        "reached_seconds": view.reached_seconds,
        "diverged": view.diverged,
        "seconds": view.seconds,
    }
    return record | {"points": view.points.tolist()} if on_function else record


def _write_as_table(race: Race, _arguments: argparse.Namespace) -> None:
    target = "-" if race.target is None else f"{race.target:.4g}"
    loss = "loss" if all(entrant.history.window == 1 for entrant in race.entrants) else "mean loss"
    heading = ("optimizer", "steps", loss, "best", f"reached {target}", "seconds", "")
    rows = [heading, *map(_row, race.entrants)]
    print(f"{race.problem.start_label}. Steps: {race.step:,}.")
    print(table(rows))


def _row(entrant: Entrant) -> tuple[str, ...]:
    view = entrant.view()
    reached = "no" if view.reached is None else f"after {view.reached:,}"
    lost = "" if view.diverged is None else f"diverged at step {view.diverged:,}"
    best = f"{view.best:.4g}" if math.isfinite(view.best) else "-"
    numbers = (f"{view.loss:.4g}", best, reached, f"{view.seconds:.3f}")
    return (view.name, f"{entrant.walker.step:,}", *numbers, lost)
