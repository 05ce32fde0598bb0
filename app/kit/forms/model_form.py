"""A form for any model: one row a field, drawn from the field itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import Restyled, dim_label, put_line
from app.kit.forms.editors import Editor, FlagEditor
from app.kit.forms.fields import FieldKind, FormField, bounds_text, fields_of, reasons
from app.kit.text import translated
from core.catalog.base import Choice, Model
from core.errors import UserError

LABEL_WIDTH = 15
"""In units of the grid; longer labels wrap, so that all editors of a panel line up."""

BESIDE_WIDTH = 32
"""In units of the grid: in a narrower form, in larger text, a field stands below its label."""


@dataclass(frozen=True)
class FormStyle:
    """How a panel draws a model's fields, and what it knows beyond them.

    Attributes:
        make_editor: Makes the editor of a field: ``make.make_editor``.
        sliders: The ends of a slider by field, where the bounds are too wide to aim in.
        first: What an optional field starts with when it is switched on.
        labels: The names of an option's values, or of None, by field.
        forbids: Why an entry cannot be chosen for a field just now; empty where it can.
        comes_with: What an entry starts with when it is chosen in the place of another model;
            None: with what was last entered in it, and all that both have.
    """

    make_editor: Callable[[FormField, FormStyle, QWidget], Editor]
    sliders: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    first: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    forbids: Callable[[str, type[Choice]], str] = lambda _field, _entry: ""
    comes_with: Callable[[Choice | None, type[Choice]], Choice] | None = None


_EDITOR, _BELOW = 1, 2
_LINES = {"dim": 3, "error": 4}
"""Of a field's five lines in the grid: those of its editor and of what is beneath that, of its
note and of its error. In the first stands its label, where the editor is not beside it."""


class _FieldLabel(QLabel):
    """What a field is called; beside its editor as wide as all others, above it as the form."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        self.set_above(above=False)

    def set_above(self, *, above: bool) -> None:
        """Says where it stands."""
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Ignored if above else policy.Fixed, policy.Preferred)

    def sizeHint(self) -> QSize:
        width = theme.space(LABEL_WIDTH)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


@dataclass
class _Row:
    label: _FieldLabel
    editor: Editor
    at: int
    left: int
    lines: dict[str, QLabel] = field(default_factory=dict)


