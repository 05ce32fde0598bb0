"""The race: where, who, how far, how well; and what each button tells the race."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QToolButton, QWidget

from app.kit import theme
from app.kit.math import latex
from app.kit.math.worker import LatexWorker
from app.race.choices import (
    MOST,
    exchanged,
    joined,
    moved,
    newcomer,
    optimizers,
    proposal,
    settings_text,
    without,
)
from app.race.panel import RacePanel
from app.race.words import short_time
from core.catalog.base import entries_of
from core.catalog.functions import LossFunction
from core.catalog.optimizers import (
    SGD,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from core.messages.race import (
    NETWORK,
    Contest,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    Runner,
    SetRace,
)
from core.sentence import Sentence
from tests.app.contests import ADAM, GD, MOMENTUM, race, runner, three

IN_FORCE = RaceChoice(runners=(Runner(0, GD), Runner(1, MOMENTUM), Runner(2, ADAM)))


@pytest.fixture(autouse=True)
def drawings(monkeypatch):
    """What formulas would be drawn of, and no thread that draws them.

    Python may collect the widgets that a test has left behind in any thread; here none but the
    window's shall do so.
    """
    asked = []
    monkeypatch.setattr(LatexWorker, "request", lambda _self, wanted: asked.append(wanted))
    return asked


@pytest.fixture
def panel(qtbot, fake_bridge):
    widget = RacePanel(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


@pytest.fixture
def racing(qtbot, panel, fake_bridge):
    """The panel of a race that is under way, with three runners."""
    fake_bridge.present_contest(three(running=True))
    qtbot.waitUntil(lambda: len(panel.curves.plot.runners) == 3)
    return panel


def present(qtbot, panel, fake_bridge, contest):
    fake_bridge.present_contest(contest)
    qtbot.waitUntil(lambda: panel._drawn is contest)


def press(panel, name):
    button = panel.findChild(QToolButton, name)
    assert button is not None, name
    assert button.isEnabled(), name
    button.click()


def visible_rows(panel):
    return [row for row in panel.table.rows if not row.isHidden()]


# What is proposed


def test_three_optimizers_are_ready_to_start_before_anything_was_chosen(panel, fake_bridge):
    assert [type(one.optimizer) for one in panel.choice.runners] == [
        GradientDescent,
        Momentum,
        Adam,
    ]
    assert [row.who.text() for row in visible_rows(panel)] == [
        "Gradient descent",
        "Momentum",
        "Adam",
    ]
    assert fake_bridge.sent == []
    assert "Press Start" in panel.curves.empty.text()


def test_start_sets_the_race_up_and_lets_it_go_on(panel, fake_bridge):
    press(panel, "race.run")
    assert fake_bridge.sent == [SetRace(proposal()), RaceOn()]


def test_step_takes_one_step_of_a_race_set_up_before(racing, qtbot, fake_bridge):
    present(qtbot, racing, fake_bridge, three())
    press(racing, "race.step")
    assert fake_bridge.sent == [RaceOn(1)]


def test_a_running_race_is_held_by_the_same_button(racing, fake_bridge):
    button = racing.findChild(QToolButton, "race.run")
    assert button.text() == "Pause"
    assert not racing.findChild(QToolButton, "race.step").isEnabled()
    button.click()
    assert fake_bridge.sent == [HoldRace()]


def test_restart_puts_all_back(racing, fake_bridge):
    press(racing, "race.restart")
    assert fake_bridge.sent == [RestartRace()]


def test_nothing_can_be_restarted_before_there_is_a_race(panel):
    assert not panel.findChild(QToolButton, "race.restart").isEnabled()


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        (Qt.Key.Key_Return, [HoldRace()]),
        (Qt.Key.Key_Backspace, [RestartRace()]),
    ],
)
def test_keys_work_while_the_panel_has_the_focus(qtbot, racing, fake_bridge, key, sent):
    racing.setFocus()
    qtbot.keyClick(racing, key, Qt.KeyboardModifier.ControlModifier)
    assert fake_bridge.sent == sent


def test_the_races_keys_are_not_the_windows():
    from app.window.actions import ACTIONS

    taken = {key for row in ACTIONS for key in row.keys}
    assert taken.isdisjoint({"Ctrl+Return", "Ctrl+Right", "Ctrl+Backspace"})


def test_without_a_network_only_functions_can_be_raced_on(qtbot, fake_bridge):
    fake_bridge.present(replace(fake_bridge.snapshot, layers=()))
    panel = RacePanel(fake_bridge)
    qtbot.addWidget(panel)
    assert not panel.findChild(QToolButton, "race.run").isEnabled()
    panel._move("bowl")
    assert panel.findChild(QToolButton, "race.run").isEnabled()


# Where


def test_the_list_of_places_holds_the_network_and_every_function(panel):
    combo = panel.findChild(QComboBox, "race.arena.kind")
    places = [combo.itemData(index) for index in range(combo.count())]
    assert [place for place in places if place] == [NETWORK, *entries_of(LossFunction)]


@pytest.mark.parametrize("kind", entries_of(LossFunction))
def test_a_function_chosen_is_raced_on_and_shown_by_its_formula(panel, fake_bridge, kind):
    combo = panel.findChild(QComboBox, "race.arena.kind")
    combo.setCurrentIndex(combo.findData(kind))
    combo.activated.emit(combo.currentIndex())
    (command,) = fake_bridge.sent
    assert isinstance(command, SetRace)
    assert command.choice.arena == kind
    entry = entries_of(LossFunction)[kind]
    assert panel.arena.formula.formula == entry().formula
    assert panel.findChild(QLabel, "race.arena.description").text() == entry.description
    assert panel.arena.formula.isVisible()


def test_a_formula_is_drawn_once_it_is_seen(qtbot, fake_bridge, drawings):
    panel = RacePanel(fake_bridge)
    qtbot.addWidget(panel)
    panel._move("ravine")
    assert drawings == []
    panel.show()
    assert drawings == [panel.arena.formula.missing]
    for piece in drawings[0]:
        latex.draw(piece)
    panel.arena._worker.drawn.emit()
    assert panel.arena.formula.is_drawn


def test_what_was_run_elsewhere_is_not_told_of_the_new_place(racing):
    racing._move("bowl")
    assert {row.loss.number for row in visible_rows(racing)} == {"–"}


@pytest.mark.parametrize("arena", [NETWORK, "rosenbrock"])
def test_a_runner_given_another_optimizer_takes_its_rate_unless_one_was_entered(arena):
    """A rate of plain descent, and Adagrad's ε, have nothing to do with Adam."""
    for before in optimizers():
        for after in optimizers():
            assert exchanged(newcomer(before, arena), after, arena) == newcomer(after, arena)
    entered = newcomer(SGD, arena).model_copy(update={"learning_rate": 0.123})
    assert exchanged(entered, Adam, arena) == Adam(learning_rate=0.123)


