"""What an open layer shows: a sentence, its fields, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.kit import icons
from app.kit.controls import dim_label, put_line
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from app.kit.layouts import in_column, in_row, named
from app.kit.text import sentence, translated
from core.catalog.activations import Activation
from core.catalog.base import Choice
from core.catalog.initializers import Initializer
from core.experiment.layers import Layer, Path, Residual
from core.sentence import Sentence


@dataclass(frozen=True)
class CardPlace:
    """What a card has to know about where its layer stands.

    Attributes:
        note: What the data ask of the layer.
        typed: How many of its first numbers were typed in.
    """

    path: Path
    output: bool
    only: bool
    note: str = ""
    typed: int = 0

    @property
    def number(self) -> str:
        """The place as people count: ``3`` or, in a group, ``3.1``."""
        return ".".join(str(index + 1) for index in self.path)


class LayerBody(QWidget):
    """The part of a card that opens; ``acted`` carries which button was pressed."""

    edited = Signal(object, object)
    acted = Signal(str)

    def __init__(self, layer: Layer, place: CardPlace, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = place
        self._form = ModelForm(type(layer), "", replace(PLAIN, forbids=self._why_not), parent=self)
        self._form.edited.connect(self.edited)
        self._form.setVisible(len(self._form) > 0)
        in_column(
            dim_label(translated(layer.description), parent=self),
            self._form,
            self._typed_in(),
            self._make_buttons(isinstance(layer, Residual)),
            into=self,
            around=(2.5, 1, 0, 0.5),
            apart=1,
        )
        self.show_layer(layer, place, moved=True)

    def show_layer(self, layer: Layer, place: CardPlace, moved: bool) -> None:
        """Shows the layer as it is now, in place.

        Args:
            layer: Of the same kind as before.
            place: Where it stands.
            moved: The place is another than before.
        """
        self._place = place
        self._form.show_model(layer)
        self._typed.setVisible(place.typed > 0)
        said = Sentence(
            "{n:,} of its first numbers were typed in.",
            one="One of its first numbers was typed in.",
            n=place.typed,
        )
        put_line(self._count, sentence(said))
        if not moved:
            return
        name = f"network.layer.{place.number}"
        self._form.name(name)
        self._form.refresh_allowed()
        for action, button in self._buttons.items():
            button.setObjectName(f"{name}.{action}")
        self._buttons["remove"].setEnabled(not place.only)
        if "units" in type(layer).model_fields:
            self._form.note("units", place.note)

    def _typed_in(self) -> QWidget:
        """Says that first numbers were typed in, and lets them be drawn again."""
        self._typed = QWidget(self)
        self._count = dim_label("", parent=self._typed)
        tip = self.tr("Draw all of them at random again, as the fields above say.")
        again = self._button("draw_again", "dice", self.tr("Draw again"), tip)
        in_row((self._count, 1), again, into=self._typed, apart=1)
        self._buttons = {"draw_again": again}
        return self._typed

    def _make_buttons(self, group: bool) -> QHBoxLayout:
        actions = [
            ("up", "up", "", self.tr("Move it up (Alt+Up).")),
            ("down", "down", "", self.tr("Move it down (Alt+Down).")),
            ("duplicate", "copy", self.tr("Duplicate"), self.tr("Put a copy after it (Ctrl+D).")),
            ("remove", "trash", self.tr("Remove"), self.tr("Take it away (Delete).")),
        ]
        if group:
            tip = self.tr("Put a layer at the end of the group.")
            actions.insert(2, ("add_inside", "plus", self.tr("Inside"), tip))
        made = {action: self._button(action, *look) for action, *look in actions}
        self._buttons |= made
        up, down, *others = made.values()
        return in_row(up, down, None, *others, apart=0.5)

    def _button(self, action: str, picture: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), action, text or tip, tip)
        icons.put(button, picture)
        button.setText(text)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda: self.acted.emit(action))
        return button

    def _why_not(self, field: str, entry: type[Choice]) -> str:
        if issubclass(entry, Activation) and entry.output_only and not self._place.output:
            return self.tr("It can stand at the output only.")
        if field == "bias_init" and issubclass(entry, Initializer) and not entry.for_bias:
            return self.tr("It looks at the size of a matrix, and a bias is none.")
        return ""
