"""The strip above a broken experiment: says so, takes an answer, and repairs what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.kit import icons, theme
from app.kit.controls import Combo, Restyled, dim_label, put_line
from app.kit.labels import ElidedLabel
from app.kit.layouts import in_column, in_row, named
from app.kit.text import sentence, translated
from app.link.operations import phase_name
from app.link.spots import sample_in, shown_index
from app.step.lab.answering import AnswerRead, read_answer
from app.step.lab.lines import CodeLines
from app.step.words import entry_name
from core.debugger.formulas.comparing import Comparison, compared
from core.messages.edits import repair
from core.messages.record import Entry, Stepping
from core.presets.lab import plausible

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.experiment.faults.fault import Fault
    from core.experiment.spec import ExperimentSpec
    from core.messages.snapshot import Snapshot


class LabStrip(Restyled):
    """There while the experiment is broken, and until it was repaired and goes its own way.

    ``another_wanted`` carries the kind of the fault after which the next is wanted.

    Attributes:
        offered: The faults to choose from.
    """

    another_wanted = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lab")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._case: ExperimentSpec | None = None
        self._shown: tuple[object, ...] = ()
        self._is_wanted = False
        self._marked: Entry | None = None
        self._comparison: Comparison | None = None
        self._verdict: AnswerRead | None = None
        self.offered: tuple[type[Fault], ...] = ()
        self._make_parts()
        self._lay_out()
        self._restyle()
        self.hide()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.focus.changed.connect(self._refocus)
        self.show_snapshot(bridge.snapshot)

    @property
    def is_solved(self) -> bool:
        """Whether the fault was found."""
        return self._verdict is not None and self._verdict.is_solved

    def set_wanted(self, wanted: bool) -> None:
        """Says whether the perspective in use steps; elsewhere only the warning stands."""
        self._is_wanted = wanted
        self._shown = ()
        self.show_snapshot(self._bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the experiment and the cursor; a sound experiment costs nothing."""
        spec = snapshot.spec
        if spec.fault is None and self._case is None:
            return
        focus = self._bridge.focus
        shown = (spec, snapshot.stepping, focus.sample, focus.selected)
        if shown == self._shown:
            return
        self._shown = shown
        if spec.fault is not None and (self._case is None or spec.fault != self._case.fault):
            self._begin()
        if spec.fault is not None:
            self._follow_case(spec)
        is_repaired = spec.fault is None and self._is_case_repaired(spec)
        self.setVisible(spec.fault is not None or is_repaired)
        self._compare(snapshot.stepping if spec.fault is not None else None)
        self._show_all(is_repaired=is_repaired)

    def _follow_case(self, spec: ExperimentSpec) -> None:
        if self._case is spec:
            return
        self._case = spec
        offered = plausible(spec)
        if offered == self.offered:
            return
        self.offered = offered
        self.choice.clear()
        for fault in offered:
            self.choice.addItem(translated(fault.label))
            tip = translated(fault.shows)
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.setCurrentIndex(-1)

    def _is_case_repaired(self, spec: ExperimentSpec) -> bool:
        case = self._case
        return case is not None and spec == case.model_copy(update={"fault": None})

    def _begin(self) -> None:
        """Another fault: nothing is marked yet."""
        self._marked = self._verdict = None
        self.offered = ()

    def _compare(self, stepping: Stepping | None) -> None:
        entry = stepping.entry if stepping is not None else None
        self._comparison = None
        if stepping is None or entry is None or not self._is_wanted:
            return
        focus, record = self._bridge.focus, stepping.record
        index = shown_index(entry, stepping.index, focus)
        self._comparison = compared(record, entry, index, sample_in(record, focus.sample))

    def _mark(self) -> None:
        stepping = self._bridge.snapshot.stepping
        if stepping is None or stepping.entry is None:
            return
        self._marked = stepping.entry
        self._follows = self._comparison is None or not self._comparison.off
        self._verdict = None
        self._show_all(is_repaired=False)
        self.choice.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self) -> None:
        self._verdict = None
        self._show_all(is_repaired=False)

    def _check(self) -> None:
        case, place = self._case, self.choice.currentIndex()
        if case is None or case.fault is None or self._marked is None or place < 0:
            return
        chosen, layers = self.offered[place], len(case.layers)
        self._verdict = read_answer(case.fault, layers, self._marked, chosen, follows=self._follows)
        self._show_all(is_repaired=False)
        if self.is_solved:
            self.repair.setFocus(Qt.FocusReason.OtherFocusReason)

    def _repair(self) -> None:
        self._bridge.dispatch(repair())

    def _go_on(self) -> None:
        case = self._case
        if case is not None and case.fault is not None:
            self.another_wanted.emit(case.fault.kind)

    def _show_all(self, *, is_repaired: bool) -> None:
        asks = self._is_wanted and not self.is_solved and not is_repaired
        solved = self.is_solved and not is_repaired
        self._show_icon("check" if solved or is_repaired else "warning")
        put_line(self.line, self._first_line(is_repaired=is_repaired))
        put_line(self.numbers, sentence(self._comparison.sentence) if self._comparison else "")
        self.numbers.setVisible(asks)
        for part in (self.mark, self.marked, self.choice, self.check):
            part.setVisible(asks)
        self.mark.setEnabled(self._comparison is not None)
        self.marked.show_text(self._marked_text())
        self.choice.setEnabled(self._marked is not None)
        self.check.setEnabled(self._marked is not None and self.choice.currentIndex() >= 0)
        said = self._verdict.sentences if asks and self._verdict else ()
        put_line(self.verdict, " ".join(map(sentence, said)))
        if solved and self._case is not None and self._case.fault is not None:
            self.lines.show_fault(self._case.fault)
        self.lines.setVisible(solved and self._is_wanted)
        self.repair.setVisible(solved and self._is_wanted)
        in_lesson = bool(self._bridge.stage.columns)  # which goes on by itself
        self.another.setVisible(((solved and self._is_wanted) or is_repaired) and not in_lesson)

    def _first_line(self, *, is_repaired: bool) -> str:
        if is_repaired:
            return self.tr("Repaired: the code is sound, and begins anew. Undo breaks it again.")
        if not self._is_wanted:
            return self.tr("This experiment is broken on purpose. Find its fault in Step.")
        case = self._case
        if self.is_solved and case is not None and case.fault is not None:
            found = self.tr("Found: {fault}. {what}")
            label, what = translated(case.fault.label), translated(case.fault.description)
            return found.format(fault=label, what=what)
        return self.tr(
            "Something here is broken. Step through it: does each number follow its rule, and is "
            "what goes in as it should be? Mark the operation at fault."
        )

    def _marked_text(self) -> str:
        if self._marked is None:
            return self.tr("Nothing is marked yet.")
        text = self.tr("Marked: {phase} · {operation}")
        phase = phase_name(self._marked.phase)
        return text.format(phase=phase, operation=entry_name(self._marked))

    def _refocus(self) -> None:
        self.show_snapshot(self._bridge.snapshot)

    def _make_parts(self) -> None:
        self._follows, self._icon_name = True, "warning"
        self._icon = QLabel(self)
        self.line = named(QLabel(self), "lab.line")
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setWordWrap(True)
        self.numbers = named(QLabel(self), "lab.numbers", self.tr("By its rule, and as computed"))
        self.numbers.setTextFormat(Qt.TextFormat.PlainText)
        self.mark = named(QPushButton(self.tr("Mark this operation"), self), "lab.mark")
        self.mark.setToolTip(self.tr("Say that the operation where you stand is the one at fault"))
        self.mark.clicked.connect(self._mark)
        self.marked = ElidedLabel("lab.marked", self)
        self.choice = named(Combo(self), "lab.choice", self.tr("Which fault is it?"))
        self.choice.setToolTip(self.tr("What the operation that you marked does wrong"))
        self.choice.setPlaceholderText(self.tr("Which fault is it?"))
        self.choice.activated.connect(self._choose)
        self.check = named(QPushButton(self.tr("Check"), self), "lab.check")
        self.check.setToolTip(self.tr("See whether operation and fault are the right ones"))
        self.check.clicked.connect(self._check)
        self.verdict = named(dim_label(parent=self), "lab.verdict")
        self.lines = CodeLines(self)
        self.repair = named(QPushButton(self.tr("Repair"), self), "lab.repair")
        self.repair.setToolTip(self.tr("Put the sound line in its place, and begin anew"))
        self.repair.clicked.connect(self._repair)
        self.another = named(QPushButton(self.tr("Another"), self), "lab.another")
        self.another.setToolTip(self.tr("Open the next broken experiment in a new tab"))
        self.another.clicked.connect(self._go_on)

    def _lay_out(self) -> None:
        for part in (self.numbers, self.marked):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        first = in_row(self._icon, (self.line, 1), self.repair, self.another, apart=1.5)
        first.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        answer = in_row(self.mark, (self.marked, 2), (self.choice, 3), self.check, apart=1)
        parts = (self.numbers, answer, self.verdict, self.lines)
        below = in_column(*parts, around=(4, 0, 0, 0), apart=0.5)
        in_column(first, below, into=self, around=(2, 0.75, 1.5, 0.75), apart=0.5)

    def _show_icon(self, name: str) -> None:
        self._icon_name = name
        colour = "warning" if name == "warning" else "accent"
        self._icon.setPixmap(icons.icon(name, colour).pixmap(icons.SIZE))

    def _restyle(self) -> None:
        self._show_icon(self._icon_name)
        self.numbers.setFont(theme.number_font())
