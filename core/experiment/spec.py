"""What an experiment is: one frozen, validated, versioned description, to and from JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from core.catalog.base import Model
from core.catalog.losses import CrossEntropy, LossChoice
from core.catalog.optimizers import SGD, OptimizerChoice
from core.catalog.schedules import ConstantRate, ScheduleChoice
from core.data import DataChoice
from core.data.augment.settings import Augmentation
from core.data.mnist import Mnist
from core.errors import UserError
from core.experiment.by_hand import ByHand
from core.experiment.faults.registry import FaultChoice
from core.experiment.faults.seams import SOUND, Seams
from core.experiment.layers import LayerChoice

VERSION = 1

Device = Literal["auto", "cpu", "cuda", "mps"]


class Training(Model):
    """How each step is taken, beside the optimizer's own rule."""

    batch_size: int = Field(
        32, ge=1, le=65536, title="Batch size", description="Samples a step; GD takes all of them."
    )
    balanced: bool = Field(
        False,
        title="Balanced classes",
        description="Draws each class as often as the largest: samples of rarer classes come "
        "several times an epoch. Training loss and accuracy are those of what is drawn; test "
        "figures stay those of the data as they are.",
    )
    l1: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L1 penalty",
        description="λ of λ·Σ|w| added to the loss; draws weights to exactly 0.",
        json_schema_extra={"log": True},
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L2 penalty",
        description="λ of λ/2·Σw² added to the loss; keeps weights small.",
        json_schema_extra={"log": True},
    )
    clip_norm: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip norm",
        description="Scales the whole gradient down to this norm where it is longer.",
        json_schema_extra={"log": True},
    )
    clip_value: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip value",
        description="Cuts each gradient's entries to ± this value.",
        json_schema_extra={"log": True},
    )


class Stop(Model):
    """When a run ends by itself; the first condition that holds ends it."""

    epochs: int | None = Field(10, ge=1, le=1_000_000, title="Epochs")
    steps: int | None = Field(None, ge=1, le=1_000_000_000, title="Steps")
    target_accuracy: float | None = Field(
        None, gt=0, le=1, title="Accuracy reached", description="On the test data."
    )
    target_loss: float | None = Field(
        None, ge=0, title="Loss reached", description="On the test data."
    )
    patience: int | None = Field(
        None,
        ge=1,
        le=10_000,
        title="Patience",
        description="Epochs without a better test loss; without a test set, training loss.",
    )


class ExperimentSpec(Model):
    """An experiment, whole. Two equal specs on one device train to equal weights."""

    version: Literal[1] = 1
    name: str = Field("Untitled", min_length=1, max_length=80, title="Name")
    data: DataChoice = Field(default_factory=Mnist)
    augmentation: Augmentation = Field(default_factory=Augmentation)
    layers: tuple[LayerChoice, ...] = Field(min_length=1)
    loss: LossChoice = Field(default_factory=CrossEntropy)
    optimizer: OptimizerChoice = Field(default_factory=SGD)
    schedule: ScheduleChoice = Field(default_factory=ConstantRate)
    training: Training = Field(default_factory=Training)
    stop: Stop = Field(default_factory=Stop)
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")
    device: Device = Field("auto", title="Device")
    by_hand: ByHand = Field(default_factory=ByHand)
    pinned: dict[str, float | bool] = Field(
        default_factory=dict,
        title="Pinned",
        description="What a person entered of the optimizer: it stays when another one is chosen.",
    )
    fault: FaultChoice | None = Field(
        None,
        title="Fault",
        description="A bug that is in the code on purpose, to be found; none in a sound one.",
    )

    @model_validator(mode="after")
    def _has_the_faulty_line(self) -> ExperimentSpec:
        """Refuses what the fault could not be in: a broken experiment stays the one it is."""
        fault = self.fault
        if fault and not fault.fits(self.data, self.layers, self.loss, self.optimizer):
            raise ValueError("the fault in this experiment has no place in it; repair it first")
        return self

    @property
    def seams(self) -> Seams:
        """Where the code is as its fault has it, or sound."""
        return self.fault or SOUND

    def to_json(self) -> str:
        """The description as indented JSON."""
        return self.model_dump_json(indent=2)

    def goes_on_as(self, other: ExperimentSpec) -> bool:
        """Whether a run goes on alike by both: but for a name, and what a run already holds."""
        silent = ("name", "by_hand", "pinned")
        return self.model_copy(update={name: getattr(other, name) for name in silent}) == other


def read_spec(path: Path) -> ExperimentSpec:
    """An experiment read from a file of JSON.

    Raises:
        UserError: It cannot be read; or as :func:`spec_from_json`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            "{name} cannot be read: {reason}.",
            "Check the name.",
            name=path,
            reason=error.strerror or error,
        ) from None
    return spec_from_json(content, path.name)


def spec_from_json(text: str | bytes, source: str = "The experiment") -> ExperimentSpec:
    """An experiment read from JSON.

    Args:
        text: The JSON.
        source: Where it came from, for the messages: a file's name.

    Raises:
        UserError: It is no JSON, or a version, field or value is unknown; the message names the
            field, what was found and what is allowed.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise UserError(
            "{source} is not valid JSON: {reason}.",
            "Check that it is a Chainrule experiment and not cut off.",
            source=source,
            reason=error,
        ) from None
    return spec_from_dict(content, source)


def spec_from_dict(content: Any, source: str = "The experiment") -> ExperimentSpec:
    """An experiment from what JSON holds; raises as :func:`spec_from_json`."""
    if isinstance(content, dict) and content.get("version") != VERSION:
        raise UserError(
            "{source} has the version {found}; this Chainrule reads version {version}.",
            "Open it with the Chainrule that saved it, or update this one.",
            source=source,
            found=content.get("version", "none"),
            version=VERSION,
        )
    try:
        return ExperimentSpec.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise explain(error, source) from None
    except RecursionError:
        raise UserError("{source} is nested too deeply.", source=source) from None


def explain(error: ValidationError, source: str) -> UserError:
    """The first of pydantic's findings as a sentence: field, what was found, what is allowed."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the whole"
    others = error.error_count() - 1
    return UserError(
        "{source}: field {field}: found {found}; {allowed}.",
        "There are {others} more fields to mend after it." if others else "",
        source=source,
        field=field,
        found=_short(first["input"]),
        allowed=_allowed(first),
        others=others,
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed(finding: Any) -> str:
    context = finding.get("ctx", {})
    match finding["type"]:
        case "extra_forbidden":
            return "no such field is known here"
        case "missing":
            return "the field is needed"
        case "union_tag_invalid":
            return f"allowed are {context['expected_tags']}"
        case "union_tag_not_found":
            return "it needs a 'kind'"
        case _:
            return str(finding["msg"]).removeprefix("Value error, ").lower().rstrip(".")