def test_only_rates_that_nobody_touched_change_with_the_place():
    own = Adam(learning_rate=0.5)
    choice = RaceChoice(runners=(Runner(0, newcomer(SGD)), Runner(1, own)), target=0.3)
    there = moved(choice, "rosenbrock")
    assert there.runners[0].optimizer == newcomer(SGD, "rosenbrock") != newcomer(SGD)
    assert there.runners[1].optimizer == own
    assert there.target is None
    assert moved(there, NETWORK).runners == choice.runners


@pytest.mark.parametrize("kind", ["bowl", "ravine", "rosenbrock", "beale", "himmelblau"])
def test_plain_descent_joins_at_a_rate_that_goes_down_from_the_usual_start(kind):
    import torch

    function = entries_of(LossFunction)[kind]()
    point = torch.tensor(function.start, dtype=torch.float64, requires_grad=True)
    first = function.value(*point)
    (slope,) = torch.autograd.grad(first, [point])
    there = point - newcomer(GradientDescent, kind).learning_rate * slope
    assert function.value(*there) < first


# Who


def test_an_optimizer_is_added_from_the_menu(panel, fake_bridge):
    panel.fill_menu()
    actions = panel.menu.actions()
    assert [action.text() for action in actions] == [entry.label for entry in optimizers()]
    panel.menu.findChild(QAction, "race.add.rmsprop").trigger()
    (command,) = fake_bridge.sent
    assert [one.id for one in command.choice.runners] == [0, 1, 2, 3]
    assert isinstance(command.choice.runners[3].optimizer, RMSprop)
    assert len(visible_rows(panel)) == 4


def test_eight_is_the_most(panel):
    for _ in range(5):
        panel._add(SGD)
    assert len(visible_rows(panel)) == MOST == 8
    assert not panel.add_button.isEnabled()
    panel._add(SGD)
    assert len(panel.choice.runners) == MOST


