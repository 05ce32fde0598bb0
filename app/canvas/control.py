"""What can be done with the network on the canvas: what gestures, keys, menu and card act on."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Signal

from app.canvas.hits import Hit, hit
from app.canvas.model.colouring import Colouring
from app.canvas.model.layout import BARE_FOOT, EDGE, FOOT, HEAD, MARGIN
from app.canvas.model.state import WHOLE_AT_MOST, GraphState
from app.canvas.model.viewport import HEADING, LEGEND, WORDS, Viewport, fit, widened
from app.canvas.paint.labels import room_for_names
from app.kit import theme
from app.link.bridge import Bridge
from app.link.focus import Spot
from app.link.questioner import Questioner
from app.link.second import SecondRun
from app.link.wondering import Wondered, wondering
from core.experiment.layers import Path
from core.messages.commands import Command
from core.messages.snapshot import Snapshot
from core.sentence import Sentence


class Control(QObject):
    """Holds what the canvas shows and which part of it, and tells those who draw it.

    ``changed`` says that something else is shown, ``moved`` that it stands elsewhere on the screen,
    ``advanced`` that another snapshot is shown, and whether its step has gone on. ``card_pinned``
    carries whether the keyboard goes into the card, ``card_released`` has it put away. ``refused``
    carries why an edit cannot be made, for a line of text; None for one that can.

    Attributes:
        state: What is shown.
        viewport: Which part of it.
        focus: What is picked, for all views.
        editable: Whether layers can be added, removed, moved and changed here.
        pinned: The place that the card is pinned to; None while it follows the pointer.
    """

    changed = Signal()
    moved = Signal()
    advanced = Signal(bool)
    card_pinned = Signal(bool)
    card_released = Signal()
    refused = Signal(object)

    def __init__(self, bridge: Bridge | SecondRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self.focus = bridge, bridge.focus
        self._wondering = None if isinstance(bridge, SecondRun) else wondering(bridge)
        self.state = GraphState(bridge.snapshot)
        self.state.set_sample(self.focus.sample)
        self.viewport = Viewport()
        self.editable = False
        self.pinned: Spot | None = None
        self._size = QSize(800, 600)
        self._is_fitted = True
        self._hovered: Spot | None = None
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.focus.changed.connect(self._follow_focus)

    @property
    def snapshot(self) -> Snapshot:
        """The one that is shown."""
        return self.state.snapshot

    @property
    def questioner(self) -> Questioner:
        """What has a person work a number out."""
        return self._bridge.questioner

    @property
    def selected(self) -> Spot | None:
        """The place picked last."""
        return self.focus.selected[-1] if self.focus.selected else None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the network; at no cost where nothing of it changed."""
        before, now = self.snapshot.stepping, snapshot.stepping
        columns, shown = self.state.present(snapshot)
        if columns:
            self.release()
            self.relayout()
        if shown or columns:
            gone_on = now is not None and (before is None or before.place != now.place)
            self.advanced.emit(gone_on)
            self.changed.emit()

    def set_colouring(self, colouring: Colouring) -> None:
        """What colours stand for."""
        self.state.set_colouring(colouring)
        self.changed.emit()

    def send(self, command: Command | Sentence | None) -> None:
        """Sends a command; says a refusal instead, and nothing for nothing."""
        if isinstance(command, Sentence):
            self.refused.emit(command)
        elif command is not None:
            self.refused.emit(None)
            self._bridge.dispatch(command)

    @property
    def can_ask(self) -> bool:
        """Whether questions can be asked here: of a second run only what it holds is shown."""
        return self._wondering is not None

    def wonder(self, number: Wondered) -> None:
        """Asks why a number is what it is."""
        if self._wondering is not None:
            self._wondering.ask(number)

    def hit(self, position: QPoint) -> Hit:
        """What lies at a pixel."""
        at = position.x(), position.y()
        return Hit() if self.state.is_empty else hit(self.state.layout, self.viewport, *at)

    def set_size(self, size: QSize) -> None:
        """How many pixels there are, words and legend included."""
        self._size = size
        self.relayout()

    def fit(self) -> None:
        """Shows the whole network, and goes on doing so when the window changes its size."""
        self._is_fitted = True
        self.relayout()

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Larger or smaller around a pixel; around the middle, if none is given."""
        middle = QRect(QPoint(), self._size).center()
        at = (middle.x() if x is None else x, middle.y() if y is None else y)
        self.look(self.viewport.zoomed(factor, *at))

    def look(self, viewport: Viewport) -> None:
        """Looks at another part."""
        self._is_fitted = False
        self._move(viewport)

    def relayout(self) -> None:
        """Places everything anew in the room there is."""
        if self.state.is_empty:
            return
        viewport = self.viewport
        if self._is_fitted:
            text = theme.scale()
            words = WORDS * theme.gaps()
            across, down = self._size.width(), self._size.height() - words - LEGEND * text
            names = max(0.0, room_for_names(self.snapshot) - MARGIN)
            foot = FOOT if self.editable else BARE_FOOT
            self.state.set_room(across / text - names, down / text, foot)
            bounds = widened(self.state.layout.bounds, names)
            viewport = fit(bounds, across, down, text)
            # Small networks' headings stay readable, and so grow upwards.
            over = max(0.0, HEADING * text - (HEAD + EDGE) * viewport.scale)
            viewport = fit(bounds, across, max(down - over, 1.0), text)
            viewport = viewport.moved(0, words + over)
        self._move(viewport)

    def toggle_open(self, path: Path, *, whole: bool = False) -> None:
        """Opens a block into its strongest units, or into all of them; or closes it again."""
        index = self.state.layout.index_of(path)
        if index is None:
            return
        units = self.state.layout.columns[index].stage.units
        if whole and units <= WHOLE_AT_MOST:
            self.state.open(path, range(units))
        else:
            self.state.open(path, () if path in self.state.opened else self.state.strongest(path))
        self.relayout()

    def select(self, spot: Spot | None, *, add: bool = False) -> None:
        """Picks a place, for all views; the card stays with the place it is pinned to."""
        if spot is None or spot != self.pinned:
            self.release()
        self.focus.select(spot, add=add)

    def point(self, spot: Spot | None) -> None:
        """Says, to all views, what lies under the pointer."""
        if spot != self._hovered:
            self._hovered = spot
            self.focus.hover(spot)

    def pin(self, spot: Spot, *, with_keyboard: bool = False) -> None:
        """Keeps the card at a place, with what can be changed there."""
        self.pinned = spot
        self.card_pinned.emit(with_keyboard)

    def release(self) -> None:
        """Puts the card away, pinned or not."""
        self.pinned = None
        self.card_released.emit()

    def _move(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self.moved.emit()

    def _follow_focus(self) -> None:
        self.state.set_sample(self.focus.sample)
        self.changed.emit()
