"""Names of the numbers of a step as a line of PyTorch has them."""

from __future__ import annotations

from core.debugger.rules.latex import layer_number
from core.experiment.layers import BatchNorm
from core.messages.record import Record, key_of

_GREEK = {"weight": "gamma", "bias": "beta"}
_LATIN = {"weight": "W", "bias": "b"}
_STATES = {"sum": "square_sum"}
"""torch's names that would hide Python's own."""
_HATS = {"exp_avg": "m_hat", "exp_avg_sq": "v_hat", "max_exp_avg_sq": "v_hat"}
_BEFORE_PARAMETER = {"d:p": "d", "clipped": "g", "frozen": "frozen_", "p": "", "after": ""}


def name_of(record: Record, key: str) -> str:
    """``z1``, ``a3_2``, ``dW1``: what code calls an array of the record.

    Args:
        record: The step.
        key: See core.messages.record.
    """
    prefix, _, rest = key.rpartition(":")
    if prefix in _BEFORE_PARAMETER:
        return _BEFORE_PARAMETER[prefix] + _parameter(record, rest)
    if key.startswith("d:"):
        return "d" + name_of(record, key[2:])
    kind, _, where = key.partition(":")
    if kind == "hat":
        return _HATS[rest]
    if kind in ("s", "s'"):
        return _STATES.get(rest, rest)
    letter = {"in": "x"}.get(kind, kind)
    return letter + layer_number(where).replace(".", "_") if where else letter


def _parameter(record: Record, name: str) -> str:
    where, _, kind = name.rpartition(".")
    layer = next(one for one in record.layers if key_of(one.path) == where)
    letters = _GREEK if isinstance(layer.layer, BatchNorm) else _LATIN
    return letters[kind] + layer_number(where).replace(".", "_")