def test_a_row_is_taken_out_and_the_others_keep_their_colours(panel, fake_bridge):
    press(panel, "race.runner.1.remove")
    (command,) = fake_bridge.sent
    assert [one.id for one in command.choice.runners] == [0, 2]
    assert [row.who.id for row in visible_rows(panel)] == [0, 2]


def test_without_anybody_the_panel_says_what_to_do(panel):
    while visible_rows(panel):
        visible_rows(panel)[0].remove.click()
    assert "add an optimizer" in panel.curves.empty.text()
    assert not panel.findChild(QToolButton, "race.run").isEnabled()


@given(st.lists(st.one_of(st.none(), st.integers(0, 7)), max_size=40))
def test_no_two_runners_ever_share_a_colour_and_no_id_comes_twice(moves):
    choice, used, given_ids = RaceChoice(), -1, []
    for move in moves:
        if move is None and len(choice.runners) < MOST:
            choice = joined(choice, SGD, used)
            used = choice.runners[-1].id
            given_ids.append(used)
        elif move is not None and choice.runners:
            choice = without(choice, choice.runners[move % len(choice.runners)].id)
        colours = [one.id % MOST for one in choice.runners]
        assert len(set(colours)) == len(colours)
    assert len(set(given_ids)) == len(given_ids)


def test_a_runners_fields_are_edited_in_a_form_at_its_row(qtbot, panel, fake_bridge):
    panel.findChild(QWidget, "race.runner.1.edit").click()
    assert panel.form.isVisible()
    field = panel.form.findChild(QLineEdit, "race.form.optimizer.learning_rate")
    field.selectAll()
    qtbot.keyClicks(field, "0.2")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    (command,) = fake_bridge.sent
    assert command.choice.runners[1] == Runner(1, Momentum(learning_rate=0.2))
    assert visible_rows(panel)[1].who.settings == "η = 0.2"
    panel.form.hide()


def test_what_was_typed_counts_when_the_form_is_closed_without_enter(qtbot, panel, fake_bridge):
    panel.findChild(QWidget, "race.runner.2.edit").click()
    field = panel.form.findChild(QLineEdit, "race.form.optimizer.learning_rate")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.3")
    panel.form.hide()
    assert fake_bridge.sent[-1].choice.runners[2] == Runner(2, Adam(learning_rate=0.3))


def test_a_runner_can_become_another_optimizer_in_its_form(panel, fake_bridge):
    panel.findChild(QWidget, "race.runner.0.edit").click()
    panel.form.form.edited.emit(RMSprop(learning_rate=0.02), None)
    assert fake_bridge.sent[-1].choice.runners[0] == Runner(0, RMSprop(learning_rate=0.02))
    panel.form.hide()


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [
        (Adam(learning_rate=0.01), "η = 0.01"),
        (Momentum(learning_rate=0.05, momentum=0.95), "η = 0.05, μ = 0.95"),
        (Adam(learning_rate=1e-5, amsgrad=True), "η = 1e-5, AMSGrad"),
    ],
)
def test_a_row_names_the_rate_and_what_is_not_as_usual(optimizer, text):
    assert settings_text(optimizer) == text


@pytest.mark.parametrize("entry", entries_of(Optimizer).values())
def test_every_optimizer_has_a_rate_to_join_with_everywhere(entry):
    for arena in (NETWORK, *entries_of(LossFunction)):
        assert 0 < newcomer(entry, arena).learning_rate <= 1


# Many samples


def with_samples(fake_bridge, count):
    data = replace(fake_bridge.snapshot.data, train_count=count)
    return replace(fake_bridge.snapshot, data=data)


def kinds(choice):
    return [type(one.optimizer) for one in choice.runners]


@pytest.fixture
def large(panel, fake_bridge):
    """The panel beside a network that learns from as many samples as MNIST has."""
    fake_bridge.present(with_samples(fake_bridge, 60_000))
    return panel


def test_where_samples_are_many_nobody_takes_them_all_unless_a_person_says_so(large, fake_bridge):
    assert kinds(large.choice) == [SGD, Momentum, Adam]
    assert fake_bridge.sent == []
    assert visible_rows(large)[0].who.text() == "SGD"
    fake_bridge.present(with_samples(fake_bridge, 4096))
    assert kinds(large.choice) == [GradientDescent, Momentum, Adam]


