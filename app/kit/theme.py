"""Every colour, space and duration of the window, light and dark, and nowhere else.

A view that paints with tokens refreshes itself when they change: Qt sends every widget a
``PaletteChange`` event then, upon which such a view (:class:`app.kit.controls.Restyled`) builds
its pens and pictures anew from ``current()``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle

GRID = 8
"""Pixels: every margin, gap and fixed size is a multiple or a half of it."""

BODY_POINTS = 9.75
LARGE_POINTS = 15.0
"""The two type sizes: everything, and the few things read from afar."""

RESOURCES = Path(__file__).parents[2] / "resources"
STYLESHEET, ICONS = RESOURCES / "styles" / "chainrule.qss", RESOURCES / "icons"

SMALLEST_SCALE, LARGEST_SCALE = 0.8, 2.5
"""The least and the most that text, and all that is measured by it, is made of its own size."""
_SCALE, _FACE = "chainruleScale", "chainrulePoints"

ANIMATION_MS = 180
"""How long something moves that shows where it went."""


@dataclass(frozen=True)
class Theme:
    """The tokens of one appearance, as ``#rrggbb``.

    Blue and orange (``positive``, ``negative``) stand for a number's sign alone; ``train`` and
    ``test`` are the two lines of every curve; ``accent`` marks what can be clicked;
    ``hover`` lies under the pointer and ``disabled`` is what cannot be used now. ``runners`` are
    those of a race, eight colours that can be told apart with any kind of colour vision and are
    neither the sign's blue and orange nor the accent.
    """

    dark: bool
    window: str
    surface: str
    sunken: str
    line: str
    text: str
    text_dim: str
    accent: str
    on_accent: str
    positive: str
    negative: str
    train: str
    test: str
    good: str
    warning: str
    error: str
    hover: str
    disabled: str
    runners: tuple[str, ...]


LIGHT = Theme(
    dark=False,
    window="#f4f5f7",
    surface="#ffffff",
    sunken="#eceef1",
    line="#d9dce1",
    text="#1c2026",
    text_dim="#5d6673",
    accent="#5b4bd6",
    on_accent="#ffffff",
    positive="#0877bd",
    negative="#e8710a",
    train="#7a5af0",
    test="#0f9d8a",
    good="#1a7f4b",
    warning="#9a6700",
    error="#c2333c",
    hover="#e6e8ec",
    disabled="#a9b0ba",
    runners=(
        "#a8106f", "#1a9a63", "#bd9000", "#0c1b2e", "#00a3b8", "#f4669f", "#3b6300", "#701c10",
    ),
)  # fmt: skip

DARK = Theme(
    dark=True,
    window="#16181d",
    surface="#1e2128",
    sunken="#121418",
    line="#31363f",
    text="#e6e9ee",
    text_dim="#98a2b0",
    accent="#8f82ff",
    on_accent="#14121f",
    positive="#4aa8e8",
    negative="#f59342",
    train="#a18cff",
    test="#35c9b2",
    good="#4cc38a",
    warning="#e2b340",
    error="#ff6b74",
    hover="#2a2e37",
    disabled="#5b6470",
    runners=(
        "#f04fb5", "#3cca6e", "#f5d53a", "#e8f4fb", "#2fd4ea", "#ff9fc0", "#5c9430", "#a86076",
    ),
)  # fmt: skip


def current() -> Theme:
    """The theme in use: the application's, which follows the system unless the person chose."""
    application = QApplication.instance()
    chosen = application.property("chainruleTheme") if application else None
    if chosen in ("light", "dark"):
        return DARK if chosen == "dark" else LIGHT
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply(application: QApplication, choice: str = "system") -> None:
    """Dresses the application, and from then on follows the system where the choice says so.

    Args:
        application: The one there is.
        choice: ``system``, ``light`` or ``dark``.
    """
    first = application.property("chainruleTheme") is None
    application.setProperty("chainruleTheme", choice)
    if first:
        # Without it no widget that the stylesheet has touched follows another size of the font.
        application.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        application.setStyle("Fusion")
        application.setProperty(_FACE, max(application.font().pointSizeF(), BODY_POINTS))
        set_scale(application, scale())
        application.styleHints().colorSchemeChanged.connect(lambda _: _dress(application))
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    # Tells the platform too, so that title bars and native dialogs agree.
    application.styleHints().setColorScheme(scheme.get(choice, Qt.ColorScheme.Unknown))
    _dress(application)


def scale() -> float:
    """How large text is, of its own size: the one factor that fonts, gaps and icons follow."""
    application = QApplication.instance()
    chosen = application.property(_SCALE) if application else None
    return float(chosen) if chosen else 1.0


def set_scale(application: QApplication, factor: float) -> None:
    """Makes text larger or smaller; each room of the window follows (:mod:`app.kit.scaling`)."""
    factor = min(max(factor, SMALLEST_SCALE), LARGEST_SCALE)
    application.setProperty(_SCALE, factor)
    font = application.font()
    font.setPointSizeF(float(application.property(_FACE) or BODY_POINTS) * factor)
    application.setFont(font)


def points(size: float) -> float:
    """A size of type as it is now, of the one that it has at 100 %."""
    return size * scale()


def _dress(application: QApplication) -> None:
    theme = current()
    # The stylesheet last: it makes every widget look at the palette again.
    application.setPalette(palette(theme))
    application.setStyleSheet(stylesheet(theme))


def stylesheet(theme: Theme) -> str:
    """resources/styles/chainrule.qss with the theme's tokens filled in."""
    check = ICONS / f"check-on-{'dark' if theme.dark else 'light'}.svg"
    return Template(STYLESHEET.read_text("utf-8")).substitute(asdict(theme), check=check.as_posix())


def animation_ms() -> int:
    """How long an animation takes: none where the system asks for reduced motion."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return ANIMATION_MS if QApplication.style().styleHint(hint) > 0 else 0


def space(units: float = 1) -> int:
    """So many units of the grid, in pixels, at the text's size."""
    return round(GRID * units * scale())


def gaps(text: float | None = None) -> float:
    """How large gaps are, of their own size: half as fast as text grows, since room is scarce.

    Args:
        text: The scale of the text; the one in use where none is given.
    """
    text = scale() if text is None else text
    return 1 + (text - 1) / 2 if text > 1 else text


def gap(units: float = 1) -> int:
    """So many units of the grid between two things, in pixels, at the text's size."""
    return round(GRID * units * gaps())


def number_font(points: float | None = None) -> QFont:
    """The monospaced face that numbers stand in, so that they do not dance as they change."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points or QApplication.font().pointSizeF())
    return font


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for everything that the stylesheet does not name."""
    result, part = QPalette(), QPalette.ColorRole
    roles = {
        part.Window: theme.window,
        part.WindowText: theme.text,
        part.Base: theme.surface,
        part.AlternateBase: theme.sunken,
        part.Text: theme.text,
        part.PlaceholderText: theme.text_dim,
        part.Button: theme.surface,
        part.ButtonText: theme.text,
        part.ToolTipBase: theme.surface,
        part.ToolTipText: theme.text,
        part.Highlight: theme.accent,
        part.HighlightedText: theme.on_accent,
        part.Link: theme.accent,
        part.Accent: theme.accent,
    }
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    for role in (part.WindowText, part.Text, part.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return result
