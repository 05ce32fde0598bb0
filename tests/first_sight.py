"""How much one faces at a time: the controls and numbers in sight, but for what is painted.

``python -m tests.first_sight`` prints them for each perspective, at a first start and with *More*.
"""

from __future__ import annotations

import re

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)
NUMBER = re.compile(r"\d[\d,.]*")


def in_sight(window: QWidget, kind: type | tuple[type, ...]) -> list[QWidget]:
    """The widgets of some kinds that can be seen, not behind a tab nor scrolled away."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kind) and widget.isVisible() and not widget.visibleRegion().isEmpty()
    ]


def controls(window: QWidget) -> list[QWidget]:
    """What can be pressed, moved, chosen from or typed into; each tab that is not in front counts.

    The editor of a spin box or a combo box is a part of it.
    """
    found = [
        widget
        for widget in in_sight(window, CONTROLS)
        if not isinstance(widget, QScrollBar)
        and not isinstance(widget.parentWidget(), (QAbstractSpinBox, QComboBox))
    ]
    tabs = [bar for bar in in_sight(window, QTabBar) for _ in range(1, bar.count())]
    return [*found, *tabs]


def numbers(window: QWidget) -> list[str]:
    """The numbers written in labels and fields."""
    labels = [label.text() for label in in_sight(window, QLabel)]
    fields = [field.text() for field in in_sight(window, QLineEdit)]
    return [number for text in (*labels, *fields) for number in NUMBER.findall(text)]


def main() -> None:
    """Counts in the real window."""
    import tempfile

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from app.bootstrap import load_behind
    from app.kit import theme
    from app.window.main_window import MainWindow
    from app.window.perspectives import PERSPECTIVES
    from app.window.settings import Settings
    from tests.look import trained, wait_until

    application = QApplication([])
    theme.apply(application, "light")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat))
        window = MainWindow(settings)
        window.experiments.asks = False
        loader = load_behind(window)
        window.show()
        wait_until(lambda: window.snapshot and window.snapshot.state.name == "READY")
        for moment in ("at the start", "after 300 steps"):
            for more in (False, True):
                for perspective in PERSPECTIVES:
                    settings.set_more(perspective.id, on=more)
                    window.experiments.show_perspective(perspective.id)
                    for _ in range(20):
                        QApplication.processEvents()
                    counted = len(controls(window)), len(numbers(window))
                    words = "with More" if more else "at first"
                    print(
                        f"{moment:16} {words:10} {perspective.id:8} {counted[0]:3} {counted[1]:3}"
                    )
            if moment == "at the start":
                trained(window, 300)
        window.close()
        loader.stop()


if __name__ == "__main__":
    main()