def test_runners_that_a_person_chose_stay_whatever_the_data(panel, fake_bridge):
    press(panel, "race.runner.1.remove")
    fake_bridge.present(with_samples(fake_bridge, 60_000))
    assert kinds(panel.choice) == [GradientDescent, Adam]


def test_runners_set_up_elsewhere_stay_whatever_the_data(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(5, GD, [0.5])))
    fake_bridge.present(with_samples(fake_bridge, 60_000))
    assert kinds(panel.choice) == [GradientDescent]


def test_back_on_the_network_the_proposal_is_that_for_its_samples(panel, fake_bridge):
    panel._move("ravine")
    fake_bridge.present(with_samples(fake_bridge, 60_000))
    assert kinds(panel.choice) == [GradientDescent, Momentum, Adam]
    panel._move(NETWORK)
    assert panel.choice.runners == proposal(60_000).runners
    assert fake_bridge.sent[-1] == SetRace(panel.choice)


def test_larger_data_under_a_race_that_was_set_up_change_the_proposal_in_force(panel, fake_bridge):
    press(panel, "race.run")
    fake_bridge.present(with_samples(fake_bridge, 60_000))
    assert fake_bridge.sent[-1] == SetRace(proposal(60_000))


def test_who_adds_gradient_descent_sees_what_each_of_its_steps_takes(large):
    large.fill_menu()
    tips = {action.text(): action.toolTip() for action in large.menu.actions()}
    assert tips["Gradient descent"].endswith("Each of its steps takes all 60,000 samples.")
    assert "60,000" not in tips["SGD"]
    large.menu.findChild(QAction, "race.add.gd").trigger()
    row = visible_rows(large)[-1]
    assert row.who.settings == "η = 0.1, all 60,000 samples"
    assert "takes all 60,000 samples" in row.who.toolTip()
    large._move("bowl")
    assert "samples" not in visible_rows(large)[-1].who.toolTip()


# How far, how well


def test_the_table_shows_loss_best_and_the_way_to_the_target(racing):
    first, _, third = visible_rows(racing)
    assert (first.loss.number, first.loss.beneath) == ("0.3900", "best 0.3900")
    assert (first.target.number, first.target.beneath) == ("–", "")
    assert (third.target.number, third.target.beneath) == ("2", "250 ms")
    assert repr(float(racing.curves.plot.runners[2].loss)) in third.who.toolTip()
    assert racing.transport.count.text() == "Step 4"


@pytest.fixture
def batches(qtbot, panel, fake_bridge):
    """The panel of a race of which the first takes all samples, and the second four at a time."""
    rough = runner(1, ADAM, [0.5, 0.1, 0.3, 0.1], means=[0.5, 0.3, 0.3, 0.2], reached=3, window=2)
    contest = race(runner(0, GD, [0.5, 0.4, 0.35, 0.3]), rough)
    present(qtbot, panel, fake_bridge, contest)
    return panel


def test_on_batches_runners_are_compared_by_their_means_and_that_is_said(batches):
    exact, rough = visible_rows(batches)[:2]
    assert (exact.loss.number, rough.loss.number) == ("0.3000", "0.2000")
    assert rough.loss.beneath == "best 0.2000"
    assert "last 2 batches" in rough.who.toolTip()
    assert "alone 0.1" in rough.who.toolTip()
    assert "batches" not in exact.who.toolTip()
    assert "mean loss of 0.05 over 2 batches" in rough.target.toolTip()
    assert "last 2 batches" in batches.table.titles.toolTip()


def test_on_batches_the_curves_are_of_the_means_and_say_so(batches):
    curves = batches.curves
    assert (10 ** curves.plot._curves[1].yData).tolist() == pytest.approx([0.5, 0.3, 0.3, 0.2])
    assert [entry.loss for entry in curves.plot.entries_at(3)] == pytest.approx([0.2, 0.3])
    assert curves.title.text() == "Mean loss by step"
    assert "last 2 batches" in curves.title.toolTip()


def test_where_each_loss_is_of_all_samples_nobody_speaks_of_means(racing):
    assert racing.curves.title.text() == "Loss by step"
    assert racing.curves.title.toolTip() == ""
    assert "batches" not in racing.table.titles.toolTip()


