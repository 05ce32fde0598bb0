"""Large text: a form's fields stand below their labels where there is no room beside them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.kit import theme
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from core.catalog.optimizers import Momentum


@pytest.fixture(autouse=True)
def own_size(qapp):
    theme.apply(qapp, "light")
    yield
    theme.set_scale(qapp, 1.0)


@pytest.fixture
def form(qtbot):
    form = ModelForm(Momentum, "momentum", PLAIN)
    qtbot.addWidget(form)
    form.show_model(Momentum())
    form.show()
    return form


def places(form):
    label = next(one for one in form.findChildren(QLabel) if one.text() == "Learning rate η")
    editor = form.findChild(QWidget, "momentum.learning_rate")
    where = editor.mapTo(form, editor.rect().topLeft())
    return label.geometry(), where


def settle(qapp, form, width):
    form.resize(width, 600)
    qapp.processEvents()


@pytest.mark.parametrize("width", [240, 420])
def test_text_of_its_own_size_has_label_and_field_side_by_side(qapp, form, width):
    settle(qapp, form, width)
    label, field = places(form)
    assert field.x() > label.right()


def test_large_text_has_the_field_below_where_it_is_narrow_and_beside_where_it_is_wide(qapp, form):
    theme.set_scale(qapp, 2.0)
    settle(qapp, form, 420)
    label, field = places(form)
    assert field.y() > label.bottom()
    settle(qapp, form, 900)
    label, field = places(form)
    assert field.x() > label.right()


def test_back_in_text_of_its_own_size_they_stand_side_by_side_again(qapp, form):
    theme.set_scale(qapp, 2.0)
    settle(qapp, form, 420)
    theme.set_scale(qapp, 1.0)
    settle(qapp, form, 421)
    label, field = places(form)
    assert field.x() > label.right()
    assert label.width() == theme.space(15)
