"""A form for a choice out of a catalog: which entry, and the values of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kit.controls import Combo, allow_item, dim_label, put_line
from app.kit.forms.editors import Editor
from app.kit.forms.fields import UNSHOWN, FormField, fields_of
from app.kit.forms.model_form import FormStyle, ModelForm
from app.kit.layouts import in_column, named
from app.kit.text import label_of, translated
from core.catalog.base import Choice, entries_of
from core.errors import UserError


class EntryForms(QWidget):
    """The combo of a family's entries, and one form an entry, made when it is first needed.

    Each keeps what was entered in it. What two entries have in common, by a field's name, goes
    along from one to the other, unless the style says what an entry comes with.

    Attributes:
        combo: Stands apart from the forms, since it has another place in each layout.
        current: The form that is seen.
    """

    edited = Signal(object, object)

    def __init__(
        self, entries: Sequence[type[Choice]], field: str, style: FormStyle, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.combo = EntryCombo(entries, style, field)
        self.current: ModelForm | None = None
        self._style = style
        self._name = ""
        self._forms: dict[type[Choice], ModelForm] = {}
        self._column = in_column(into=self)
        self.combo.activated.connect(self._chosen)

    @property
    def model(self) -> Choice | None:
        """What the visible form stands for; None where it still lacks something."""
        model = self.current.model if self.current is not None else None
        return model if isinstance(model, Choice) else None

    def name(self, name: str) -> None:
        """Names the controls of all forms ``<name>.<field>``."""
        self._name = name
        for form in self._forms.values():
            form.name(name)

    def show_model(self, model: Choice) -> None:
        """Shows a choice, without a signal."""
        self.combo.show_entry(type(model))
        self._bring_up(type(model)).show_model(model)

    def missing(self) -> str:
        """The field that names no file yet, but has to."""
        for field in fields_of(self.current.entry) if self.current is not None else ():
            if field.path and not field.optional and not getattr(self.model, field.name, None):
                return field.name
        return ""

    def refresh_allowed(self) -> None:
        """Asks again which entries can be chosen, here and in the fields."""
        self.combo.refresh_allowed()
        for form in self._forms.values():
            form.refresh_allowed()

    def _chosen(self, index: int) -> None:
        """Goes over to another entry: a choice is made by that, unless a file has to be named."""
        entry, before = self.combo.entries[index], self.model
        if self.current is not None and self.current.entry is entry:
            return
        self.combo.show_entry(entry)
        form = self._bring_up(entry)
        comes_with = self._style.comes_with
        model = comes_with(before, entry) if comes_with else _carried(before, entry, form.model)
        if model is not None:
            form.show_model(model)
            self._pass_on(model, None)

    def _bring_up(self, entry: type[Choice]) -> ModelForm:
        form = self._forms.get(entry)
        if form is None:
            form = ModelForm(entry, self._name, self._style, parent=self)
            form.edited.connect(self._pass_on)
            self._forms[entry] = form
            self._column.addWidget(form)
        if form is not self.current:
            if self.current is not None:
                self.current.hide()
            self.current = form
            form.show()
        self.setVisible(len(form) > 0)
        return form

    def _pass_on(self, model: Choice, gesture: object) -> None:
        if not self.missing():
            self.edited.emit(model, gesture)


class EntryCombo(Combo):
    """The entries of a family by name, those that cannot be chosen now with the reason."""

    def __init__(self, entries: Sequence[type[Choice]], style: FormStyle, field: str) -> None:
        super().__init__()
        self.entries = entries
        self._style = style
        self._field = field
        for entry in self.entries:
            self.addItem(label_of(entry), entry.model_fields["kind"].default)
        self.setMaxVisibleItems(max(10, len(self.entries)))
        self.refresh_allowed()

    def show_entry(self, entry: type[Choice]) -> None:
        """Shows an entry; its description is the tooltip."""
        if entry in self.entries:
            self.setCurrentIndex(self.entries.index(entry))
            self.setToolTip(translated(entry.description))

    def refresh_allowed(self) -> None:
        """Asks again which entries can be chosen."""
        for index, entry in enumerate(self.entries):
            reason = self._style.forbids(self._field, entry)
            allow_item(self, index, reason or translated(entry.description), not reason)


class ChoiceForm(QWidget):
    """The whole of a section: the entry, a sentence about it, and its fields.

    ``edited`` carries the new choice and the gesture's number, if it has one.
    """

    edited = Signal(object, object)

    def __init__(
        self,
        family: type[Choice],
        name: str,
        style: FormStyle,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._description = dim_label(parent=self)
        self._forms = EntryForms(tuple(entries_of(family).values()), "kind", style, self)
        self._forms.name(name)
        combo = named(self._forms.combo, f"{name}.kind", self.tr("Kind"))
        in_column(combo, self._description, self._forms, into=self, apart=1)
        combo.currentIndexChanged.connect(self._describe)
        self._forms.edited.connect(self.edited)

    @property
    def form(self) -> ModelForm | None:
        """The fields that are seen."""
        return self._forms.current

    @property
    def unfinished(self) -> bool:
        """Whether an entry was chosen that still lacks the name of a file."""
        return bool(self._forms.missing())

    def show_model(self, model: Choice) -> None:
        """Shows a choice in place, without a signal."""
        put_line(self._description, translated(model.description))
        self._forms.show_model(model)

    def refresh_allowed(self) -> None:
        """Asks again which entries can be chosen."""
        self._forms.refresh_allowed()

    def _describe(self, index: int) -> None:
        put_line(self._description, translated(self._forms.combo.entries[index].description))


class ChoiceEditor(Editor):
    """A choice within a model: its entry in the row, its own fields beneath."""

    def __init__(self, field: FormField, style: FormStyle, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._forms = EntryForms(field.entries, field.name, style, parent)
        self._take(self._forms.combo)
        self.below = self._forms
        self._forms.hide()
        self._forms.edited.connect(self.committed)
        if self.value is not None:
            self._draw(self.value)

    def name(self, name: str) -> None:
        super().name(name)
        self._forms.name(name)

    def refresh_allowed(self) -> None:
        self._forms.refresh_allowed()

    def _draw(self, value: Any) -> None:
        self._forms.show_model(value)


def _carried(before: Choice | None, entry: type[Choice], kept: Any) -> Choice | None:
    """An entry with what was kept for it, and over that what it shares with the one before."""
    try:
        model: Choice = kept if kept is not None else entry.model_validate({})
    except ValidationError:
        return None
    shared = set(entry.model_fields) & set(type(before).model_fields) if before else set()
    for name in shared - UNSHOWN:
        try:
            model = entry.model_validate(dict(model) | {name: getattr(before, name)})
        except (ValidationError, UserError):
            continue
    return model
