"""New: choosing a preset."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt

from app.kit import theme
from app.window.gallery import Gallery, card_size, sentence_room
from app.window.thumbnails import PICTURES, thumbnail
from core.presets import PRESETS
from tests.app.real_window import OFFSCREEN

pytestmark = OFFSCREEN


@pytest.fixture
def gallery(qtbot):
    gallery = Gallery(PRESETS)
    qtbot.addWidget(gallery)
    gallery.show()
    return gallery


def test_every_preset_has_a_card_with_a_picture_of_its_own(gallery) -> None:
    titles = [gallery.list.item(row).text() for row in range(gallery.list.count())]
    blank, *others = [preset.title for preset in PRESETS.values()]
    assert titles == [blank, "My data (CSV)", *others]
    assert len(set(titles)) == len(titles)
    assert {preset.picture for preset in PRESETS.values()} <= set(PICTURES)


def test_nothing_scrolls_at_the_size_it_asks_for(gallery, qtbot) -> None:
    gallery.resize(gallery.sizeHint())
    qtbot.waitUntil(lambda: not gallery.list.verticalScrollBar().isVisible())


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_no_sentence_of_a_card_is_cut_whatever_the_size_of_text(qapp, qtbot, scale) -> None:
    theme.set_scale(qapp, scale)
    qtbot.addWidget(gallery := Gallery(PRESETS))
    metrics = gallery.list.fontMetrics()
    room = sentence_room(QRect(QPoint(), card_size()), metrics)
    for preset in PRESETS.values():
        needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, preset.sentence)
        assert needed.height() <= room.height(), preset.title
    theme.set_scale(qapp, 1.0)


def test_arrows_and_enter_choose(gallery, qtbot) -> None:
    names = list(PRESETS)
    for _ in range(2):
        qtbot.keyClick(gallery.list, Qt.Key.Key_Right)
    with qtbot.waitSignal(gallery.chosen) as chosen:
        qtbot.keyClick(gallery.list, Qt.Key.Key_Return)
    assert chosen.args == [names[1]]
    assert not gallery.isVisible()


def test_a_double_click_chooses(gallery, qtbot) -> None:
    place = gallery.list.visualItemRect(gallery.list.item(2)).center()
    viewport = gallery.list.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(gallery.chosen) as chosen:
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [list(PRESETS)[1]]


def test_the_card_of_a_table_asks_for_a_file(gallery, qtbot) -> None:
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    qtbot.keyClick(gallery.list, Qt.Key.Key_Right)
    with qtbot.waitSignal(gallery.table_wanted):
        qtbot.keyClick(gallery.list, Qt.Key.Key_Return)
    assert chosen == []


def test_enter_chooses_once(gallery, qtbot) -> None:
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    qtbot.keyClick(gallery.list, Qt.Key.Key_Return)
    assert len(chosen) == 1


def test_escape_opens_nothing(gallery, qtbot) -> None:
    with qtbot.assertNotEmitted(gallery.chosen):
        qtbot.keyClick(gallery.list, Qt.Key.Key_Escape)
    assert not gallery.isVisible()


@pytest.mark.parametrize("picture", [*PICTURES, "unheard of"])
def test_a_picture_shows_something_in_both_themes(qapp, picture) -> None:
    for tokens in (theme.LIGHT, theme.DARK):
        image = thumbnail(picture, tokens, 232, 112, 1).toImage()
        colours = {image.pixel(x, y) for x in range(0, 232, 2) for y in range(0, 112, 2)}
        assert len(colours) > 4
