"""``predict``: pictures of digits, read with saved weights."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.terminal.output import clean, say, table, write_json

if TYPE_CHECKING:  # torch takes a second to import, which --help does not wait for
    from core.experiment.network import Network
    from core.messages.surface_views import Floats
    from core.sentence import Sentence

SOME_UNREAD = 2


ABOUT = {
    "help": "read pictures of digits with saved weights",
    "description": "Prints what a trained network makes of pictures: a probability for each "
    "digit, the likeliest first. Dark on light or light on dark, of any size, one digit each.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    parser.add_argument(
        "--weights", required=True, metavar="FILE", help="a .safetensors that Chainrule saved"
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a PNG, JPEG or other picture")
    parser.add_argument("--json", action="store_true", help="one JSON object a picture and line")


def run(arguments: argparse.Namespace) -> int:
    """Prints the probabilities for each picture; goes on after one that cannot be read."""
    network = reader(Path(arguments.weights))
    status = 0
    for position, image in enumerate(arguments.images):
        try:
            probabilities, doubts = _read(network, Path(image))
        except UserError as error:
            if len(arguments.images) == 1:
                raise
            say(f"Error: {clean(str(error))}")
            status = SOME_UNREAD
            continue
        if arguments.json:
            _write_json(image, probabilities, doubts)
        else:
            text = _as_table(image, probabilities, doubts)
            print("\n" if position else "", text, sep="", flush=True)
    return status


def reader(path: Path) -> Network:
    """The network in a file of weights, ready to read pictures.

    Raises:
        UserError: The file is damaged, or its network reads no grey pictures.
    """
    from core.data.mnist import Mnist
    from core.experiment.fit import check
    from core.experiment.network import Network
    from core.experiment.weights import load_weights, write_into
    from core.terminal.experiments import use_one_thread

    use_one_thread()
    spec, tensors, _ = load_weights(path)
    # The digits it learned from may be gone from where they were; their shape is known.
    data = spec.data.model_copy(update={"folder": None}) if isinstance(spec.data, Mnist) else None
    shape = (data or spec.data).shape()
    if not shape.reads_images:
        raise UserError(
            "The network in {file} reads no pictures: its data are {data}.",
            "Choose weights trained on digits, such as those of dense-784-64-10.",
            file=path.name,
            data=spec.data.label,
        )
    network = Network(check(spec, shape), seed=0).eval()
    write_into(network, tensors, path.name)
    return network


def _read(network: Network, image: Path) -> tuple[Floats, tuple[Sentence, ...]]:
    """The probabilities, and what speaks against them."""
    from core.data.pictures import read_picture
    from core.session.doubts import doubts_of
    from core.session.predictor import network_input, probabilities_of, probabilities_of_each

    seen = network_input(read_picture(image), network.shapes[0].input_shape, exact=False)
    if seen is None:
        raise UserError("{file} shows no digit.", file=image.name)
    probabilities = probabilities_of(network, seen)
    names = tuple(str(index) for index in range(len(probabilities)))
    read = partial(probabilities_of_each, network)
    return probabilities, doubts_of(seen, probabilities, names, read)


def _ranked(probabilities: Floats) -> list[tuple[str, float]]:
    """Classes and probabilities, the likeliest first."""
    pairs = [(str(index), float(value)) for index, value in enumerate(probabilities)]
    return sorted(pairs, key=lambda pair: -pair[1])


def _as_table(image: str, probabilities: Floats, doubts: tuple[Sentence, ...]) -> str:
    ranked = _ranked(probabilities)
    rows = [
        ("*" if place == 0 else " ", name, f"{value:8.4%}".rjust(9))
        for place, (name, value) in enumerate(ranked)
    ]
    unsure = "".join(f"\nUnsure: {doubt}" for doubt in doubts)
    return f"{clean(image)}\n{table(rows)}{unsure}"


def _write_json(image: str, probabilities: Floats, doubts: tuple[Sentence, ...]) -> None:
    write_json(
        {
            "image": image,
            "prediction": _ranked(probabilities)[0][0],
            "probabilities": {str(i): float(value) for i, value in enumerate(probabilities)},
            "doubts": [str(doubt) for doubt in doubts],
        }
    )