class ModelForm(Restyled):
    """Edits one model; ``edited`` carries the new one and the gesture's number, if it has one.

    A value that the model refuses stays where it was typed, with the reason beneath it, and
    takes part again as soon as another edit makes it fit.

    Attributes:
        model: What it stands for; None until it was shown something.
    """

    edited = Signal(object, object)

    def __init__(
        self,
        entry: type[Model],
        name: str,
        style: FormStyle,
        only: tuple[str, ...] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.entry = entry
        self._style = style
        self.model: Model | None = None
        self._refused: dict[str, Any] = {}
        self._rows: dict[str, _Row] = {}
        self._is_stacked = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space())
        self._grid.setVerticalSpacing(theme.space(0.5))
        self._grid.setColumnStretch(1, 1)
        for form_field in fields_of(entry):
            if only is None or form_field.name in only:
                self._add_row(form_field)
        self.name(name)

    def __len__(self) -> int:
        """How many fields it shows."""
        return len(self._rows)

    @property
    def path_field(self) -> str:
        """The field that names a file or a folder; empty where none does."""
        return next((name for name, row in self._rows.items() if row.editor.field.path), "")

    def name(self, name: str) -> None:
        """Names every control ``<name>.<field>``."""
        self.setObjectName(name)
        for key, row in self._rows.items():
            row.editor.name(f"{name}.{key}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Puts the fields below their labels where large text leaves no room beside them."""
        super().resizeEvent(event)
        self._restyle()

    def _restyle(self) -> None:
        stacked = theme.scale() > 1 and self.width() < theme.space(BESIDE_WIDTH)
        if stacked != self._is_stacked:
            self._is_stacked = stacked
            for row in self._rows.values():
                self._place_label(row)

    def minimumSizeHint(self) -> QSize:
        """In large text no wider than its widest editor: the label can stand above it."""
        least = super().minimumSizeHint()
        if theme.scale() <= 1:
            return least
        editors = (row.editor.minimumSizeHint().width() for row in self._rows.values())
        return QSize(max(editors, default=0), least.height())

    def show_model(self, model: Model) -> None:
        """Shows a model of the same kind, in place and without a signal."""
        if model is self.model:
            return
        self.model = model
        for key, row in self._rows.items():
            value = getattr(model, key)
            if value != row.editor.value:
                self._clear(key)
            row.editor.show_value(value)

    def editor(self, key: str) -> Editor:
        """The editor of a field."""
        return self._rows[key].editor

    def note(self, key: str, text: str) -> None:
        """A quiet line under a field, or none."""
        self._put_note(key, "dim", text)

    def complain(self, key: str, text: str) -> None:
        """The reason why a field's value cannot be, or none."""
        self._put_note(key, "error", text)
        self._rows[key].editor.set_refused(bool(text))

    def enable(self, key: str, reason: str = "") -> None:
        """Lets a field be edited, or not for the reason given, which stands under it."""
        row = self._rows[key]
        row.editor.setEnabled(not reason)
        row.label.setEnabled(not reason)
        self.note(key, reason)

    def refresh_allowed(self) -> None:
        """Asks again which entries can be chosen."""
        for row in self._rows.values():
            row.editor.refresh_allowed()

    def _add_row(self, form_field: FormField) -> None:
        key = form_field.name
        slider = self._style.sliders.get(key)
        editor = self._style.make_editor(replace(form_field, slider=slider), self._style, self)
        label = _FieldLabel(translated(form_field.title), self)
        label.setBuddy(editor)
        tip = f"{translated(form_field.description)} {bounds_text(form_field)}".strip()
        for widget in (label, editor):
            widget.setToolTip(tip or translated(form_field.title))
        left = 0 if editor.below is not None else 1
        self._rows[key] = _Row(label, editor, self._grid.rowCount(), left)
        self._place(self._rows[key])
        editor.setAccessibleName(translated(form_field.title))
        editor.committed.connect(lambda value, gesture: self._commit(key, value, gesture))
        editor.refused.connect(lambda reason: self.complain(key, reason))
        editor.restored.connect(lambda: self._clear(key))

    def _place(self, row: _Row) -> None:
        """Label and editor, what is below it, a note, an error."""
        self._place_label(row)
        if row.editor.below is not None:
            self._grid.addWidget(row.editor.below, row.at + _BELOW, 0, 1, 2)
        # So that the next field comes after it.
        self._grid.setRowMinimumHeight(row.at + max(_LINES.values()), 0)

    def _place_label(self, row: _Row) -> None:
        """Beside the editor, or above it; a box to tick has room beside it in any case."""
        above = self._is_stacked and not isinstance(row.editor, FlagEditor)
        for widget in (row.label, row.editor):
            self._grid.removeWidget(widget)
        row.label.set_above(above=above)
        if above:
            self._grid.addWidget(row.label, row.at, 0, 1, 2)
            self._grid.addWidget(row.editor, row.at + _EDITOR, 0, 1, 2)
        else:
            self._grid.addWidget(row.label, row.at + _EDITOR, 0)
            self._grid.addWidget(row.editor, row.at + _EDITOR, 1)

    def _put_note(self, key: str, role: str, text: str) -> None:
        row = self._rows[key]
        if text and role not in row.lines:
            row.lines[role] = dim_label("", role, self)
            at = row.at + _LINES[role]
            self._grid.addWidget(row.lines[role], at, row.left, 1, 2 - row.left)
        if role in row.lines:
            put_line(row.lines[role], text)

    def _clear(self, key: str) -> None:
        self._refused.pop(key, None)
        self.complain(key, "")

    def _commit(self, key: str, value: Any, gesture: int | None) -> None:
        """Builds the model with the new value, if it can, together with what was refused before."""
        entered = self._refused | {key: value} | self._same_rows(key, value)
        try:
            model, used = self._build(entered), entered
        except (ValidationError, UserError) as error:
            try:
                model, used = self._build({key: value}), {key: value}
            except (ValidationError, UserError):
                self._refuse(key, value, reasons(error, key))
                return
        self.model = model
        for name in used:
            self._clear(name)
            self._rows[name].editor.accept(getattr(model, name))
        self.edited.emit(model, gesture)

    def _build(self, values: dict[str, Any]) -> Model:
        base = dict(self.model) if self.model is not None else {}
        return self.entry.model_validate(base | values)

    def _refuse(self, key: str, value: Any, found: dict[str, str]) -> None:
        self._refused[key] = value
        for name, reason in found.items():
            if name in self._rows:
                self.complain(name, reason)

    def _same_rows(self, key: str, value: Any) -> dict[str, Any]:
        """The other tables of the model, given as many rows: a row is one sample in all of them."""
        if self._rows[key].editor.field.kind is not FieldKind.TABLE or self.model is None:
            return {}
        others: dict[str, Any] = {}
        for name, row in self._rows.items():
            if row.editor.field.kind is FieldKind.TABLE and name != key:
                rows = getattr(self.model, name)
                missing = len(value) - len(rows)
                others[name] = (*rows, *((0.0,) * len(rows[0]),) * missing)[: len(value)]
        return others
