"""What a number of a step is called: by people, and by a line of PyTorch.

docs/NOTATION.md is the whole of it. Layers, units and samples are counted from 1. A layer's number
stands raised in parentheses, a sample's behind it in brackets: the second unit of layer 1 for the
batch's third sample has the ``z^{(1)[3]}_{2}``. What the network gives has no layer: ``ŷ_2``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from core.catalog.losses import OWN
from core.experiment.layers import BatchNorm
from core.expression.code import name_in_code
from core.expression.functions import norm
from core.expression.tree import HAT, TILDE, Derivative, Expr, Overlined, Symbol, mapped
from core.messages.record import Record, key_of

BY_SAMPLE = frozenset({"x", "y", "z", "a", "in", "mask", "norm", "terms"})
"""The kinds of keys whose first axis is the batch, as that of their gradients is."""

_LETTERS = {
    "in": Symbol("x"),
    "keep": Symbol("k"),
    "mask": Symbol("m"),
    "mean": Symbol("μ"),
    "var": Symbol("σ", above="2"),
    "norm": Symbol("x", mark=HAT),
    "terms": OWN,
}
_WHOLE = {
    "norm": norm(Symbol("g")),
    "penalty": Symbol("Ω"),
    "loss": Symbol("L"),
    "total": Symbol("J"),
}
"""Keys that are one number for the whole step."""
_GREEK = {"weight": Symbol("γ"), "bias": Symbol("β")}
_LATIN = {"weight": Symbol("w"), "bias": Symbol("b")}


def layer_number(where: str) -> str:
    """The layer at ``0`` or ``2.1`` as people count: ``1``, ``3.2``."""
    return ".".join(str(int(part) + 1) for part in where.split("."))


def letter_of(record: Record, parameter: str) -> Symbol:
    """What the textbook calls a parameter: w or b; of batch norm gamma or beta."""
    where, _, kind = parameter.rpartition(".")
    layer = next(one for one in record.layers if key_of(one.path) == where)
    return (_GREEK if isinstance(layer.layer, BatchNorm) else _LATIN)[kind]


def parameter_symbol(record: Record, parameter: str, index: Iterable[int] = ()) -> Symbol:
    """One number of a parameter: ``w^{(1)}_{2,1}``; without an index, all of it."""
    above = f"({layer_number(parameter.rpartition('.')[0])})"
    return replace(letter_of(record, parameter), above=above, below=_counted(index))


def symbol_of(record: Record, key: str, index: tuple[int, ...], *, marked: bool = False) -> Expr:
    """The name of one number of an array.

    Args:
        record: The step.
        key: See core.messages.record.
        index: Where in the array.
        marked: Whether to say of which sample it is.
    """
    if key.startswith("d:p:"):
        objective = "J" if "penalty:" + key[4:] in record.arrays else "L"
        return derivative(objective, parameter_symbol(record, key[4:], index))
    if key.startswith("d:z:"):  # the textbook's delta, of the output too
        return replace(_value_symbol("z", key[4:], index, marked=marked), letter="δ")
    if key.startswith("d:"):
        return derivative("L", symbol_of(record, key[2:], index, marked=marked))
    if key == record.output:
        return replace(_value_symbol("y", "", index, marked=marked), mark=HAT)
    kind, _, rest = key.partition(":")
    if rest and kind in _OF_PARAMETERS:
        return _OF_PARAMETERS[kind](parameter_symbol(record, rest, index))
    return _value_symbol(kind, rest, index, marked=marked) if index or rest else _WHOLE[kind]


def of_any_sample(record: Record, key: str, index: tuple[int, ...]) -> Expr:
    """One number of any sample: ``δ^{(1)[i]}_{2}``."""

    def any_sample(part: Expr) -> Expr | None:
        if isinstance(part, Symbol) and part.above.endswith("[1]"):
            return replace(part, above=part.above.removesuffix("[1]") + "[i]")
        return None

    return mapped(symbol_of(record, key, (0, *index), marked=True), any_sample)


def mean_of(record: Record, key: str, index: tuple[int, ...]) -> Expr:
    """Its mean over the batch, with a bar; of the samples' losses that is the batch's loss."""
    if key == "terms":
        return _WHOLE["loss"]
    return Overlined(parts=(symbol_of(record, key, (0, *index)),))


def letter_at(record: Record, key: str, below: str = "", above: str = "") -> Symbol:
    """The letter of any number of an array, as a general rule has it: x, z, a or ŷ."""
    if key == record.output:
        return Symbol("y", below, above, HAT)
    kind = key.partition(":")[0]
    letter = _LETTERS.get(kind) or Symbol(kind)
    return replace(letter, below=below, above=above)


def derivative(of: str, by: Expr) -> Expr:
    """The partial derivative."""
    return Derivative(parts=(Symbol(of), by))


_OF_PARAMETERS: dict[str, Callable[[Symbol], Expr]] = {
    "p": lambda symbol: symbol,
    "after": lambda symbol: symbol,
    "clipped": lambda _: Symbol("g", mark=TILDE),
    "penalty": lambda symbol: derivative("Ω", symbol),
}
"""Keys that name a parameter: the name of one of their numbers, of the parameter's."""


def _value_symbol(kind: str, where: str, index: tuple[int, ...], *, marked: bool) -> Symbol:
    by_sample = kind in BY_SAMPLE
    letter = _LETTERS.get(kind) or Symbol(kind)
    above = "" if kind == "terms" else letter.above
    above += f"({layer_number(where)})" if where else ""
    if by_sample and (marked or kind == "terms"):
        above += f"[{index[0] + 1}]"
    return replace(letter, above=above, below=_counted(index[1:] if by_sample else index))


def _counted(index: Iterable[int]) -> str:
    return ",".join(str(i + 1) for i in index)


_BEFORE_PARAMETER = {"d:p": "d", "clipped": "g", "frozen": "frozen_", "p": "", "after": ""}
_PYTHONS = {"sum": "square_sum"}
"""torch's names that would hide Python's own."""


def name_of(record: Record, key: str) -> str:
    """``z1``, ``a3_2``, ``dW1``: what code calls an array of the record.

    Args:
        record: The step.
        key: See core.messages.record.
    """
    prefix, _, rest = key.rpartition(":")
    if prefix in _BEFORE_PARAMETER:
        return _BEFORE_PARAMETER[prefix] + _parameter_name(record, rest)
    if key.startswith("d:"):
        return "d" + name_of(record, key[2:])
    kind, _, where = key.partition(":")
    if kind == "hat":
        hat = record.spec.optimizer.hats()[rest].parts[0]
        assert isinstance(hat, Symbol)
        return name_in_code(hat)
    if kind in ("s", "s'"):
        return _PYTHONS.get(rest, rest) + ("_before" if kind == "s" else "")
    letter = {"in": "x"}.get(kind, kind)
    return letter + layer_number(where).replace(".", "_") if where else letter


def _parameter_name(record: Record, name: str) -> str:
    letter = letter_of(record, name)
    where = layer_number(name.rpartition(".")[0]).replace(".", "_")
    return ("W" if letter.letter == "w" else name_in_code(letter)) + where