def test_before_a_whole_window_there_is_no_best(qtbot, panel, fake_bridge):
    contest = race(runner(0, ADAM, [0.5, 0.1], means=[0.5, 0.3], window=4), step=2)
    present(qtbot, panel, fake_bridge, contest)
    row = visible_rows(panel)[0]
    assert (row.loss.number, row.loss.beneath) == ("0.3000", "")
    assert "last 2 batches" in row.who.toolTip()


def test_one_who_diverged_is_out_with_the_step_at_which_it_happened(qtbot, panel, fake_bridge):
    lost = runner(0, GD, [0.5, 5.0, 500.0], diverged=3)
    contest = race(lost, runner(1, MOMENTUM, [0.5] * 11), step=10, running=True)
    present(qtbot, panel, fake_bridge, contest)
    first, second = visible_rows(panel)[:2]
    assert (first.loss.number, first.loss.beneath) == ("500.0", "diverged at 3")
    assert "step 3" in first.who.toolTip()
    assert len(panel.curves.plot._crosses.points()) == 1
    assert second.loss.beneath == "best 0.5000"


def test_a_latecomer_is_behind_until_it_has_caught_up(qtbot, panel, fake_bridge):
    contest = race(runner(0, GD, [0.5] * 101), runner(1, MOMENTUM, [0.5] * 31), step=100)
    present(qtbot, panel, fake_bridge, contest)
    first, second = visible_rows(panel)[:2]
    assert first.loss.beneath == "best 0.5000"
    assert second.loss.beneath == "behind, at 30"


def test_nobody_is_behind_while_all_take_a_round(qtbot, panel, fake_bridge):
    """Large steps take so long that the race's step is ahead of every loss."""
    runners = [runner(id, one, [2.3]) for id, one in enumerate((GD, MOMENTUM, ADAM))]
    present(qtbot, panel, fake_bridge, race(*runners, step=2, running=True))
    assert {row.loss.beneath for row in visible_rows(panel)} == {"best 2.300"}


def test_on_a_network_the_newest_loss_is_that_before_the_newest_update(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(0, GD, [0.5] * 10), step=10))
    row = visible_rows(panel)[0]
    assert "10 steps" in row.who.toolTip()


# The end


def test_the_race_is_put_away_and_what_was_chosen_stays(qtbot, racing, fake_bridge):
    press(racing, "race.end")
    assert fake_bridge.sent == [SetRace(None)]
    present(qtbot, racing, fake_bridge, Contest(version=2))
    assert not racing.findChild(QToolButton, "race.end").isVisible()
    assert not racing.draft.is_set
    assert racing.choice == IN_FORCE
    assert {row.loss.number for row in visible_rows(racing)} == {"–"}


def test_without_a_race_there_is_none_to_end(panel):
    assert not panel.findChild(QToolButton, "race.end").isVisible()


def test_a_race_set_up_elsewhere_is_taken_over(racing):
    assert racing.choice == IN_FORCE
    assert racing.draft.is_set


def test_an_edit_stays_while_older_news_of_the_race_still_arrive(qtbot, racing, fake_bridge):
    racing.findChild(QToolButton, "race.runner.0.remove").click()
    present(qtbot, racing, fake_bridge, three(version=2, running=True))
    assert [row.who.id for row in visible_rows(racing)] == [1, 2]


def test_a_wish_that_is_refused_is_taken_back_with_the_reason(qtbot, racing, fake_bridge):
    racing._add(SGD)
    trouble = Sentence("There is no room for {count} runners.", "Take one out.", count=4)
    present(qtbot, racing, fake_bridge, three(version=2, trouble=trouble))
    label = racing.findChild(QLabel, "race.trouble")
    assert label.isVisible()
    assert label.text() == "There is no room for 4 runners. Take one out."
    assert racing.choice == IN_FORCE
    present(qtbot, racing, fake_bridge, three(version=3))
    assert not label.isVisible()


def test_a_race_that_was_put_away_is_set_up_again_by_start(qtbot, racing, fake_bridge):
    present(qtbot, racing, fake_bridge, Contest(version=2))
    press(racing, "race.run")
    assert fake_bridge.sent == [SetRace(IN_FORCE), RaceOn()]


def test_the_start_is_named_in_words(qtbot, panel, fake_bridge):
    label = Sentence("From the weights after step {step}.", step=40)
    present(qtbot, panel, fake_bridge, three(start_label=label))
    assert panel.start.text() == "From the weights after step 40."


# The target


