"""The menu bar, filled from the tables of actions, perspectives and docks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar

from app.kit import icons, theme
from app.kit.layouts import named
from app.kit.text import QT_TRANSLATE_NOOP
from app.window.experiments import Experiments
from app.window.live_actions import LiveActions
from app.window.settings import Settings, ThemeChoice

if TYPE_CHECKING:
    from app.window.document import Document

MENUS = (
    ("file", QT_TRANSLATE_NOOP("menus", "&File")),
    ("edit", QT_TRANSLATE_NOOP("menus", "&Edit")),
    ("run", QT_TRANSLATE_NOOP("menus", "&Run")),
    ("step", QT_TRANSLATE_NOOP("menus", "&Step")),
    ("view", QT_TRANSLATE_NOOP("menus", "&View")),
    ("help", QT_TRANSLATE_NOOP("menus", "&Help")),
)
THEMES: tuple[tuple[ThemeChoice, str, str], ...] = (
    ("system", QT_TRANSLATE_NOOP("menus", "As the system"), "settings"),
    ("light", QT_TRANSLATE_NOOP("menus", "Light"), "sun"),
    ("dark", QT_TRANSLATE_NOOP("menus", "Dark"), "moon"),
)


def fill(
    bar: QMenuBar, actions: LiveActions, perspectives: list[QAction], experiments: Experiments
) -> None:
    """Builds the window's menus."""
    menus = {name: bar.addMenu(QCoreApplication.translate("menus", title)) for name, title in MENUS}
    menus["view"].addActions(perspectives)
    _add_view(menus["view"], experiments)
    for name, menu in menus.items():
        menu.setObjectName(f"menu-{name}")
        for action in actions.of_menu(name):
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)


def _add_view(menu: QMenu, experiments: Experiments) -> None:
    menu.addSeparator()
    panels = named(menu.addMenu(QCoreApplication.translate("menus", "Panels")), "menu-panels")
    panels.aboutToShow.connect(lambda: fill_panels(panels, experiments.front))
    _add_themes(menu.addMenu(QCoreApplication.translate("menus", "Theme")), experiments.settings)
    menu.addSeparator()


def fill_panels(panels: QMenu, page: Document | None) -> None:
    """Lists the docks of the experiment in front."""
    panels.clear()
    for dock in page.area.docks.values() if page else ():
        panels.addAction(dock.toggleViewAction())


def set_theme(settings: Settings, choice: ThemeChoice) -> None:
    """Changes the appearance and remembers it."""
    settings.theme = choice
    theme.apply(cast(QApplication, QApplication.instance()), choice)


def _add_themes(menu: QMenu, settings: Settings) -> None:
    menu.setObjectName("menu-theme")
    group = QActionGroup(menu)
    for choice, text, icon in THEMES:
        action = group.addAction(QCoreApplication.translate("menus", text))
        action.setObjectName(f"action.theme.{choice}")
        action.setCheckable(True)
        action.setChecked(settings.theme == choice)
        icons.put(action, icon)
        action.triggered.connect(lambda _checked, chosen=choice: set_theme(settings, chosen))
        menu.addAction(action)
