"""The strip at the bottom: a quiet word, the number of parameters, the device and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from app.views import readings

if TYPE_CHECKING:
    from core.snapshot import Snapshot

SHOWN_MS = 8000


class StatusBar(QStatusBar):
    """What is good to know and needs no answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self.parameters = QLabel(self)
        self.parameters.setObjectName("status-parameters")
        self.device = QLabel(self)
        self.device.setObjectName("status-device")
        self.addPermanentWidget(self.parameters)
        self.addPermanentWidget(self.device)

    def say(self, text: str) -> None:
        """Shows a word for a while."""
        self.showMessage(text, SHOWN_MS)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Shows the experiment in front; nothing where there is none."""
        count = snapshot.parameters if snapshot else 0
        template = self.tr("Parameters: {count}")
        text = template.format(count=readings.whole(count)) if count else ""
        if self.parameters.text() != text:
            self.parameters.setText(text)
        device = snapshot.device if snapshot else None
        if self.device.text() != (device.label if device else ""):
            self.device.setText(device.label if device else "")
        self.device.setToolTip(device.reason if device else "")
