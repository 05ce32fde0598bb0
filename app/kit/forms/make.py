"""The editor for each kind of field, with a box to switch it off where it can be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox, QWidget

from app.kit.forms.choice_form import ChoiceEditor
from app.kit.forms.editors import Editor, FlagEditor, IntegerEditor, OptionEditor, TextEditor
from app.kit.forms.fields import FieldKind, FormField
from app.kit.forms.model_form import FormStyle
from app.kit.forms.number_field import NumberEditor
from app.kit.forms.sliders import LogEditor
from app.kit.forms.table_editor import TableEditor


class OptionalEditor(Editor):
    """None while the box is off; what was entered before comes back when it is on again."""

    def __init__(
        self,
        field: FormField,
        inner: Editor,
        first: Any,
        off: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(field, parent)
        self._first = first
        self._off = off or self.tr("Off")
        self._inner = inner
        self._on = QCheckBox(self)
        self._take(self._on, 0)
        self._row.addWidget(inner, 1)
        self.below = inner.below
        self._on.clicked.connect(self._switched)
        inner.committed.connect(self.committed)
        inner.refused.connect(self.refused)
        inner.restored.connect(self.restored)
        self._draw(self.value)

    @property
    def busy(self) -> bool:
        return self._inner.busy

    @property
    def dragging(self) -> bool:
        return self._inner.dragging

    def name(self, name: str) -> None:
        """The value has the field's name; the box's ends in ``.on``."""
        self._inner.name(name)
        self._on.setObjectName(f"{name}.on")

    def setToolTip(self, tip: str) -> None:
        super().setToolTip(tip)
        self._on.setToolTip(tip)
        self._inner.setToolTip(tip)

    def set_refused(self, refused: bool) -> None:
        self._inner.set_refused(refused)

    def accept(self, value: Any) -> None:
        self.value = value
        if value is not None:
            self._inner.accept(value)
        self._show_state(value is not None)

    def _switched(self, on: bool) -> None:
        self.committed.emit(self._first if on else None, None)

    def _draw(self, value: Any) -> None:
        if value is not None:
            self._inner.show_value(value)
        self._show_state(value is not None)

    def _show_state(self, on: bool) -> None:
        if on:
            self._first = self.value
        self._on.setChecked(on)
        self._on.setText("" if on else self._off)
        self._inner.setVisible(on)


def make_editor(form_field: FormField, style: FormStyle, parent: QWidget) -> Editor:
    """The editor for a field, with a box to switch it off where it is optional."""
    labels = style.labels.get(form_field.name, {})
    none = labels.get(None, "")
    if form_field.optional and form_field.kind is not FieldKind.TEXT:
        plain = replace(form_field, optional=False, default=_first_value(form_field, style))
        inner = make_editor(plain, style, parent)
        return OptionalEditor(form_field, inner, plain.default, none, parent)
    if form_field.kind is FieldKind.CHOICE:
        return ChoiceEditor(form_field, style, parent)
    if form_field.kind is FieldKind.OPTION:
        return OptionEditor(form_field, dict(labels), parent)
    if form_field.kind is FieldKind.NUMBER and form_field.log:
        return LogEditor(form_field, parent)
    if form_field.kind is FieldKind.TEXT:
        return TextEditor(form_field, none, parent)
    return _PLAIN_EDITORS[form_field.kind](form_field, parent)


_PLAIN_EDITORS: dict[FieldKind, Callable[[FormField, QWidget], Editor]] = {
    FieldKind.FLAG: FlagEditor,
    FieldKind.INTEGER: IntegerEditor,
    FieldKind.NUMBER: NumberEditor,
    FieldKind.TABLE: TableEditor,
}


def _first_value(form_field: FormField, style: FormStyle) -> Any:
    """What an optional field holds when it is switched on for the first time."""
    if form_field.default is not None:
        return form_field.default
    if form_field.name in style.first:
        return style.first[form_field.name]
    middle = 2 if form_field.kind is FieldKind.INTEGER else 1.0
    low = middle if form_field.low is None else max(middle, form_field.low)
    return low if form_field.high is None else min(low, form_field.high)


PLAIN = FormStyle(make_editor)
"""Of a panel that knows nothing beyond the fields."""
