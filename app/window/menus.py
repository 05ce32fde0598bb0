"""The menu bar, filled from the tables of actions, perspectives and docks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app.kit import icons
from app.kit.text import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

MENUS = (
    ("file", QT_TRANSLATE_NOOP("menus", "&File")),
    ("edit", QT_TRANSLATE_NOOP("menus", "&Edit")),
    ("run", QT_TRANSLATE_NOOP("menus", "&Run")),
    ("step", QT_TRANSLATE_NOOP("menus", "&Step")),
    ("view", QT_TRANSLATE_NOOP("menus", "&View")),
    ("help", QT_TRANSLATE_NOOP("menus", "&Help")),
)
THEMES = (
    ("system", QT_TRANSLATE_NOOP("menus", "As the system"), "settings"),
    ("light", QT_TRANSLATE_NOOP("menus", "Light"), "sun"),
    ("dark", QT_TRANSLATE_NOOP("menus", "Dark"), "moon"),
)


def fill(window: MainWindow) -> None:
    """Builds the window's menus."""
    for name, title in MENUS:
        menu = window.menuBar().addMenu(QCoreApplication.translate("menus", title))
        menu.setObjectName(f"menu-{name}")
        if name == "view":
            _add_view(menu, window)
        for action in window.actions_.of_menu(name):
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)


def _add_view(menu: QMenu, window: MainWindow) -> None:
    menu.addActions(window.header.perspectives.group.actions())
    menu.addSeparator()
    panels = menu.addMenu(QCoreApplication.translate("menus", "Panels"))
    panels.setObjectName("menu-panels")
    panels.aboutToShow.connect(lambda: fill_panels(panels, window))
    _add_themes(menu.addMenu(QCoreApplication.translate("menus", "Theme")), window)
    menu.addSeparator()


def fill_panels(panels: QMenu, window: MainWindow) -> None:
    """Lists the docks of the experiment in front."""
    panels.clear()
    for dock in window.page.docks.values() if window.page else ():
        panels.addAction(dock.toggleViewAction())


def _add_themes(menu: QMenu, window: MainWindow) -> None:
    menu.setObjectName("menu-theme")
    group = QActionGroup(menu)
    for choice, text, icon in THEMES:
        action = group.addAction(QCoreApplication.translate("menus", text))
        action.setObjectName(f"action.theme.{choice}")
        action.setCheckable(True)
        action.setChecked(window.settings.theme == choice)
        icons.put(action, icon)
        action.triggered.connect(lambda _checked, chosen=choice: window.set_theme(chosen))
        menu.addAction(action)
