"""When formulas are drawn: once nothing is pressed, and then those that may be asked for next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.kit.math.latex import known
from app.kit.math.worker import LatexWorker
from app.link.pacing import single_shot
from core.expression.latex import pieces

if TYPE_CHECKING:
    from core.debugger.formulas.formula import Formula

_SETTLE_MS = 150
"""Drawing begins when nothing was pressed for a moment: a piece once begun cannot be put off,
and would hold up the next step, since the two share one interpreter."""
_AHEAD_MS = 250
"""How long after the last drawing the next formula is drawn, before anybody asks for it."""
_FIRST = "z"
"""Drawn for nobody, to have the font read."""


class Drawer(QObject):
    """Has formulas drawn beside the window, and stands back while it works.

    Attributes:
        ahead: Tells the formulas that may be shown next.
        drawn: What was missing is known.
    """

    drawn = Signal()

    def __init__(self, missing: Callable[[], tuple[str, ...]], card: QWidget) -> None:
        """Makes one.

        Args:
            missing: Tells the pieces that are shown and not drawn yet.
            card: What shows them.
        """
        super().__init__(card)
        self.ahead: Callable[[], Iterable[Formula]] = tuple
        self.worker = LatexWorker(self)
        self._missing, self._card = missing, card
        self._settled = single_shot(self, _SETTLE_MS, self.draw_now)
        self._idle = single_shot(self, _AHEAD_MS, self._draw_ahead)
        self._has_gone_ahead = False
        self.worker.drawn.connect(self._report)

    def warm_up(self) -> None:
        """Has what draws loaded, before the first formula is shown."""
        self._settled.start()

    def wait(self) -> None:
        """Another formula is shown: draws nothing for a moment."""
        self.worker.hold()
        self._settled.start()
        self._idle.stop()
        self._has_gone_ahead = False

    def make_way(self) -> None:
        """Draws nothing for a moment: something else is about to be computed and shown."""
        if self.worker.is_busy or self._settled.isActive():
            self.worker.hold()
            self._settled.start()

    def draw_now(self) -> None:
        """Has all drawn that is missing; where nothing is, what may come next."""
        self.worker.release()
        missing = self._missing()
        if not missing and known(_FIRST) is None:
            missing = (_FIRST,)
        if missing:
            self.worker.request(missing)
        self._report()

    def _report(self) -> None:
        self.drawn.emit()
        if not self._missing() and not self._has_gone_ahead:
            self._idle.start()

    def _draw_ahead(self) -> None:
        """Draws what is likely to be asked for next, as long as nobody asks for anything."""
        self._has_gone_ahead = True
        if not self._card.isVisible():
            return
        shown = [expr for one in self.ahead() for expr in (one.rule, one.symbols, one.numbers)]
        wanted = dict.fromkeys(piece.latex for expr in shown for piece in pieces(expr))
        missing = tuple(piece for piece in wanted if known(piece) is None)
        if missing:
            self.worker.request(missing)
