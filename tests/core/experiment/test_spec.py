"""The experiment's description: JSON there and back, and what is said of a damaged one."""

import json
import types
from typing import Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from core.catalog.activations import Activation
from core.catalog.base import entries_of
from core.catalog.initializers import GlorotUniform, HeNormal
from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.catalog.schedules import Schedule
from core.data import DataSource
from core.errors import UserError
from core.experiment.layers import Conv2d, Dense, Layer, Residual
from core.experiment.spec import ExperimentSpec, Stop, Training, spec_from_dict, spec_from_json
from core.presets import PRESETS
from tests.core.experiments import tiny


def bounds(metadata):
    found = {}
    for entry in metadata:
        for name in ("ge", "gt", "le", "lt"):
            if getattr(entry, name, None) is not None:
                found[name] = getattr(entry, name)
    return found


def number(kind, limits):
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    if kind is int:
        return st.integers(low, high)
    return st.floats(
        low,
        high,
        exclude_min="gt" in limits,
        exclude_max="lt" in limits,
        allow_nan=False,
        allow_infinity=False,
    )


def of_type(annotation, metadata):  # noqa: PLR0911  one a type
    """Values for a field, from its own annotation and bounds."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([of_type(argument, metadata) for argument in arguments])
    if origin is tuple:  # rows of numbers, or of layers, which are built elsewhere
        return None
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation in (int, float):
        return number(annotation, bounds(metadata))
    if annotation is str:
        return st.text(max_size=5)
    if issubclass(annotation, BaseModel):
        return built(annotation)
    return None


def built(entry):
    """Instances of an entry, its fields filled at random."""
    values = {}
    for name, field in entry.model_fields.items():
        strategy = of_type(field.annotation, field.metadata)
        if strategy is not None and name not in ("kind", "bias_init"):
            values[name] = strategy
    return st.fixed_dictionaries(values).map(lambda given: attempt(entry, given))


def attempt(entry, values):
    try:
        return entry(**values)
    except ValidationError:  # two fields that do not go together
        reject()


def choices(family):
    return st.one_of([built(entry) for entry in entries_of(family).values()])


rows = st.recursive(
    choices(Layer),
    lambda inner: st.lists(inner, max_size=2).map(lambda row: Residual(layers=tuple(row))),
    max_leaves=4,
)
specs = st.builds(
    ExperimentSpec,
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    data=choices(DataSource),
    layers=st.lists(rows, min_size=1, max_size=4).map(tuple),
    loss=choices(Loss),
    optimizer=choices(Optimizer),
    schedule=choices(Schedule),
    training=built(Training),
    stop=built(Stop),
    seed=st.integers(0, 2**31 - 1),
    device=st.sampled_from(["auto", "cpu", "cuda", "mps"]),
)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_comes_back_from_json_as_it_was(preset):
    assert spec_from_json(preset.spec.to_json()) == preset.spec


@settings(max_examples=60, deadline=None)
@given(specs)
def test_any_experiment_comes_back_from_json_as_it_was(spec):
    assert spec_from_json(spec.to_json()) == spec
    assert spec_from_json(spec.to_json().encode()) == spec


def test_every_entry_of_every_catalog_can_stand_in_json():
    for family, field in ((Optimizer, "optimizer"), (Schedule, "schedule"), (Loss, "loss")):
        for entry in entries_of(family).values():
            spec = tiny(**{field: entry()})
            assert type(getattr(spec_from_json(spec.to_json()), field)) is entry
    for entry in entries_of(Activation).values():
        spec = tiny(layers=(Dense(activation=entry()),))
        assert type(spec_from_json(spec.to_json()).layers[0].activation) is entry


def content(**changes):
    return json.loads(tiny().to_json()) | changes


def refused(bad):
    """What is said of it as text, and as an object where JSON can hold it."""
    with pytest.raises(UserError) as from_text:
        spec_from_json(json.dumps(bad), "mine.json")
    with pytest.raises(UserError) as from_object:
        spec_from_dict(bad, "mine.json")
    assert str(from_text.value) == str(from_object.value)
    assert "mine.json" in str(from_text.value)
    return str(from_text.value)


def dense(**fields):
    return [{"kind": "dense"} | fields]


@pytest.mark.parametrize(
    ("bad", "field", "found", "allowed"),
    [
        (content(version=2), "version", "2", "1"),
        (content(version="one"), "version", "one", "1"),
        (content(colour="red"), "colour", "'red'", "no such field"),
        (content(seed="three"), "seed", "'three'", "integer"),
        (content(seed=-1), "seed", "-1", "greater than or equal to 0"),
        (content(seed=0.5), "seed", "0.5", "integer"),
        (content(name=""), "name", "''", "at least 1"),
        (content(name=7), "name", "7", "string"),
        (content(device="tpu"), "device", "'tpu'", "'cpu'"),
        (content(layers=[]), "layers", "[]", "at least 1"),
        (content(layers=3), "layers", "3", "array"),
        (content(layers=None), "layers", "None", "array"),
        (content(layers=[3]), "layers.0", "3", "object"),
        (content(layers=dense(units=0)), "layers.0.dense.units", "0", "greater than or equal to 1"),
        (content(layers=dense(units="many")), "layers.0.dense.units", "'many'", "integer"),
        (content(layers=dense(width=3)), "layers.0.dense.width", "3", "no such field"),
        (content(layers=dense(activation={"kind": "step"})), "activation", "step", "'relu'"),
        (content(layers=[{"kind": "lstm"}]), "layers.0", "lstm", "'dense'"),
        (content(layers=[{"units": 3}]), "layers.0", "units", "kind"),
        (content(optimizer={"kind": "sgdd"}), "optimizer", "sgdd", "'sgd'"),
        (
            content(optimizer={"kind": "sgd", "learning_rate": 0}),
            "optimizer.sgd.learning_rate",
            "0",
            "greater than 0",
        ),
        (
            content(optimizer={"kind": "sgd", "learning_rate": float("nan")}),
            "optimizer.sgd.learning_rate",
            "nan",
            "finite",
        ),
        (
            content(optimizer={"kind": "sgd", "learning_rate": float("inf")}),
            "optimizer.sgd.learning_rate",
            "inf",
            "finite",
        ),
        (content(training={"batch_size": 0}), "training.batch_size", "0", "1"),
        (content(training={"l1": float("nan")}), "training.l1", "nan", "finite"),
        (content(stop={"target_accuracy": 2}), "stop.target_accuracy", "2", "1"),
        (content(data={"kind": "imagenet"}), "data", "imagenet", "'mnist'"),
        (content(data={"kind": "mnist", "size": 29}), "data.mnist.size", "29", "28"),
        ([], "the whole", "[]", "object"),
        (None, "the whole", "None", "object"),
        ("dense", "the whole", "'dense'", "object"),
    ],
)
def test_a_damaged_field_is_named_with_what_was_found_and_what_is_allowed(
    bad, field, found, allowed
):
    message = refused(bad)
    assert field in message
    assert found in message
    assert allowed in message


@pytest.mark.parametrize("field", ["version", "layers"])
def test_a_missing_field_is_named(field):
    bad = content()
    del bad[field]
    assert field in refused(bad)


def test_the_number_of_further_damaged_fields_is_told():
    assert "2 more" in refused(content(seed=-1, device="tpu", name=""))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_garbage_is_refused_without_a_crash(garbage):
    with pytest.raises(UserError):
        spec_from_json(garbage)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*ExperimentSpec.model_fields, "other"]), json_values)
def test_any_value_in_any_field_is_either_valid_or_refused(field, value):
    try:
        spec = spec_from_json(json.dumps(content(**{field: value})))
    except UserError as error:
        said = str(error)
    else:
        said = spec.to_json()
        assert spec_from_json(said) == spec
    assert said


@pytest.mark.parametrize("opening", ["[", '{"layers":', '[{"kind":"residual","layers":'])
def test_nesting_of_any_depth_is_refused_without_a_crash(opening):
    closing = opening.translate(str.maketrans("[{", "]}"))
    closing = "".join(c for c in reversed(closing) if c in "]}")
    for depth in [10, 200, *range(300, 1010, 3), 100_000]:
        text = '{"version": 1, "layers": ' + opening * depth + "1" + closing * depth + "}"
        with pytest.raises(UserError):
            spec_from_json(text)


def test_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(UserError, match="digits"):
        spec_from_json('{"version": 1, "seed": ' + "9" * 5000 + "}")


@pytest.mark.parametrize("text", ['{"version": 1', "", "{}x", b"\xff\xfe\x00", '"\\ud800"'])
def test_text_that_is_no_experiment_names_its_source(text):
    with pytest.raises(UserError, match=r"^mine\.json"):
        spec_from_json(text, "mine.json")


def test_a_description_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        tiny().seed = 3


@pytest.mark.parametrize("layer", [Dense, Conv2d])
@pytest.mark.parametrize("initializer", [GlorotUniform(), HeNormal()])
def test_a_bias_refuses_an_initializer_that_only_weights_can_take(layer, initializer):
    with pytest.raises(ValidationError, match="weights only"):
        layer(bias_init=initializer)


@pytest.mark.parametrize("kind", [{}, [], None, 3, True], ids=repr)
def test_a_kind_that_is_no_word_is_refused(kind):
    told = json.loads(ExperimentSpec(layers=(Dense(units=1),)).to_json())
    told["schedule"]["kind"] = kind
    with pytest.raises(UserError):
        spec_from_json(json.dumps(told), "a.json")