@pytest.mark.parametrize(("typed", "target"), [("0.02", 0.02), ("1e-3", 0.001)])
def test_a_target_loss_is_typed(qtbot, racing, fake_bridge, typed, target):
    qtbot.keyClicks(racing.target, typed)
    qtbot.keyClick(racing.target, Qt.Key.Key_Return)
    assert fake_bridge.sent == [SetRace(replace(IN_FORCE, target=target))]


def test_an_emptied_target_is_a_tenth_of_the_first_again(qtbot, racing, fake_bridge):
    qtbot.keyClicks(racing.target, "0.02")
    qtbot.keyClick(racing.target, Qt.Key.Key_Return)
    racing.target.selectAll()
    qtbot.keyClick(racing.target, Qt.Key.Key_Delete)
    qtbot.keyClick(racing.target, Qt.Key.Key_Return)
    assert fake_bridge.sent[-1] == SetRace(IN_FORCE)
    assert racing.target.placeholderText() == "0.05"


def test_a_target_that_is_no_number_is_refused_beside_the_field(qtbot, racing, fake_bridge):
    qtbot.keyClicks(racing.target, "low")
    qtbot.keyClick(racing.target, Qt.Key.Key_Return)
    assert fake_bridge.sent == []
    assert "no number" in racing.target_error.text()
    assert racing.target.text() == "low"
    qtbot.keyClick(racing.target, Qt.Key.Key_Escape)
    assert not racing.target_error.isVisible()
    assert racing.target.text() == ""


def test_a_step_limit_is_typed_and_the_arrows_raise_it(qtbot, racing, fake_bridge):
    field = racing.bounds.limit
    assert field.value() == IN_FORCE.limit
    field.selectAll()
    qtbot.keyClicks(field, "250")
    assert fake_bridge.sent == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    limits = [command.choice.limit for command in fake_bridge.sent]
    assert limits == [250, 260]
    assert fake_bridge.sent[0] == SetRace(replace(IN_FORCE, limit=250))


def test_a_seed_can_be_chosen_where_there_is_noise(qtbot, panel, fake_bridge):
    seed = panel.bounds.seed
    assert not seed.isEnabled()
    assert "its own seed" in seed.toolTip()
    panel._move("noisy_bowl")
    assert seed.isEnabled()
    seed.selectAll()
    qtbot.keyClicks(seed, "7")
    qtbot.keyClick(seed, Qt.Key.Key_Return)
    assert fake_bridge.sent[-1] == SetRace(replace(panel.choice, seed=7))
    assert len(fake_bridge.sent) == 2
    panel._move("bowl")
    assert not seed.isEnabled()


def test_the_wheel_over_a_field_scrolls_what_is_around_it(racing, fake_bridge):
    racing.setFocus()
    down, nowhere = QPoint(0, -120), QPoint()
    for field in (racing.bounds.limit, racing.bounds.seed):
        place = QPointF(field.rect().center())
        event = QWheelEvent(
            place,
            QPointF(field.mapToGlobal(place)),
            nowhere,
            down,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, event)
    assert fake_bridge.sent == []


# The pace


def choose_pace(panel, pace):
    combo = panel.findChild(QComboBox, "race.pace")
    combo.setCurrentIndex(combo.findData(pace))
    combo.activated.emit(combo.currentIndex())


def test_a_function_is_raced_on_at_a_pace_to_watch_and_the_network_at_full_speed(
    panel, fake_bridge
):
    combo = panel.findChild(QComboBox, "race.pace")
    assert combo.currentText() == "As fast as it goes"
    assert panel.choice.pace is None
    panel._move("ravine")
    assert combo.currentText() == "20 steps a second"
    assert fake_bridge.sent[-1].choice.pace == 20.0


def test_another_pace_acts_at_once_also_while_the_race_runs(racing, fake_bridge):
    choose_pace(racing, 5.0)
    assert fake_bridge.sent == [SetRace(replace(IN_FORCE, pace=5.0))]
    choose_pace(racing, 5.0)
    assert len(fake_bridge.sent) == 1
    choose_pace(racing, 0.0)
    assert fake_bridge.sent[-1] == SetRace(IN_FORCE)


