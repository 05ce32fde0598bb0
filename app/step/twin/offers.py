"""What can be another in a second run: a form for each rule, which makes the change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.kit.controls import Combo, dim_label
from app.kit.forms.choice_form import ChoiceForm
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from app.kit.forms.sliders import RATE_RANGE
from app.kit.labels import caption_of
from app.kit.layouts import in_column, in_row, named
from app.kit.text import translated
from core.catalog.activations import Activation
from core.catalog.base import Choice
from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.experiment.layers import Path, walk
from core.experiment.spec import ExperimentSpec
from core.messages import edits
from core.messages.commands import WhatIf

if TYPE_CHECKING:
    from app.link.focus import Focus
    from core.data.base import DataShape
    from core.messages.snapshot import Snapshot


class ChangeOffer(QWidget):
    """One kind of change.

    ``edited`` says that a person has entered something else.

    Attributes:
        why_not: What is missing before the change can be made; empty where nothing is.
    """

    edited = Signal()

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"whatif.{identity}")
        self.why_not = ""

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        """Takes in how the run is described, and what is picked."""

    def change(self) -> WhatIf | None:
        """What is to be another; None where nothing is, as ``why_not`` says."""
        return None


class RateOffer(ChangeOffer):
    """Another learning rate."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("rate", parent)
        self._forms: dict[type[Optimizer], ModelForm] = {}
        self._given: Optimizer | None = None
        self._wanted: Optimizer | None = None
        self._pages = QStackedLayout(self)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        given = snapshot.spec.optimizer
        if given is self._given:
            return
        self._given = self._wanted = given
        form = self._forms.get(type(given))
        if form is None:
            style = replace(PLAIN, sliders={"learning_rate": RATE_RANGE})
            form = ModelForm(type(given), "whatif.rate", style, ("learning_rate",), self)
            form.edited.connect(self._take)
            self._forms[type(given)] = form
            self._pages.addWidget(form)
        form.show_model(given)
        self._pages.setCurrentWidget(form)

    def change(self) -> WhatIf | None:
        same = self._wanted is None or self._wanted == self._given
        self.why_not = _tr("Choose another rate.") if same else ""
        return None if same or self._wanted is None else edits.set_optimizer(self._wanted)

    def _take(self, model: Optimizer, _gesture: object) -> None:
        self._wanted = model
        self.edited.emit()


class ChoiceOffer(ChangeOffer):
    """Another entry of a catalog, or other values for its fields: the optimizer, or the loss."""

    def __init__(self, part: str, family: type[Choice], words: str, parent: QWidget) -> None:
        super().__init__(part, parent)
        self._part, self._words = part, words
        self._data: DataShape | None = None
        self._given: Any = None
        self._wanted: Any = None
        style = replace(PLAIN, forbids=self._why_not)
        self._form = ChoiceForm(family, f"whatif.{part}", style, self)
        self._form.edited.connect(self._take)
        in_column(self._form, into=self)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        data = snapshot.data.shape if snapshot.data is not None else None
        if data != self._data:
            self._data = data
            self._form.refresh_allowed()
        given = getattr(snapshot.spec, self._part)
        if given is not self._given:
            self._given = self._wanted = given
            self._form.show_model(given)

    def change(self) -> WhatIf | None:
        same = self._wanted is None or self._wanted == self._given
        self.why_not = self._words if same else ""
        if same:
            return None
        make = edits.set_optimizer if self._part == "optimizer" else edits.set_loss
        return make(self._wanted)

    def _take(self, model: Choice, _gesture: object) -> None:
        self._wanted = model
        self.edited.emit()

    def _why_not(self, _field: str, entry: type[Choice]) -> str:
        if self._data is None or not issubclass(entry, Loss) or self._data.task in entry.tasks:
            return ""
        return _tr("It does not suit the targets of this data.")


class ActivationOffer(ChangeOffer):
    """Another activation of one layer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("activation", parent)
        self._spec: ExperimentSpec | None = None
        self._layers: list[Path] = []
        self._wanted: Activation | None = None
        self._layer = named(Combo(self), "whatif.layer", _tr("Which layer"))
        self._layer.activated.connect(self._show_layer)
        style = replace(PLAIN, forbids=self._why_not)
        self._form = ChoiceForm(Activation, "whatif.activation", style, self)
        self._form.edited.connect(self._take)
        row = in_row(caption_of(self._layer, _tr("Layer")), (self._layer, 1), apart=1)
        in_column(row, self._form, into=self, apart=1)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        if snapshot.spec is self._spec or not snapshot.layers:
            return
        names = {layer.path: translated(layer.name) for layer in snapshot.layers}
        self._spec = snapshot.spec
        chosen = self._path
        self._layers = [
            path for path, layer in walk(snapshot.spec.layers) if layer.activation_of() is not None
        ]
        self._layer.clear()
        self._layer.addItems([names.get(path, "") for path in self._layers])
        if chosen in self._layers:
            self._layer.setCurrentIndex(self._layers.index(chosen))
        self._show_layer()

    def change(self) -> WhatIf | None:
        layer = self._standing()
        same = layer is None or self._wanted in (None, layer.activation_of())
        self.why_not = _tr("Choose another activation.") if same else ""
        if layer is None or same:
            return None
        changed = type(layer).model_validate(dict(layer) | {"activation": self._wanted})
        return edits.replace_layer(self._path, changed)

    @property
    def _path(self) -> Path:
        index = self._layer.currentIndex()
        return self._layers[index] if 0 <= index < len(self._layers) else ()

    def _standing(self) -> Any:
        return dict(walk(self._spec.layers)).get(self._path) if self._spec is not None else None

    def _show_layer(self) -> None:
        layer = self._standing()
        if layer is not None:
            self._wanted = layer.activation_of()
            self._form.refresh_allowed()
            self._form.show_model(self._wanted)
            self.edited.emit()

    def _take(self, model: Activation, _gesture: object) -> None:
        self._wanted = model
        self.edited.emit()

    def _why_not(self, _field: str, entry: type[Choice]) -> str:
        last = self._spec is not None and self._path == (len(self._spec.layers) - 1,)
        if getattr(entry, "output_only", False) and not last:
            return _tr("It takes the whole layer together, and so suits the output alone.")
        return ""


class SeedOffer(ChangeOffer):
    """Another seed: other orders of the samples, and at the very start other weights."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("seed", parent)
        self._given: ExperimentSpec | None = None
        self._wanted: ExperimentSpec | None = None
        self._form = ModelForm(ExperimentSpec, "whatif.seed", PLAIN, ("seed",), self)
        self._form.edited.connect(self._take)
        words = _tr(
            "Other orders of the samples and other dropout masks; before the first step, other "
            "weights too. The data stay the same."
        )
        in_column(self._form, dim_label(words, parent=self), into=self, apart=1)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        if snapshot.spec is not self._given:
            self._given = self._wanted = snapshot.spec
            self._form.show_model(snapshot.spec)

    def change(self) -> WhatIf | None:
        wanted, given = self._wanted, self._given
        same = wanted is None or given is None or wanted.seed == given.seed
        self.why_not = _tr("Choose another seed.") if same else ""
        return None if same or wanted is None else edits.set_seed(wanted.seed)

    def _take(self, model: ExperimentSpec, _gesture: object) -> None:
        self._wanted = model
        self.edited.emit()


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhatIf", text)
