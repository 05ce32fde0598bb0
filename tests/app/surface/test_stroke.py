"""Long lines over a picture are stroked in pieces, and nobody sees where these meet."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.surface.shared.overlay import pen, polyline, stroke


def picture(draw):
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return np.array(image.constBits()).reshape(200, 400, 4)[:, :, 0].astype(int)


def test_a_line_stroked_in_pieces_is_the_line_with_its_gaps(qapp):
    """With a pen that covers; rounding at joints may move an edge by a pixel."""
    x = np.linspace(20, 380, 60)
    points = np.column_stack([x, 100 + 80 * (-1.0) ** np.arange(60)])
    points[[13, 24, 25]] = np.nan
    whole = picture(lambda painter: painter.strokePath(polyline(points), pen("#000000", 3.0)))
    pieces = picture(lambda painter: stroke(painter, points, pen("#000000", 3.0)))
    assert (whole < 128).sum() > 5000
    assert ((whole < 128) != (pieces < 128)).mean() < 0.005


@pytest.mark.parametrize("count", [0, 1, 2, 8, 9, 10])
def test_every_line_of_a_path_is_stroked_whatever_their_number(qapp, count):
    points = np.column_stack([np.linspace(20, 380, count), np.full(count, 100.0)])
    pieces = picture(lambda painter: stroke(painter, points, pen("#000000", 3.0)))
    inked = np.flatnonzero((pieces < 128).any(0))
    if count < 2:
        assert not len(inked)
    else:
        assert np.diff(inked).max() == 1
        assert inked[0] <= 20
        assert inked[-1] >= 379
