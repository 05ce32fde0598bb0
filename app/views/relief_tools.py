"""How the relief is looked at: who draws it, from where, and its picture for elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QToolButton, QWidget

from app import icons, theme
from app.views.elided import ElidedLabel
from app.views.relief_gl import OpenGL


class ReliefTools(QWidget):
    """A row above the picture: what stands upwards, the drawing, Reset view, Copy."""

    opengl_chosen = Signal(bool)
    reset_asked = Signal()
    copy_asked = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel("surface3d.title", self)
        self.title.setProperty("role", "caption")
        self.opengl = QCheckBox(self.tr("OpenGL"), self)
        self.opengl.setObjectName("surface3d.opengl")
        self.opengl.hide()
        self.reset = QToolButton(self)
        self.reset.setObjectName("surface3d.reset")
        self.reset.setText(self.tr("Reset view"))
        self.reset.setToolTip(
            self.tr("Show all of it from its clearest side again (double click, Home)")
        )
        self._make_copy()
        self.opengl.toggled.connect(self.opengl_chosen)
        self.reset.clicked.connect(lambda _: self.reset_asked.emit())
        self._lay_out()

    def offer_opengl(self, found: OpenGL | None) -> None:
        """Offers OpenGL where it draws what it is told, and takes it: it draws finer, sooner."""
        self.opengl.setVisible(found is not None)
        self.opengl.setChecked(found is not None)
        if found is not None:
            tip = self.tr(
                "Let OpenGL draw the surface ({renderer}). Without it the surface is painted, "
                "coarser while it turns."
            )
            self.opengl.setToolTip(tip.format(renderer=found.renderer))

    def set_ready(self, *, ready: bool) -> None:
        """Without a picture there is nothing to do with it."""
        for widget in (self.opengl, self.reset, self.copy):
            widget.setEnabled(ready)

    def _make_copy(self) -> None:
        self.copy = QToolButton(self)
        self.copy.setObjectName("surface3d.copy")
        self.copy.setAccessibleName(self.tr("Copy the picture"))
        self.copy.setToolTip(self.tr("Copy the picture to the clipboard, or save it"))
        icons.put(self.copy, "image")
        menu = QMenu(self.copy)
        menu.setObjectName("surface3d.copy-menu")
        self.copy_action = menu.addAction(self.tr("Copy picture"))
        self.save_action = menu.addAction(self.tr("Save picture…"))
        self.copy.setMenu(menu)
        # As on the map: a second, narrow button for the menu would only be a box at the edge.
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.copy_action.triggered.connect(lambda _: self.copy_asked.emit())
        self.save_action.triggered.connect(lambda _: self.save_asked.emit())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1.5))
        row.addWidget(self.title, 1)
        for widget in (self.opengl, self.reset, self.copy):
            row.addWidget(widget)