def test_a_pace_stays_with_functions_or_with_the_network(panel, fake_bridge):
    panel._move("ravine")
    choose_pace(panel, 60.0)
    panel._move("bowl")
    assert fake_bridge.sent[-1].choice.pace == 60.0
    panel._move(NETWORK)
    assert fake_bridge.sent[-1].choice.pace is None
    choose_pace(panel, 5.0)
    panel._move("beale")
    assert fake_bridge.sent[-1].choice.pace == 60.0
    panel._move(NETWORK)
    assert fake_bridge.sent[-1].choice.pace == 5.0
    assert panel.findChild(QComboBox, "race.pace").currentData() == 5.0


# The curves


def test_there_is_a_curve_a_runner_in_its_colour(racing):
    plot = racing.curves.plot
    assert [curve.xData.tolist() for curve in plot._curves] == [[0, 1, 2, 3, 4]] * 3
    for id, curve in enumerate(plot._curves):
        assert curve.opts["pen"].color().name() == theme.current().runners[id]


def test_a_logarithmic_scale_draws_powers_of_ten(racing):
    plot = racing.curves.plot
    assert plot.logarithmic
    assert plot._curves[2].yData[-1] == pytest.approx(-2.0)
    racing.curves.log.setChecked(False)
    assert plot._curves[2].yData[-1] == pytest.approx(0.01)


def test_losses_below_zero_have_no_logarithm(qtbot, panel, fake_bridge):
    contest = race(runner(0, GD, [1.0, -30.0, -78.0]), arena="styblinski_tang")
    present(qtbot, panel, fake_bridge, contest)
    assert not panel.curves.log.isEnabled()
    assert not panel.curves.plot.logarithmic
    present(qtbot, panel, fake_bridge, three(version=2))
    assert panel.curves.log.isEnabled()
    assert panel.curves.plot.logarithmic


@pytest.mark.parametrize("logarithmic", [True, False])
def test_one_who_explodes_does_not_press_the_others_flat(qtbot, panel, fake_bridge, logarithmic):
    panel.curves.log.setChecked(logarithmic)
    wild = runner(3, SGD(), [0.5, 1e6, 1e12, 1e20], diverged=4)
    present(qtbot, panel, fake_bridge, race(*three().runners, wild))
    low, high = panel.curves.plot.getViewBox().viewRange()[1]
    ends = (math.log10(0.01), math.log10(1000)) if logarithmic else (0.01, 10)
    assert low <= ends[0]
    assert high <= ends[1]
    (cross,) = panel.curves.plot._crosses.points()
    assert low < cross.pos().y() < high


def test_a_logarithmic_scale_always_names_a_loss(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(0, GD, [2.40, 2.39, 2.38])))
    low, high = panel.curves.plot.getViewBox().viewRange()[1]
    ((_, ticks),) = panel.curves.plot.values.tickValues(low, high, 200.0)
    assert any(low <= tick <= high for tick in ticks)


def test_a_race_that_runs_without_a_loss_yet_says_so(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(0, GD, []), step=0, running=True))
    assert panel.curves.empty.text() == "The first losses are being computed."


def test_an_exact_zero_stands_at_the_foot_of_the_scale(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(0, GD, [1.0, 0.1, 0.0]), arena="bowl"))
    low, high = panel.curves.plot.getViewBox().viewRange()[1]
    assert -20 < low < -11
    assert high >= 0


def test_pointing_at_a_step_tells_every_loss_there_the_least_first(racing, fake_bridge):
    plot = racing.curves.plot
    box = plot.getViewBox()
    plot._mouse_moved(box.mapViewToScene(QPointF(2, math.log10(0.05))))
    assert fake_bridge.surface_choice.moment == (2, 2)
    assert plot.readout.isVisible()
    assert plot.readout.text().splitlines() == [
        "Step 2",
        "Adam, η = 0.01: 0.04000",
        "Momentum, η = 0.05: 0.3000",
        "Gradient descent, η = 0.1: 0.4200",
    ]
    plot.pointed.emit(None)
    assert fake_bridge.surface_choice.moment is None
    assert not plot.readout.isVisible()


def test_a_moment_pointed_at_on_a_picture_is_marked_here(racing, fake_bridge):
    fake_bridge.surface_choice.point_at((0.0, 0.0), (1, 3))
    assert racing.curves.plot.readout.step == 3
    fake_bridge.surface_choice.point_at((0.0, 0.0), (-1, 3))
    assert not racing.curves.plot.readout.isVisible()


def test_the_target_is_a_line_across(racing):
    goal = racing.curves.plot._goal
    assert goal.isVisible()
    assert goal.value() == pytest.approx(math.log10(0.05))


