"""The form of the loss surface: each choice asks for another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStyleOptionComboBox,
)

from app.kit.controls import Combo
from app.link.focus import Spot
from app.link.parameter_rows import ParameterRows
from app.surface.map.view import SurfaceMap
from app.surface.panel import SurveyPanel
from app.surface.relief.view import Surface3D
from core.messages.curves import Curves
from core.messages.race import Contest
from core.messages.snapshot import Branch, KeptSteps, Values
from core.messages.surface_commands import (
    AtStep,
    BranchEnd,
    DescentPlane,
    Now,
    Number,
    PrincipalPlane,
    RandomPlane,
    RunnerEnd,
    ShowSurface,
    StatesPlane,
    WeightsPlane,
)
from core.messages.surface_views import Sharpness, Survey
from core.presets import PRESETS
from core.sentence import Sentence
from tests.app.contests import ADAM, GD, race, runner
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.landscapes import plane_of, surface_of, survey_of


def with_values(name: str = "xor-2-2-1"):
    snapshot = snapshot_of(PRESETS[name].spec)
    shapes = {"0.weight": (2, 2), "0.bias": (2,), "1.weight": (1, 2), "1.bias": (1,)}
    values = Values(0, {key: np.zeros(shape, np.float32) for key, shape in shapes.items()}, {})
    timeline = KeptSteps(0, 120, np.arange(0, 121, 40), 1000, 10**6, (Branch(1, 60, Curves()),))
    return replace(snapshot, values=values, timeline=timeline)


@pytest.fixture
def bridge():
    return FakeBridge(with_values())


@pytest.fixture
def panel(qtbot, bridge):
    panel = SurveyPanel(bridge)
    qtbot.addWidget(panel)
    bridge.surface_choice.watch(panel)
    panel.resize(328, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    bridge.present(replace(bridge.snapshot, version=2))
    return panel


def choose(combo: QComboBox, index: int) -> None:
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def find(panel: SurveyPanel, kind: type, name: str):
    found = panel.findChild(kind, name)
    assert found is not None, name
    return found


def asked(bridge: FakeBridge):
    sent = [command for command in bridge.sent if isinstance(command, ShowSurface)]
    return sent[-1].request


def test_the_landscape_is_surveyed_while_somebody_looks_and_no_longer(bridge, panel) -> None:
    assert asked(bridge) == bridge.surface_choice.request
    panel.hide()
    assert asked(bridge) is None


@pytest.mark.parametrize(
    ("index", "plane"),
    [
        (1, PrincipalPlane()),
        (2, WeightsPlane(Number("0.weight", (0, 0)), Number("0.weight", (0, 1)))),
        (3, StatesPlane(AtStep(0))),
        (4, DescentPlane()),
    ],
)
def test_each_kind_of_plane_can_be_chosen(bridge, panel, index: int, plane: object) -> None:
    choose(find(panel, QComboBox, "survey.plane"), index)
    assert asked(bridge).plane == plane
    assert asked(bridge).window is None


def test_two_others_draws_another_pair_of_directions(bridge, panel) -> None:
    find(panel, QPushButton, "survey.another").click()
    assert asked(bridge).plane == RandomPlane(1)
    find(panel, QSpinBox, "survey.seed").setValue(7)
    assert asked(bridge).plane == RandomPlane(7)


def test_the_two_weights_picked_on_the_network_span_the_plane(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 2)
    bridge.focus.select(Spot((0,), 1, source=0))
    bridge.focus.select(Spot((1,), 0, source=1), add=True)
    find(panel, QPushButton, "survey.picked").click()
    expected = WeightsPlane(Number("0.weight", (1, 0)), Number("1.weight", (0, 1)))
    assert asked(bridge).plane == expected


def test_a_number_can_be_picked_by_parameter_and_place(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 2)
    choose(find(panel, QComboBox, "survey.first.parameter"), 2)
    assert asked(bridge).plane.first == Number("1.weight", (0, 0))
    place = find(panel, QLineEdit, "survey.first.place")
    place.setText("1, 2")
    place.editingFinished.emit()
    assert asked(bridge).plane.first == Number("1.weight", (0, 1))


@pytest.mark.parametrize("typed", ["1, 3", "x", "", "0, 1", "1"])
def test_a_place_that_is_not_there_stays_as_typed_with_the_reason(
    bridge, panel, typed: str
) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 2)
    before = asked(bridge)
    place = find(panel, QLineEdit, "survey.second.place")
    place.setText(typed)
    place.editingFinished.emit()
    assert place.text() == typed
    assert asked(bridge) is before
    reasons = [label.text() for label in place.parent().findChildren(QLabel)]
    assert any("1–2" in reason for reason in reasons)


def test_a_plane_can_go_through_a_step_and_through_another_runs_end(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 3)
    across = find(panel, QComboBox, "survey.across")
    choose(across, 2)
    step = find(panel, QSpinBox, "survey.across.step")
    assert step.isVisible()
    assert step.maximum() == 120
    step.setValue(80)
    upwards = find(panel, QComboBox, "survey.upwards")
    choose(upwards, upwards.findText("End of run 1"))
    assert asked(bridge).plane == StatesPlane(AtStep(80), BranchEnd(1))


def test_the_centre_can_be_a_step_of_the_run(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.centre"), 1)
    assert asked(bridge).centre == AtStep(0)
    choose(find(panel, QComboBox, "survey.centre"), 0)
    assert asked(bridge).centre == Now()


def test_points_and_samples_are_asked_for(bridge, panel) -> None:
    points = find(panel, QComboBox, "survey.points")
    assert points.currentData() == bridge.surface_choice.request.resolution
    choose(points, points.findData(129))
    assert asked(bridge).resolution == 129
    samples = find(panel, QComboBox, "survey.samples")
    choose(samples, samples.findData(500))
    assert asked(bridge).samples == 500


def test_the_race_can_be_looked_at_as_soon_as_there_is_one(bridge, panel) -> None:
    subject = find(panel, QComboBox, "survey.subject")
    assert not subject.isEnabled()
    bridge.present_contest(Contest(1, "ravine"))
    assert subject.isEnabled()
    assert asked(bridge).subject == "race"
    assert not find(panel, QComboBox, "survey.plane").isEnabled()
    bridge.present_contest(Contest(2, "network"))
    assert find(panel, QComboBox, "survey.plane").isEnabled()
    bridge.present_contest(Contest(3, ""))
    assert asked(bridge).subject == "run"


def test_run_and_race_each_keep_the_plane_that_was_chosen_for_them(bridge, panel) -> None:
    kind, subject = (find(panel, QComboBox, f"survey.{n}") for n in ("plane", "subject"))
    centre = find(panel, QComboBox, "survey.centre")
    choose(kind, 3)
    choose(centre, 1)
    bridge.present_contest(race(runner(0, ADAM, [0.5, 0.4]), runner(3, GD, [0.5, 0.3])))
    assert (asked(bridge).subject, asked(bridge).plane, asked(bridge).centre) == (
        "race",
        None,
        Now(),
    )
    assert kind.currentText() == "Two random directions"
    assert find(panel, QSpinBox, "survey.seed").isVisible()
    # For the race another plane, through where its runners stand.
    assert [centre.itemText(i) for i in range(centre.count())] == [
        "Start of the race",
        "Adam, η = 0.01",
        "Gradient descent, η = 0.1",
    ]
    assert centre.currentText() == "Start of the race"
    choose(kind, 3)
    assert asked(bridge).plane == StatesPlane(RunnerEnd(0))
    choose(subject, 0)
    assert (asked(bridge).subject, asked(bridge).plane, asked(bridge).centre) == (
        "run",
        StatesPlane(AtStep(0)),
        AtStep(0),
    )
    assert centre.currentText() == "Start of the run"
    assert find(panel, QComboBox, "survey.across").currentText() == "Start of the run"
    choose(subject, 1)
    assert asked(bridge).plane == StatesPlane(RunnerEnd(0))
    bridge.present_contest(Contest(9))
    assert (asked(bridge).subject, asked(bridge).plane) == ("run", StatesPlane(AtStep(0)))
    assert asked(bridge).window is None


def test_planes_can_be_chosen_for_the_run_while_a_function_is_raced_on(bridge, panel) -> None:
    bridge.present_contest(Contest(1, "ravine"))
    plane, subject = (find(panel, QComboBox, f"survey.{n}") for n in ("plane", "subject"))
    choose(subject, 0)
    assert plane.isEnabled()
    choose(subject, 1)
    assert not plane.isEnabled()


def test_two_weights_that_the_network_has_lost_give_way_to_its_first_two(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 2)
    choose(find(panel, QComboBox, "survey.first.parameter"), 2)
    bridge.present_contest(Contest(1, "ravine"))
    smaller = {"0.weight": np.zeros((1, 2), np.float32), "0.bias": np.zeros(1, np.float32)}
    bridge.present(replace(bridge.snapshot, version=3, values=Values(0, smaller, {})))
    choose(find(panel, QComboBox, "survey.subject"), 0)
    expected = WeightsPlane(Number("0.weight", (0, 0)), Number("0.weight", (0, 1)))
    assert asked(bridge).plane == expected


def test_a_plane_that_nobody_chose_is_shown_as_it_came(bridge, panel) -> None:
    assert asked(bridge).plane is None
    plane = WeightsPlane(Number("0.weight", (1, 0)), Number("1.bias", (0,)))
    surface = surface_of(plane=plane_of(plane=plane))
    bridge.present_survey(replace(survey_of(), version=2, surface=surface))
    kind = find(panel, QComboBox, "survey.plane")
    assert kind.currentText() == "Two weights"
    assert find(panel, QLineEdit, "survey.first.place").text() == "2, 1"
    assert asked(bridge).plane is None
    # What a person chooses stands, whatever picture comes next.
    choose(kind, 0)
    assert asked(bridge).plane == RandomPlane(0)
    bridge.present_survey(replace(survey_of(), version=3, surface=surface))
    assert kind.currentText() == "Two random directions"
    assert asked(bridge).plane == RandomPlane(0)


def test_a_number_is_picked_by_the_name_it_has_in_the_table_of_parameters(bridge, panel) -> None:
    choose(find(panel, QComboBox, "survey.plane"), 2)
    parameter = find(panel, QComboBox, "survey.first.parameter")
    rows = ParameterRows(
        {name: array.shape for name, array in bridge.snapshot.values.parameters.items()},
        {layer.path: layer.name for layer in bridge.snapshot.layers},
    )
    for index, name in enumerate(rows.names):
        choose(parameter, index)
        row = rows.row_of(name, (0,) * len(rows.shapes[name]))
        whole = f"{rows.layer(row)} {rows.symbol(row)}"
        assert whole.startswith(parameter.itemText(index))
        assert parameter.toolTip().startswith(whole)


def test_a_name_that_does_not_fit_ends_in_an_ellipsis(qtbot) -> None:
    combo = Combo()
    qtbot.addWidget(combo)
    combo.addItem("7.2 BatchNorm γ of a long name")
    option = QStyleOptionComboBox()
    combo.resize(400, combo.height())
    combo.initStyleOption(option)
    assert option.currentText == combo.currentText()
    combo.resize(120, combo.height())
    combo.initStyleOption(option)
    assert option.currentText.endswith("…")
    assert combo.fontMetrics().horizontalAdvance(option.currentText) < 120


@pytest.mark.parametrize(
    ("eigenvalue", "marked"), [(8.0, True), (0.2, True), (0.0863, False), (4e5, False)]
)
def test_a_mark_is_promised_only_where_the_slider_has_room_for_it(
    bridge, panel, eigenvalue: float, marked: bool
) -> None:
    find(panel, QCheckBox, "survey.sharpness").click()
    bridge.present_survey(Survey(1, sharpness=Sharpness(40, (eigenvalue,), 1e-6, 200)))
    text = find(panel, QLabel, "survey.eigenvalues").text()
    assert ("a mark there" in text) is marked
    assert ("beyond the end of the rate slider" in text) is not marked


def test_sharpness_is_read_out_with_the_largest_stable_rate(bridge, panel) -> None:
    find(panel, QCheckBox, "survey.sharpness").click()
    assert asked(bridge).sharpness
    bridge.present_survey(Survey(1, sharpness=Sharpness(40, (8.0, 2.0), 1e-6, 200)))
    text = find(panel, QLabel, "survey.eigenvalues").text()
    assert "8" in text
    assert "0.25" in text


def test_trouble_is_said_in_words(bridge, panel) -> None:
    trouble = Sentence("Both weights are the same.", "Choose two.")
    bridge.present_survey(Survey(1, trouble=trouble))
    assert "Both weights are the same. Choose two." in shown_by(panel)


def test_trouble_is_said_once_by_the_map_where_it_is_on_the_screen(qtbot, bridge, panel) -> None:
    views = [SurfaceMap(bridge), Surface3D(bridge)]
    for view in views:
        qtbot.addWidget(view)
        view.resize(640, 520)
        with qtbot.waitExposed(view):
            view.show()
    trouble = Sentence("The two directions are parallel.", "Choose another plane.")
    bridge.present_survey(replace(survey_of(paths=()), version=2, trouble=trouble))
    saying = "The two directions are parallel. Choose another plane."
    the_map, relief = views
    qtbot.waitUntil(lambda: the_map.trouble.isVisible() and relief.canvas.isVisible())
    assert the_map.trouble.text() == saying
    assert saying not in shown_by(panel)
    assert relief.reading.text() == ""
    the_map.hide()
    assert saying in shown_by(panel)
    assert relief.reading.text() == "The two directions are parallel."
    the_map.show()
    assert saying not in shown_by(panel)
    assert relief.reading.text() == ""


def shown_by(panel: SurveyPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
