"""Which number a person asks about in some view: why is it what it is?"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from app.link.bridge import Bridge


@dataclass(frozen=True)
class Wondered:
    """A number by its array.

    Attributes:
        key: As core.messages.record names it: ``a:0``, ``d:p:0.weight``; ``p:0.weight`` for the
            weight itself, as it is now.
        index: Where in it, without the sample.
    """

    key: str
    index: tuple[int, ...]


class Wondering(QObject):
    """Hands a question from the view it is asked in to the panel that answers; owned by the bridge.

    ``wanted`` says that a person has asked, and waits for the answer. Made by :func:`wondering`,
    one a bridge.

    Attributes:
        number: What is asked about; None for the number that the cursor stands at.
    """

    wanted = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self.number: Wondered | None = None

    def ask(self, number: Wondered | None) -> None:
        """Asks about a number, and has the answer shown."""
        self.number = number
        self.wanted.emit()

    def forget(self) -> None:
        """Goes back to the number at the cursor."""
        self.number = None


def wondering(bridge: Bridge) -> Wondering:
    """What is asked in an experiment's views."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return bridge.findChild(Wondering, options=direct) or Wondering(bridge)
