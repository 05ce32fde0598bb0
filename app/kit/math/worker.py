"""Draws formulas beside the window, so that a step never waits for its own picture."""

from __future__ import annotations

from functools import partial
from threading import Event, Lock, Thread, current_thread, main_thread

from PySide6.QtCore import QObject, Qt, Signal

from app.kit.math import latex

_PATIENCE = 0.1
"""Seconds that it stands still at the most, should nobody release it."""


class LatexWorker(QObject):
    """One thread and a mailbox in which the newest request takes the place of the one before.

    The thread begins with a request and ends when nothing is left to draw, so an idle window has
    none. Between :meth:`hold` and :meth:`release` it begins no piece: the two threads would wait
    for each other's turns at every call.

    Attributes:
        drawn: Says in the window's thread that all pieces of the newest request are known.
    """

    drawn = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        bell = _Bell()
        box = _Mailbox(bell)
        self._box = box
        bell.rung.connect(self.drawn, Qt.ConnectionType.QueuedConnection)
        # Qt would hold a method's object weakly, and box and bell would end in their own thread.
        self.destroyed.connect(partial(_Mailbox.close, box))

    @property
    def is_busy(self) -> bool:
        """Whether its thread is at work."""
        return self._box.is_busy

    def request(self, wanted: tuple[str, ...]) -> None:
        """Draws these pieces; those of an earlier request that are not drawn yet never will be."""
        self._box.put(wanted)

    def hold(self) -> None:
        """The window begins to work."""
        self._box.free.clear()

    def release(self) -> None:
        """The window has done, and painted."""
        self._box.free.set()

    def close(self) -> None:
        """Ends the thread after the piece it is drawing; waits for it."""
        self._box.close()


class _Bell(QObject):
    """What the thread rings: nobody's child, so that it is there as long as there is a thread.

    A signal of the worker itself could be gone in the moment in which the thread emits it, since
    ``destroyed`` tells of an end that has begun already. That of what hears the bell is Qt's care.
    """

    rung = Signal()


class _Mailbox:
    """Knows nothing of the worker, so that its thread may outlive one by a moment."""

    def __init__(self, bell: _Bell) -> None:
        self._bell = bell  # not its signal, which would not keep it
        self._lock = Lock()
        self._wanted: tuple[str, ...] | None = None
        self._thread: Thread | None = None
        self._closed = False
        self.free = Event()
        self.free.set()

    @property
    def is_busy(self) -> bool:
        return self._thread is not None

    def put(self, wanted: tuple[str, ...]) -> None:
        with self._lock:
            if self._closed:
                return
            self._wanted = wanted
            if self._thread is None:
                self._thread = Thread(target=self._work, name="chainrule-formulas")
                self._thread.start()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            thread = self._thread
        self.free.set()
        # Python may collect what is left of a window in any thread; no drawing waits for another.
        if thread is not None and current_thread() is main_thread():
            thread.join()

    def _work(self) -> None:
        while (wanted := self._take()) is not None:
            for piece in wanted:
                self._give_way()
                if self._is_stale():
                    break
                latex.draw(piece)
            else:
                self._report()

    def _take(self) -> tuple[str, ...] | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            if wanted is None or self._closed:
                self._thread = None
                return None
            return wanted

    def _give_way(self) -> None:
        if not self.free.wait(_PATIENCE):
            self.free.set()  # once forgotten, not waited for again at each piece

    def _is_stale(self) -> bool:
        return self._closed or self._wanted is not None

    def _report(self) -> None:
        with self._lock:
            if not self._closed and self._wanted is None:
                self._bell.rung.emit()
