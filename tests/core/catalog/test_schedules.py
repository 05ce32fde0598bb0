"""Schedules, in closed form, against torch's schedulers, step by step."""

import math

import pytest
import torch
import ziamath
from hypothesis import given
from hypothesis import strategies as st
from latex2mathml.converter import convert
from pydantic import TypeAdapter, ValidationError
from torch.optim import lr_scheduler

from core.catalog.base import entries_of
from core.catalog.schedules import (
    ConstantRate,
    Cosine,
    ExponentialDecay,
    OneCycle,
    Schedule,
    ScheduleChoice,
    StepDecay,
    WarmupCosine,
)
from core.expression.latex import latex

ADAPTER = TypeAdapter(ScheduleChoice)
ENTRIES = list(entries_of(Schedule).values())
BASE = 0.3
STEPS_PER_EPOCH = 7
TOTAL = 10 * STEPS_PER_EPOCH


def name(entry):
    return entry.model_fields["kind"].default


def torch_rates(make_scheduler, steps, every=1):
    """The rates of the first steps under a torch scheduler stepped once in so many steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = make_scheduler(optimizer)
    rates = []
    for step in range(1, steps + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step % every == 0 and step < steps:
            scheduler.step()
    return rates


def our_rates(schedule, steps):
    return [schedule.rate(BASE, step, steps, STEPS_PER_EPOCH) for step in range(steps)]


def test_constant_is_the_learning_rate_itself():
    assert our_rates(ConstantRate(), TOTAL) == [BASE] * TOTAL


@pytest.mark.parametrize("every", [1, 3])
def test_steps_down_as_torchs_step_lr(every):
    expected = torch_rates(
        lambda optimizer: lr_scheduler.StepLR(optimizer, every, gamma=0.4), TOTAL, STEPS_PER_EPOCH
    )
    ours = our_rates(StepDecay(every_epochs=every, factor=0.4), TOTAL)
    assert ours == pytest.approx(expected, rel=1e-12)


def test_exponential_falls_as_torchs_exponential_lr():
    expected = torch_rates(
        lambda optimizer: lr_scheduler.ExponentialLR(optimizer, gamma=0.8), TOTAL, STEPS_PER_EPOCH
    )
    assert our_rates(ExponentialDecay(factor=0.8), TOTAL) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("final_fraction", [0.0, 0.1])
def test_cosine_falls_as_torchs_cosine_annealing_lr(final_fraction):
    expected = torch_rates(
        lambda optimizer: lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=TOTAL - 1, eta_min=BASE * final_fraction
        ),
        TOTAL,
    )
    ours = our_rates(Cosine(final_fraction=final_fraction), TOTAL)
    assert ours == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_warmup_cosine_is_torchs_linear_lr_followed_by_cosine_annealing_lr():
    warmup = 14  # a fifth of the run

    def make_scheduler(optimizer):
        return lr_scheduler.SequentialLR(
            optimizer,
            [
                lr_scheduler.LinearLR(optimizer, 1 / warmup, 1.0, total_iters=warmup - 1),
                lr_scheduler.CosineAnnealingLR(optimizer, TOTAL - warmup, eta_min=BASE * 0.1),
            ],
            milestones=[warmup - 1],
        )

    ours = our_rates(WarmupCosine(warmup_fraction=0.2, final_fraction=0.1), TOTAL)
    assert ours == pytest.approx(torch_rates(make_scheduler, TOTAL), rel=1e-9)


@pytest.mark.parametrize("total", [2, 9, TOTAL])
@pytest.mark.parametrize("warmup_fraction", [0.05, 0.3, 0.77])
def test_one_cycle_is_torchs_one_cycle_lr(warmup_fraction, total):
    expected = torch_rates(
        lambda optimizer: lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=BASE,
            total_steps=total,
            pct_start=warmup_fraction,
            cycle_momentum=False,
            div_factor=20.0,
            final_div_factor=500.0,
        ),
        total,
    )
    schedule = OneCycle(warmup_fraction=warmup_fraction, div_factor=20, final_div_factor=500)
    assert our_rates(schedule, total) == pytest.approx(expected, rel=1e-9)


ANY_SCHEDULE = st.one_of(
    st.builds(ConstantRate),
    st.builds(StepDecay, every_epochs=st.integers(1, 20), factor=st.floats(0.01, 1)),
    st.builds(ExponentialDecay, factor=st.floats(0.01, 1)),
    st.builds(Cosine, final_fraction=st.floats(0, 1)),
    st.builds(WarmupCosine, warmup_fraction=st.floats(0, 0.9), final_fraction=st.floats(0, 1)),
    st.builds(
        OneCycle,
        warmup_fraction=st.floats(0.01, 0.9),
        div_factor=st.floats(1, 1e6),
        final_div_factor=st.floats(1, 1e9),
    ),
)
RUN = {
    "schedule": ANY_SCHEDULE,
    "base": st.floats(1e-6, 100),
    "total": st.integers(1, 500),
    "per_epoch": st.integers(1, 50),
}


@given(**RUN, step=st.integers(0, 1000))
def test_a_rate_is_never_negative_and_never_above_the_learning_rate(
    schedule, base, total, per_epoch, step
):
    assert 0 <= schedule.rate(base, step, total, per_epoch) <= base * (1 + 1e-12)


@given(**RUN, beyond=st.integers(0, 10**9))
def test_a_run_that_goes_on_keeps_its_last_rate(schedule, base, total, per_epoch, beyond):
    last = schedule.rate(base, total - 1, total, per_epoch)
    assert schedule.rate(base, total + beyond, total, per_epoch) == last


@given(base=st.floats(1e-6, 100), total=st.integers(2, 500), fraction=st.floats(0, 1))
def test_cosines_begin_or_peak_at_the_learning_rate_and_end_at_the_final_fraction(
    base, total, fraction
):
    for schedule in (Cosine(final_fraction=fraction), WarmupCosine(final_fraction=fraction)):
        rates = [schedule.rate(base, step, total, 1) for step in range(total)]
        assert max(rates) == pytest.approx(base)
        assert rates[-1] == pytest.approx(base * fraction, abs=1e-12)


@pytest.mark.parametrize("entry", [ConstantRate, StepDecay, ExponentialDecay, Cosine, WarmupCosine])
def test_the_only_step_of_a_run_is_taken_at_the_learning_rate(entry):
    assert entry().rate(BASE, 0, 1, 1) == pytest.approx(BASE)


def test_warm_up_climbs_in_equal_steps_and_never_from_zero():
    rates = our_rates(WarmupCosine(warmup_fraction=0.1), 50)[:5]
    assert rates == pytest.approx([BASE * share for share in (0.2, 0.4, 0.6, 0.8, 1.0)])


def test_one_cycle_peaks_where_its_warm_up_is_a_single_step():
    # Here torch divides by zero: the climb has no length.
    schedule = OneCycle(warmup_fraction=0.1, div_factor=25, final_div_factor=100)
    assert schedule.rate(BASE, 0, 10, 1) == pytest.approx(BASE)
    assert schedule.rate(BASE, 9, 10, 1) == pytest.approx(BASE / 2500)


@given(ANY_SCHEDULE)
def test_json_gives_back_the_same_choice(schedule):
    assert ADAPTER.validate_json(ADAPTER.dump_json(schedule)) == schedule


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "step", "every_epochs": 0},
        {"kind": "step", "factor": 0},
        {"kind": "step", "every_epochs": 1.5},
        {"kind": "exponential", "factor": 1.01},
        {"kind": "cosine", "final_fraction": -0.1},
        {"kind": "warmup_cosine", "warmup_fraction": 1},
        {"kind": "one_cycle", "warmup_fraction": 0},
        {"kind": "one_cycle", "div_factor": 0.5},
        {"kind": "one_cycle", "final_div_factor": math.inf},
        {"kind": "plateau"},
        {},
    ],
)
def test_values_out_of_bounds_and_unknown_words_are_refused(fields):
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(fields)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_every_formula_can_be_drawn_and_every_field_has_a_tooltip(entry, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    mathml = convert(latex(entry.formula))
    assert "\\" not in mathml, "an unknown command would be drawn as text"
    assert "<mi>&</mi>" not in mathml, "an alignment mark would be drawn as text"
    assert "<svg" in ziamath.Latex(latex(entry.formula)).svg()
    assert entry.label
    assert entry.description.endswith(".")
    for key, field in entry.model_fields.items():
        assert key == "kind" or (field.title and field.description)
