"""What the window remembers from one start to the next."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QByteArray, QSettings

LAYOUT_VERSION = 4
"""Raise it when docks are added or renamed: layouts saved under another number are let go."""

ThemeChoice = Literal["system", "light", "dark"]


class Settings:
    """Window geometry, perspective, layouts, theme and folder, in the system's usual place.

    Args:
        store: Where to keep them; tests give a file of their own.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("Chainrule", "Chainrule")

    @property
    def theme(self) -> ThemeChoice:
        """What the person chose: the system's appearance, or always light, or always dark."""
        found = self._store.value("theme", "system")
        return found if found in ("light", "dark") else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice)

    @property
    def text_size(self) -> int:
        """How large text is, in per cent of its own size."""
        return self._whole("text-size", 100)

    @text_size.setter
    def text_size(self, percent: int) -> None:
        self._store.setValue("text-size", percent)

    @property
    def presenter_size(self) -> int:
        """The same while the window is shown to a room."""
        return self._whole("presenter-size", 150)

    @presenter_size.setter
    def presenter_size(self, percent: int) -> None:
        self._store.setValue("presenter-size", percent)

    @property
    def perspective(self) -> str:
        """The perspective last in use; empty at the first start."""
        return str(self._store.value("perspective", ""))

    @perspective.setter
    def perspective(self, perspective: str) -> None:
        self._store.setValue("perspective", perspective)

    def shows_more(self, perspective: str) -> bool:
        """Whether a person wants all that a perspective has; at the first start not yet."""
        return self._store.value(f"more/{perspective}", "") == "yes"

    def set_more(self, perspective: str, *, on: bool) -> None:
        """Remembers that."""
        self._store.setValue(f"more/{perspective}", "yes" if on else "no")

    def choice(self, panel: str) -> str:
        """What was last chosen in a panel that is used in several ways; empty before."""
        return str(self._store.value(f"choice/{panel}", ""))

    def set_choice(self, panel: str, choice: str) -> None:
        """Remembers that."""
        self._store.setValue(f"choice/{panel}", choice)

    @property
    def is_welcomed(self) -> bool:
        """Whether a person has chosen where to begin."""
        return str(self._store.value("welcomed", "")) == "yes"

    def set_welcomed(self) -> None:
        """Offers it never again."""
        self._store.setValue("welcomed", "yes")

    @property
    def folder(self) -> str:
        """Where a file was last opened or saved."""
        return str(self._store.value("folder", ""))

    @folder.setter
    def folder(self, folder: str) -> None:
        self._store.setValue("folder", folder)

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size; empty at the first start."""
        return self._bytes("geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("geometry", geometry)

    def layout(self, perspective: str) -> QByteArray:
        """How the docks of a perspective were last arranged; empty for its own layout."""
        return self._bytes(f"layout/{LAYOUT_VERSION}/{perspective}")

    def set_layout(self, perspective: str, state: QByteArray) -> None:
        """Remembers an arrangement; an empty one forgets it."""
        self._store.setValue(f"layout/{LAYOUT_VERSION}/{perspective}", state)

    def columns(self, perspective: str) -> str:
        """How wide its columns stood then, and in what room; empty where nobody knows."""
        return str(self._store.value(f"columns/{LAYOUT_VERSION}/{perspective}", ""))

    def set_columns(self, perspective: str, widths: str) -> None:
        """Remembers that."""
        self._store.setValue(f"columns/{LAYOUT_VERSION}/{perspective}", widths)

    def _whole(self, key: str, otherwise: int) -> int:
        found = str(self._store.value(key, otherwise))
        return int(found) if found.isdecimal() else otherwise

    def _bytes(self, key: str) -> QByteArray:
        found = self._store.value(key)
        return found if isinstance(found, QByteArray) else QByteArray()
