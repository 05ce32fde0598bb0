"""How an experiment is trained: one form a part of the description, drawn from its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QScrollArea, QWidget

from app.build.augmentation_form import AugmentationForm
from app.build.summaries import augmentation_text, run_text, stop_text, training_text
from app.build.switch_note import SwitchNote
from app.kit import theme
from app.kit.controls import scroll_upright
from app.kit.forms.choice_form import ChoiceForm
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from app.kit.forms.sliders import RATE_RANGE, LogEditor, is_off
from app.kit.layouts import in_column
from app.kit.more import behind_more
from app.kit.numbers import short_number, whole
from app.kit.scaling import as_picture
from app.kit.sections import Section, SectionHeader
from app.kit.text import label_of, told, translated
from app.link.bridge import Bridge
from core.catalog.base import Choice, Model
from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.catalog.optimizers.switching import switched
from core.catalog.schedules import Schedule
from core.data.base import DataSource
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.messages import edits
from core.messages.commands import Edit
from core.messages.events import Refused
from core.messages.snapshot import DataSummary, DeviceReport, Snapshot
from core.messages.surface_views import Survey

LIMITS = replace(
    PLAIN,
    first={
        "steps": 1000,
        "target_accuracy": 0.95,
        "target_loss": 0.01,
        "patience": 3,
        "samples": 10_000,
        "test_samples": 2_000,
    },
)
"""Of optional limits: what each starts with when it is switched on."""

FIRST_PARTS = ("data", "augmentation")
"""What one begins with; the others come with *More*."""

PARTS = ("optimizer", "schedule", "training", "data", "augmentation", "loss", "stop")


@dataclass(frozen=True)
class _Part:
    """A part of the description in the panel."""

    form: ChoiceForm | ModelForm
    header: SectionHeader
    edit: Callable[[Any], Edit]
    summary: Callable[[Any], str]


class TrainingPanel(QScrollArea):
    """Every setting of a run; each edit is sent at once."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training")
        self._bridge = bridge
        self._spec: ExperimentSpec | None = None
        self._snapshot: Snapshot | None = None
        self._sent_data: DataSource | None = None
        self._run: ExperimentSpec | None = None
        self._parts: dict[str, _Part] = {}
        self._opened_with = bridge.snapshot.spec.optimizer
        self.switch_note = SwitchNote()
        self.switch_note.rate_asked.connect(self._take_rate)
        self._column = in_column(around=(2, 0, 2, 2), apart=0)
        self._add_rules()
        self._add_aims()
        self._column.addStretch(1)
        content = QWidget()
        content.setLayout(self._column)
        scroll_upright(self, content)
        as_picture(self).setMinimumWidth(theme.gap(38))
        bridge.snapshot_changed.connect(self.present)
        bridge.event_received.connect(self._event)
        bridge.survey_changed.connect(self._show_stable_rate)
        self.present(bridge.snapshot)

    def present(self, snapshot: Snapshot) -> None:
        """Shows what changed; next to nothing where nothing did."""
        before = self._snapshot
        self._snapshot = snapshot
        if snapshot.spec is not self._spec:
            self._show_spec(snapshot.spec, self._spec)
        if before is None or snapshot.data is not before.data:
            self._form("loss").refresh_allowed()
            self._show_balance_rule(snapshot.data)
        if before is None or snapshot.device != before.device:
            self._show_device(snapshot.device)
        self.augmentation.follow(snapshot)
        self._augmented.setVisible(self.augmentation.is_of_use(snapshot))
        self._show_rate(snapshot)

    def _add_rules(self) -> None:
        """How it learns."""
        rate = {"learning_rate": RATE_RANGE}
        style = replace(PLAIN, sliders=rate, comes_with=self._switched)
        form: ChoiceForm | ModelForm = ChoiceForm(Optimizer, "training.optimizer", style)
        tip = self.tr("The rule by which gradients move the weights.")
        entered = partial(edits.set_optimizer, by_hand=True)
        self._add("optimizer", self.tr("Optimizer"), tip, form, entered, below=self.switch_note)
        form = ChoiceForm(Schedule, "training.schedule", PLAIN)
        tip = self.tr("How the learning rate moves over the run.")
        self._add("schedule", self.tr("Schedule"), tip, form, edits.set_schedule)
        form = ModelForm(Training, "training.batch", LIMITS)
        tip = self.tr("How many samples a step sees, and what keeps weights and gradients small.")
        title = self.tr("Batch & regularisation")
        self._add("training", title, tip, form, edits.set_training, summary=self._batch_text)

    def _batch_text(self, training: Training) -> str:
        full = self._spec is not None and self._spec.optimizer.full_batch
        return training_text(training, full_batch=full)

    def _add_aims(self) -> None:
        """From what it learns, to what end, how long and where."""
        everything = {None: self.tr("All")}
        folder = {None: self.tr("Chainrule's copy")}
        labels = {"samples": everything, "test_samples": everything, "folder": folder}
        data = ChoiceForm(DataSource, "training.data", replace(LIMITS, labels=labels))
        tip = self.tr("What the network learns from.")
        self._add("data", self.tr("Data"), tip, data, edits.set_data)
        self._add_augmentation()
        loss = ChoiceForm(Loss, "training.loss", replace(PLAIN, forbids=self._why_no_loss))
        tip = self.tr("The number that learning makes small.")
        self._add("loss", self.tr("Loss"), tip, loss, edits.set_loss)
        stop = ModelForm(Stop, "training.stop", LIMITS)
        tip = self.tr("The first of these that holds ends the run.")
        self._add("stop", self.tr("Stop when"), tip, stop, edits.set_stop, summary=stop_text)
        devices = {"auto": self.tr("Auto"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
        style = replace(PLAIN, labels={"device": devices})
        run = ModelForm(ExperimentSpec, "training.run", style, only=("seed", "device"))
        tip = self.tr("The start of all randomness, and what computes.")
        self._add("run", self.tr("Seed & device"), tip, run, self._run_edit, summary=run_text)

    def _add_augmentation(self) -> None:
        """How training pictures are changed, with some of them to look at."""
        self.augmentation = form = AugmentationForm()
        tip = self.tr(
            "Shows every training picture a little changed, each epoch anew, so that the network "
            "learns to read other hands too."
        )
        title, text, edit = self.tr("Augmentation"), augmentation_text, edits.set_augmentation
        self._augmented = self._add(
            "augmentation", title, tip, form, edit, summary=text, below=form.examples
        )

    def _add(
        self,
        name: str,
        title: str,
        tip: str,
        form: ChoiceForm | ModelForm,
        edit: Callable[[Any], Edit],
        *,
        summary: Callable[[Any], str] = label_of,
        below: QWidget | None = None,
    ) -> Section:
        """Puts a part below the others."""
        body: QWidget = form
        if below is not None:
            body = QWidget(self)
            in_column(form, below, into=body, apart=0)
        section = Section(title, form.objectName(), body, name == "optimizer", tip)
        form.edited.connect(lambda model, gesture: self._send(name, model, gesture))
        if name not in FIRST_PARTS:
            behind_more(section)
        self._column.addWidget(section)
        self._parts[name] = _Part(form, section.header, edit, summary)
        return section

    def _send(self, part: str, model: Any, gesture: object) -> None:
        """Sends a part's edit, with the number of its gesture."""
        if part == "data":
            self._sent_data = model
        if part == "optimizer":
            self._tell_of_switch(model)
        number = gesture if isinstance(gesture, int) else None
        self._show_summary(part, model)
        self._bridge.dispatch(replace(self._parts[part].edit(model), gesture=number))

    def _switched(self, _before: Choice | None, entry: type[Choice]) -> Choice:
        """Another optimizer as it comes: a person's values stay, the others are its own."""
        assert issubclass(entry, Optimizer)
        pinned = self._spec.pinned if self._spec is not None else {}
        return switched(entry, pinned, self._opened_with)

    def _tell_of_switch(self, model: Optimizer) -> None:
        before = self._spec.optimizer if self._spec is not None else model
        if type(before) is type(model):
            self.switch_note.leave()
        else:
            own = switched(type(model), {}, self._opened_with)
            self.switch_note.tell(before, model, own)

    def _take_rate(self, optimizer: Optimizer, is_own: bool) -> None:
        self._bridge.dispatch(edits.set_optimizer(optimizer, by_hand=is_own))

    def _run_edit(self, spec: ExperimentSpec) -> Edit:
        """The one of both that differs from what was last shown or sent."""
        before, self._run = self._run, spec
        if before is not None and spec.seed == before.seed:
            return edits.set_device(spec.device)
        return edits.set_seed(spec.seed)

    def _show_spec(self, spec: ExperimentSpec, before: ExperimentSpec | None) -> None:
        self._spec = spec
        self.switch_note.follow(spec.optimizer)
        for part in PARTS:
            if before is None or getattr(spec, part) is not getattr(before, part):
                self._show_part(part, spec)
        self._show_run(spec)
        if self._sent_data is not None and spec.data == self._sent_data:
            self._sent_data = None
        self._show_batch_rule(spec.optimizer)
        self._show_stable_rate(self._bridge.survey)  # another optimizer has a slider of its own

    def _show_part(self, part: str, spec: ExperimentSpec) -> None:
        model = getattr(spec, part)
        self._form(part).show_model(model)
        self._show_summary(part, model)

    def _show_run(self, spec: ExperimentSpec) -> None:
        self._run = spec
        self._form("run").show_model(spec)
        self._show_summary("run", spec)

    def _form(self, part: str) -> Any:
        return self._parts[part].form

    def _show_summary(self, part: str, model: Model) -> None:
        self._parts[part].header.set_summary(self._parts[part].summary(model))

    def _show_batch_rule(self, optimizer: Optimizer) -> None:
        """An optimizer that looks at all samples leaves no batch size to choose."""
        rule = self.tr("{optimizer} takes the whole set at each step.")
        reason = rule.format(optimizer=label_of(optimizer)) if optimizer.full_batch else ""
        self._form("training").enable("batch_size", reason)
        if self._spec is not None:
            self._show_summary("training", self._spec.training)

    def _show_balance_rule(self, data: DataSummary | None) -> None:
        """Numbers have no classes that could be balanced."""
        is_of_numbers = data is not None and data.task == "regression"
        reason = self.tr("The targets of this data are numbers.") if is_of_numbers else ""
        self._form("training").enable("balanced", reason)

    def _show_rate(self, snapshot: Snapshot) -> None:
        """The rate in force, where the schedule has moved it away from the one chosen."""
        form = self._form("optimizer").form
        if form is None:
            return
        rate, chosen = snapshot.progress.learning_rate, snapshot.spec.optimizer.learning_rate
        text = ""
        if rate > 0 and abs(rate - chosen) > 1e-6 * chosen:
            text = self.tr("Now {rate}, after the schedule.").format(rate=short_number(rate))
        form.note("learning_rate", text)

    def _show_stable_rate(self, survey: Survey) -> None:
        """Marks the largest rate at which plain gradient descent stays in its valley."""
        form = self._form("optimizer").form
        editor = form.editor("learning_rate") if form is not None else None
        if not isinstance(editor, LogEditor):
            return
        sharpness = survey.sharpness
        rate = sharpness.stable_rate if sharpness is not None else None
        tip = ""
        if sharpness is not None and rate is not None:
            tip = self._stable_tip(rate).format(rate=short_number(rate), step=whole(sharpness.step))
        editor.set_mark(rate, tip)

    def _stable_tip(self, rate: float) -> str:
        if is_off(rate, *RATE_RANGE):
            return self.tr(
                "Beyond the slider's end, where the arrow points: 2/λ = {rate}, the largest rate "
                "at which plain gradient descent is stable where the network stood at step {step}."
            )
        return self.tr(
            "Marked: 2/λ = {rate}, the largest rate at which plain gradient descent is stable "
            "where the network stood at step {step}."
        )

    def _show_device(self, device: DeviceReport | None) -> None:
        text = ""
        if device is not None:
            text = f"{device.label}: {translated(device.reason)}" if device.reason else device.label
        self._form("run").note("device", text)

    def _why_no_loss(self, _field: str, entry: type[Choice]) -> str:
        data = self._snapshot.data if self._snapshot is not None else None
        if data is None or not issubclass(entry, Loss) or data.task in entry.tasks:
            return ""
        if data.task == "regression":
            return self.tr("It needs classes, and the targets of this data are numbers.")
        return self.tr("It needs numbers, and the targets of this data are classes.")

    def _event(self, event: object) -> None:
        """What was refused goes back to what is in force; a file's name stays, to be mended."""
        if not isinstance(event, Refused) or self._spec is None:
            return
        data = self._form("data")
        wrong_file = self._sent_data is not None and data.form is not None and data.form.path_field
        self._sent_data = None
        self.switch_note.leave()
        for part in PARTS:
            if not (part == "data" and (wrong_file or data.unfinished)):
                self._show_part(part, self._spec)
        self._show_run(self._spec)
        if wrong_file:
            data.form.complain(wrong_file, told(event.reason))
