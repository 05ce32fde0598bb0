"""``surface``: the loss over a plane through a network's weights, as numbers or as a picture."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.messages.surface_commands import (
    AtStep,
    DescentPlane,
    Now,
    Number,
    Plane,
    PrincipalPlane,
    RandomPlane,
    StatesPlane,
    WeightsPlane,
)
from core.terminal.arguments import add_experiment, count, index, seed, whole
from core.terminal.output import say

if TYPE_CHECKING:  # torch takes a second to import, which --help does not wait for
    from core.landscape.losses.arena import Material
    from core.training.trainer import Trainer

STATES = 100
"""Of the path that is kept while training first."""

FEWEST_STEPS = 2
"""With the start, so many make the three states that span a plane."""

MORE_STEPS = "Train more steps first: --steps 200."

ENDINGS = (".npz", ".png", ".svg")


ABOUT = {
    "help": "compute the loss over a plane through the weights",
    "description": "Computes the loss over a grid of a plane through the network's weights and "
    "writes it as numbers (.npz) or as a picture (.png, .svg).",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    add_experiment(parser, "")
    parser.add_argument(
        "--plane",
        metavar="PLANE",
        help="random (filter-normalised), weights:A,B (such as weights:0.weight[0,1],1.bias[0]; "
        "counted from 0), pca (of the path of --steps), start (through the start and now, --steps "
        "apart), descent (the gradient and the last update); default random, but for the first two "
        "weights of a network with four numbers at most, or one that starts at zero",
    )
    side = whole("number", 5, 201)
    parser.add_argument(
        "--grid", type=side, default=51, metavar="N", help="points a side (default 51)"
    )
    parser.add_argument(
        "--range", type=_range, metavar="R", help="from -R to R about the weights (default: fits)"
    )
    parser.add_argument("--steps", type=index, default=0, metavar="N", help="train so many first")
    parser.add_argument("--samples", type=count, metavar="N", help="average over so many samples")
    parser.add_argument("--seed", type=seed, metavar="S", help="of weights, data and directions")
    parser.add_argument(
        "--out", required=True, type=_out, metavar="FILE", help=".npz, .png or .svg"
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains if asked to, computes, and writes the file."""
    from core.landscape.plane.kinds import lay
    from core.landscape.plane.laid import around
    from core.landscape.plane.unasked import default_plane
    from core.landscape.surface.surface import coarse_to_fine
    from core.terminal.surface_report import write

    directions, reach = arguments.seed or 0, arguments.range
    plane = plane_of(arguments.plane, directions, arguments.steps) if arguments.plane else None
    material, rows = _material(arguments)
    laid = lay(plane or default_plane(material, directions), Now(), material, None)
    points, _ = laid.project([state for route in material.routes for state in route.states])
    window = laid.window(points) if reach is None else around(laid.centre, reach, reach)
    window.check()
    begun = perf_counter()
    on_plane = material.arena.on_plane(laid.flat)
    *_, found = coarse_to_fine(on_plane, window, arguments.grid, lambda: False)
    seconds = perf_counter() - begun
    write(arguments.out, found, laid, points, material, rows)
    say(
        f"{arguments.grid}×{arguments.grid} points, {material.arena.samples:,} of "
        f"{material.arena.of:,} samples, {seconds:.2f} s: {arguments.out}"
    )
    return 0


def plane_of(text: str, directions: int, steps: int) -> Plane:
    """The plane that ``--plane`` names; random directions have that seed.

    Raises:
        UserError: There is no such plane, or so few steps make no path for it.
    """
    known: dict[str, Plane] = {
        "random": RandomPlane(directions),
        "pca": PrincipalPlane(),
        "start": StatesPlane(AtStep(0)),
        "descent": DescentPlane(),
    }
    if text == "pca" and steps < FEWEST_STEPS:
        raise UserError(
            "Principal directions are those of a path: {least} steps at least, not {steps}.",
            MORE_STEPS,
            least=FEWEST_STEPS,
            steps=steps,
        )
    if text in known:
        return known[text]
    kind, _, rest = text.partition(":")
    numbers = re.findall(r"[^,\[\]]+\[[\d,\s]*\]", rest)
    if kind == "weights" and len(numbers) == 2:
        return WeightsPlane(_number(numbers[0]), _number(numbers[1]))
    raise UserError(
        "There is no plane {name}.",
        "Choose {known}, or two weights such as weights:0.weight[0,1],1.bias[0].",
        name=text,
        known=", ".join(known),
    )


def _number(text: str) -> Number:
    name, _, index = text.strip().removesuffix("]").partition("[")
    return Number(name.strip(), tuple(int(part) for part in index.split(",") if part.strip()))


def _material(arguments: argparse.Namespace) -> tuple[Material, Any]:
    """The network, trained for as many steps as asked, with its path; and its samples' rows."""
    from core.landscape.losses.arena import Material, Route
    from core.landscape.losses.network import NetworkArena
    from core.landscape.losses.replica import rows_drawn
    from core.terminal import experiments
    from core.training.state import parameter_vector

    _, trainer = experiments.begun(arguments.experiment, arguments.seed, sound=True)
    begun = trainer.step
    steps, states, update = _train(trainer, arguments.steps)
    here = parameter_vector(trainer.network)
    material = Material(
        NetworkArena.of_trainer(trainer, arguments.samples),
        here,
        trainer.step,
        (Route(-1, "This run", steps, states),),
        {Now(): here, AtStep(0): states[0], AtStep(begun): states[0]},
        update=update,
        longer=MORE_STEPS,
    )
    return material, rows_drawn(trainer, arguments.samples).numpy()


def _train(trainer: Trainer, steps: int) -> tuple[list[int], list[Any], Any]:
    """Takes steps; gives those whose states were kept, the states, and the last update.

    Raises:
        UserError: The training diverged.
    """
    from core.training.state import parameter_vector

    kept, states, update = [trainer.step], [parameter_vector(trainer.network)], None
    end = trainer.step + steps
    stride = max(1, steps // STATES)
    while trainer.step < end:
        goal = min(trainer.step + stride, end)
        trainer.run_on(goal - 1 - trainer.step)
        before = parameter_vector(trainer.network)
        trainer.run_on(1)
        part = trainer.flush()
        if part is not None and not part.finite:
            raise UserError(
                "The training diverged before step {step:,}.",
                "Choose fewer --steps, or a smaller learning rate.",
                step=trainer.step,
            )
        kept.append(trainer.step)
        states.append(parameter_vector(trainer.network))
        update = states[-1] - before
    return kept, states, update


def _range(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no range; it has to be above 0")
    return number


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in ENDINGS:
        raise argparse.ArgumentTypeError(f"{text} ends in none of {', '.join(ENDINGS)}")
    return path


_range.__name__, _out.__name__ = "number", "file"  # argparse names the type in its messages
