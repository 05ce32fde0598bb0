"""Tests for core's sentences in the language of the window."""

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from app.kit.text import advice, sentence, told, unbroken
from core.sentence import Sentence


class Polish(QTranslator):
    """Three forms: one, some that end in 2 to 4, and all others."""

    def translate(self, context, source, disambiguation=None, n=-1):
        few = n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)
        texts = {
            "{n} layer.": "{n} warstwa.",
            "{n} layers.": "{n} warstwy." if few else "{n} warstw.",
            "Add {what}.": "Dodaj: {what}.",
        }
        return texts.get(source, "") if context == "core" else ""


@pytest.fixture
def polish(qapp):
    translator = Polish()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def layers(n):
    return Sentence("{n} layers.", "Add {what}.", one="{n} layer.", n=n, what="ReLU")


def test_a_name_in_a_sentence_does_not_break(qapp):
    joined = unbroken("w⁽²⁾₁,₁ grew by 0.1, and ŷ₁ fell.")
    words = joined.split(" ")
    assert words[0] == "\u2060".join("w⁽²⁾₁,₁")
    assert words[1:4] == ["grew", "by", "0.1,"]
    assert joined.replace("\u2060", "") == "w⁽²⁾₁,₁ grew by 0.1, and ŷ₁ fell."


def test_english_needs_no_translator(qapp):
    assert told(layers(1)) == "1 layer. Add ReLU."
    assert told(layers(5)) == "5 layers. Add ReLU."
    assert advice(Sentence("By the way.")) == ""


@pytest.mark.usefixtures("polish")
@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "1 warstwa."),
        (3, "3 warstwy."),
        (5, "5 warstw."),
        (12, "12 warstw."),
        (22, "22 warstwy."),
    ],
)
def test_a_language_chooses_among_its_own_plural_forms(n, text):
    assert sentence(layers(n)) == text
    assert told(layers(n)) == f"{text} Dodaj: ReLU."
