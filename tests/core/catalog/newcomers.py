"""One class a new entry, and all that follows from it; run by test_promise in a process of its own.

The entries are made up: they stand nowhere else in the project.
"""

import json
from typing import ClassVar, Literal

import numpy as np
import pytest
import torch
from pydantic import Field, ValidationError

from app.kit.forms.fields import fields_of
from core.catalog.activations import Activation, Identity, Z
from core.catalog.base import Choice, entries_of
from core.catalog.losses import A, Loss, Y
from core.catalog.optimizers.base import RATE, THETA, G, Optimizer, T
from core.debugger.formulas.explain import explain
from core.debugger.formulas.names import name_of
from core.debugger.gradcheck import check_gradients
from core.debugger.tape import record_step
from core.experiment.layers import Dense
from core.experiment.spec import ExperimentSpec, spec_from_json
from core.expression.functions import absolute, exp, ln, sqrt, where
from core.expression.latex import latex
from core.expression.plain import plain
from core.expression.tree import Expr, Numeral, Quantity, Relation, Setting, Symbol
from core.terminal import main
from tests.core.experiments import regression, tensors_of, trainer_of


class Bump(Activation):
    kind: Literal["bump"] = "bump"
    label: ClassVar[str] = "Bump"
    description: ClassVar[str] = "A hill as wide as you like."
    stated: ClassVar[Expr] = Z * exp(-(Z**2) / Setting(Symbol("ω"), "width"))

    width: float = Field(2.0, gt=0, le=10, title="ω", description="How wide it is.")


class Huber(Loss):
    kind: Literal["huber"] = "huber"
    label: ClassVar[str] = "Huber"
    description: ClassVar[str] = "Square near the target, straight far from it."
    stated: ClassVar[Expr] = where(
        absolute(A - Y) < Setting(Symbol("τ"), "threshold"),
        (A - Y) ** 2 / 2,
        Setting(Symbol("τ"), "threshold") * absolute(A - Y)
        - Setting(Symbol("τ"), "threshold") ** 2 / 2,
    )
    tasks: ClassVar[frozenset[str]] = frozenset({"regression"})

    threshold: float = Field(1.0, gt=0, le=10, title="τ", description="Where it becomes straight.")


class Slowing(Optimizer):
    kind: Literal["slowing"] = "slowing"
    label: ClassVar[str] = "Slowing"
    description: ClassVar[str] = "A mean gradient that looks back, and steps that grow shorter."

    share: float = Field(0.5, ge=0, lt=1, title="ρ", description="The share that is kept.")

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        rho, mean, step = Quantity(Symbol("ρ"), self.share), Symbol("m"), Symbol("s")
        return (
            step.becomes(rho * mean + G),
            mean.becomes(rho * mean + (1 - rho) * G),
            THETA.becomes(THETA - RATE / sqrt(T) * step / (1 + ln(1 + mean**2))),
        )


SPEC = regression(
    layers=(Dense(units=3, activation=Bump(width=3.0)), Dense(units=1)),
    loss=Huber(threshold=0.3),
    optimizer=Slowing(learning_rate=0.05, share=0.7),
)


@pytest.fixture
def record():
    """The third step, so that the optimizer has a past."""
    trainer = trainer_of(SPEC)
    trainer.run(2, 1e9, lambda: False)
    return record_step(trainer).record


def told(record, kind, index=None, sample=0):
    entry = next(entry for entry in record.entries if entry.kind == kind)
    return explain(record, entry, index or (0,) * len(entry.shape), sample)


def test_they_come_back_from_json_with_their_values():
    assert spec_from_json(SPEC.to_json()) == SPEC
    spelt = json.loads(SPEC.to_json())
    assert spelt["loss"] == {"kind": "huber", "threshold": 0.3, "over_batch": "mean"}
    assert ExperimentSpec.model_validate(SPEC.model_dump()) == SPEC
    with pytest.raises(ValidationError) as refused:
        ExperimentSpec.model_validate(spelt | {"loss": {"kind": "huber", "threshold": -1}})
    assert "threshold" in str(refused.value)


def test_forms_offer_them_with_their_fields():
    (activation,) = (field for field in fields_of(Dense) if field.name == "activation")
    assert Bump in activation.entries
    assert entries_of(Loss)["huber"] is Huber
    assert [field.name for field in fields_of(Slowing)] == ["learning_rate", "share"]


def test_they_train():
    trainer = trainer_of(SPEC)
    trainer.run(40, 1e9, lambda: False)
    losses = trainer.flush().losses
    assert np.isfinite(losses).all()