def test_news_that_change_nothing_draw_nothing(racing, monkeypatch):
    drawn = []
    monkeypatch.setattr(racing.curves.plot, "_draw", drawn.append)
    racing._draw()
    assert drawn == []


# The look


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("count", [0, 3, 8])
def test_everything_fits_into_a_side_column(qtbot, qapp, fake_bridge, choice, count):
    theme.apply(qapp, choice)
    panel = RacePanel(fake_bridge)
    qtbot.addWidget(panel)
    panel.resize(420, 700)
    panel.show()
    for _ in range(max(0, count - 3)):
        panel._add(Momentum)
    if count:
        views = [runner(one.id, one.optimizer, [0.5, 1.234e-5]) for one in panel.choice.runners]
        present(qtbot, panel, fake_bridge, race(*views, arena="beale", step=123_456))
    qapp.processEvents()
    assert (panel.width(), panel.height()) == (420, 700)
    assert panel.minimumSizeHint().width() <= 420
    assert panel.curves.plot.height() >= 120 or not count
    for row in visible_rows(panel):
        for cell in (row.loss, row.target):
            width = cell.fontMetrics().horizontalAdvance(cell.beneath)
            assert width * 0.9 <= cell.width(), cell.beneath
    theme.apply(qapp, "system")


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("width", [300, 328, 420])
def test_names_and_rates_are_readable_in_a_narrow_column(qtbot, qapp, fake_bridge, choice, width):
    theme.apply(qapp, choice)
    panel = RacePanel(fake_bridge)
    qtbot.addWidget(panel)
    panel.resize(width, 700)
    panel.show()
    views = (
        runner(0, SGD(learning_rate=0.04), [0.5, 0.0755], reached=15),
        runner(1, Momentum(learning_rate=0.01), [0.5, 0.009831]),
        runner(2, RMSprop(learning_rate=1e-5), [0.5, 500.0], diverged=12),
        runner(3, Adam(learning_rate=0.1), [0.5, 0.0001234]),
    )
    present(qtbot, panel, fake_bridge, race(*views, step=15, target=3.013))
    assert panel.width() == width
    assert [row.who.shown_lines() for row in visible_rows(panel)] == [
        ("SGD", "η = 0.04"),
        ("Momentum", "η = 0.01"),
        ("RMSprop", "η = 1e-5"),
        ("Adam", "η = 0.1"),
    ]
    for row in visible_rows(panel):
        assert row.remove.geometry().right() < row.width()
        name, _ = row.who.shown_lines()
        taken = row.who._areas()[0].left() + row.who.fontMetrics().horizontalAdvance(name)
        upper, _ = row.loss.room_for(row.loss.number, row.loss.beneath)
        assert taken < row.loss.geometry().right() - upper
    theme.apply(qapp, "system")


@pytest.mark.parametrize(("loss", "shown"), [(0.01078, "0.01078"), (1.234e-12, "1.23e-12")])
def test_a_long_loss_leaves_the_longest_name_its_words(qtbot, panel, fake_bridge, loss, shown):
    panel.resize(328, 700)
    present(qtbot, panel, fake_bridge, race(runner(0, Nesterov(), [0.5, loss])))
    row = visible_rows(panel)[0]
    assert row.who.shown_lines()[0] == "Nesterov momentum"
    assert row.loss.number == shown
    assert repr(float(row._view.loss)) in row.who.toolTip()


def test_a_loss_takes_the_digits_that_another_width_has_room_for(qtbot, panel, fake_bridge):
    present(qtbot, panel, fake_bridge, race(runner(0, Nesterov(), [0.5, 1.234e-12])))
    row = visible_rows(panel)[0]
    assert row.loss.number == "1.234e-12"
    panel.resize(328, 700)
    qtbot.waitUntil(lambda: row.loss.number == "1.23e-12")


def test_a_long_name_is_whole_on_hover(panel):
    panel._add(Nesterov)
    row = visible_rows(panel)[-1]
    assert row.who.toolTip().startswith("Nesterov momentum\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.00042, "0.420 ms"),
        (0.25, "250 ms"),
        (1.346, "1.35 s"),
        (12.34, "12.3 s"),
        (200, "3 min 20 s"),
    ],
)
def test_times_have_three_digits(seconds, text):
    assert short_time(seconds) == text
