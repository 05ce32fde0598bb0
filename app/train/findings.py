"""One quiet line on what keeps a network from learning; it opens to the numbers and an offer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from app.kit import icons
from app.kit.controls import dim_label
from app.kit.layouts import in_column, in_row, named
from app.kit.text import sentence
from core.messages.findings import Finding, Offer


class FindingsLine(QWidget):
    """The first finding as a line; open, all of them with their evidence.

    ``tried`` carries the offer that is to be opened beside.
    """

    tried = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findings")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._findings: tuple[Finding, ...] = ()
        self._is_wanted = True
        self._parts: list[QWidget] = []
        self._icon = QLabel(self)
        self.line = named(QLabel(self), "findings.line")
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setWordWrap(True)
        self.opener = named(QToolButton(self), "findings.open", self.tr("What was found"))
        self.opener.setText(self.tr("Why?"))
        self.opener.setToolTip(self.tr("Shows the numbers, and what may help"))
        self.opener.setCheckable(True)
        self.opener.toggled.connect(self._open)
        self._body = QWidget(self)
        self._column = in_column(into=self._body, around=(3.5, 0, 1, 0.5), apart=1)
        row = in_row(self._icon, (self.line, 1), self.opener, apart=1.5)
        in_column(row, self._body, into=self, around=(2, 0.5, 1, 0.5), apart=0.5)
        self._body.hide()
        self.hide()

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Follows the newest look; at no cost while it is the same one."""
        if findings is self._findings or findings == self._findings:
            return
        self._findings = findings
        self._show_first()
        if self.opener.isChecked():
            self._fill()
        self.setVisible(self._is_wanted and bool(findings))

    def set_wanted(self, wanted: bool) -> None:
        """Says whether the perspective in use has it."""
        self._is_wanted = wanted
        self.setVisible(wanted and bool(self._findings))

    def _show_first(self) -> None:
        if not self._findings:
            self.opener.setChecked(False)
            return
        first = self._findings[0]
        text = sentence(first.says)
        more = len(self._findings) - 1
        if more:
            text = self.tr("{finding} And %n more.", None, more).format(finding=text)
        self.line.setText(text)
        self.opener.setAccessibleDescription(text)
        colour = "warning" if first.severity == "warning" else "accent"
        self._icon.setPixmap(icons.icon(first.severity, colour).pixmap(icons.SIZE))

    def _open(self, opened: bool) -> None:
        if opened:
            self._fill()
        self._body.setVisible(opened)

    def _fill(self) -> None:
        for part in self._parts:
            part.hide()
            self._column.removeWidget(part)
            part.deleteLater()
        self._parts = [
            self._told(finding, is_first=place == 0) for place, finding in enumerate(self._findings)
        ]
        for part in self._parts:
            self._column.addWidget(part)
            part.show()

    def _told(self, finding: Finding, *, is_first: bool) -> QWidget:
        part = named(QWidget(self._body), f"findings.{finding.kind}")
        column = in_column(into=part, apart=0.25)
        if not is_first:
            title = QLabel(sentence(finding.says), part)
            title.setTextFormat(Qt.TextFormat.PlainText)
            title.setWordWrap(True)
            column.addWidget(title)
        # One label: several that wrap would share out what room there is unevenly.
        said = "\n".join(map(sentence, (finding.means, *finding.evidence)))
        told = named(dim_label(said, parent=part), "findings.told")
        told.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = in_row((told, 1), apart=2)
        if finding.offer is not None:
            row.addWidget(self._offer(finding.offer, part), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        return part

    def _offer(self, offer: Offer, part: QWidget) -> QPushButton:
        change = sentence(offer.change)
        text = self.tr("Try beside: {change}").format(change=change)
        button = named(QPushButton(text, part), "findings.try", text)
        button.setToolTip(self.tr("Opens a copy in a new tab with this one change; Undo takes it"))
        button.clicked.connect(lambda: self.tried.emit(offer))
        return button