def test_the_optimizer_takes_the_steps_that_its_rows_say():
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    choice = Slowing(learning_rate=0.1, share=0.25)
    optimizer = choice.build([parameter])
    theta, mean = np.array([1.0, -2.0]), np.zeros(2)
    for t, gradient in enumerate(([0.5, 1.0], [-1.0, 0.25], [2.0, 3.0]), start=1):
        given = torch.tensor(gradient, dtype=torch.float64)
        choice.advance(optimizer, [parameter], [given], 0.1)
        g = np.array(gradient)
        step = 0.25 * mean + g
        mean = 0.25 * mean + 0.75 * g
        theta = theta - 0.1 / np.sqrt(t) * step / (1 + np.log(1 + mean**2))
        assert parameter.detach().numpy() == pytest.approx(theta, rel=1e-12)
    assert set(choice.state_names) == {"m"}
    trainer = trainer_of(SPEC)
    trainer.run(3, 1e9, lambda: False)
    state = trainer.state()
    trainer.run(1, 1e9, lambda: False)
    went_on = [tensor.clone() for tensor in tensors_of(trainer)]
    trainer.restore(state)
    trainer.run(1, 1e9, lambda: False)
    assert all(map(torch.equal, went_on, tensors_of(trainer)))


def test_each_number_of_a_recorded_step_comes_to_torchs(record):
    for entry in record.entries:
        for number in range(entry.count):
            index = entry.index_of(number)
            formula = explain(record, entry, index, 1)
            array = record.arrays[entry.writes]
            if entry.kind in ("weight_gradient", "bias_gradient"):
                shares = [explain(record, entry, index, n).value for n in range(record.samples)]
                found, expected = sum(shares), float(array[index])
            else:
                found = formula.value
                expected = float(array[(1, *index)] if entry.per_sample else array[index])
            assert found == pytest.approx(expected, rel=1e-4, abs=1e-6), entry.kind


def test_they_are_written_in_symbols_in_numbers_and_in_letters(record):
    bent = told(record, "activation")
    assert latex(bent.rule) == r"a = z\,e^{-z^{2} / \omega}"
    assert plain(bent.rule) == "a = z e^(−z²/ω)"
    symbols = r"a^{(1)}_{1} = z^{(1)}_{1}\,e^{-(z^{(1)}_{1})^{2} / \omega}"
    assert latex(bent.symbols) == symbols
    assert latex(bent.numbers).endswith(f"= {latex(Numeral(bent.value))}")
    slope = latex(told(record, "activation_gradient").rule)
    assert r"\frac{da}{dz} = e^{-z^{2} / \omega}" in slope
    assert r"\begin{cases}" in latex(told(record, "loss_terms").rule)
    update = told(record, "update")
    assert r"s & \leftarrow \rho\,m + g" in latex(update.symbols)
    assert r"m & \leftarrow 0.7\cdot" in latex(update.numbers)
    assert latex(update.numbers).count(r"\\") == 3


def test_their_lines_of_pytorch_compute_what_torch_computed(record):
    known = {"torch": torch, "F": torch.nn.functional}
    for key, array in record.arrays.items():
        if not key.startswith(("after:", "step:", "s:", "s':", "t:")):
            known[name_of(record, key)] = torch.from_numpy(array.copy())
    for entry in record.entries:
        code = explain(record, entry, entry.index_of(0), 0 if entry.per_sample else None).code
        marks = (f"s:{entry.parameter}:", f"s':{entry.parameter}:")
        own = {
            name_of(record, key): torch.from_numpy(array.copy())
            for key, array in record.arrays.items()
            if key.startswith(marks)
        }
        space = known | own
        exec(code, space)
        expected = torch.from_numpy(record.arrays[entry.writes].copy())
        made = space[code.split(" = ")[0]]
        torch.testing.assert_close(made, expected, rtol=1e-4, atol=1e-6, msg=code)


def test_their_gradients_agree_with_finite_differences():
    trainer = trainer_of(SPEC)
    found = check_gradients(trainer, record_step(trainer))
    assert found.refused is None
    assert found.checked > 0
    assert found.largest < 1e-3


def test_trace_prints_them(tmp_path, capsys):
    path = tmp_path / "new.json"
    path.write_text(SPEC.to_json(), encoding="utf-8")
    assert main(["trace", str(path), "--json", "--steps", "2"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rules = {event["kind"]: event["formula"] for event in events if event["event"] == "entry"}
    assert rules["activation"] == r"a = z\,e^{-z^{2} / \omega}"
    assert events[0]["experiment"]["optimizer"]["kind"] == "slowing"


def test_identity_and_what_else_there_is_stays_what_it_was():
    assert entries_of(Activation)["identity"] is Identity
    assert issubclass(Bump, Choice)
