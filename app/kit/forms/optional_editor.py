"""A value that can be left out: a check box, and the value's own editor while it is on."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QWidget

from app.kit.forms.editors import Editor
from app.kit.forms.fields import FormField


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
        self._row.addWidget(self._on)
        self._row.addWidget(inner, 1)
        self.setFocusProxy(self._on)
        self.below = inner.below
        self._on.clicked.connect(self._switched)
        inner.committed.connect(self.committed)
        inner.refused.connect(self.refused)
        inner.restored.connect(self.restored)
        self._draw(self._value)

    @property
    def busy(self) -> bool:
        """Whether a person is typing or dragging."""
        return self._inner.busy

    @property
    def dragging(self) -> bool:
        """Whether the mouse holds the value."""
        return self._inner.dragging

    def name(self, name: str) -> None:
        """The value has the field's name; the box's ends in ``.on``."""
        self._inner.name(name)
        self._on.setObjectName(f"{name}.on")

    def setToolTip(self, tip: str) -> None:
        """The same over both."""
        super().setToolTip(tip)
        self._on.setToolTip(tip)
        self._inner.setToolTip(tip)

    def set_refused(self, refused: bool) -> None:
        """Marks the value."""
        self._inner.set_refused(refused)

    def accept(self, value: Any) -> None:
        """Tells the value's editor too."""
        self._value = value
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
            self._first = self._value
        self._on.setChecked(on)
        self._on.setText("" if on else self._off)
        self._inner.setVisible(on)
