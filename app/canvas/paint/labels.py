"""What is written beside nodes: biases, names of inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from app.canvas.model.layout import NODES_AT_MOST, Column
from app.canvas.paint.drawing import short, text_font
from app.canvas.paint.nodes import LEAST_WITH_NUMBER, half_width
from app.canvas.paint.picture import Paper, Picture
from app.canvas.paint.weights import FEW, smallest
from app.kit import theme
from app.kit.numbers import whole
from core.messages.record import key_of
from core.messages.snapshot import Snapshot

LONGEST_NAME = 120.0
"""Pixels that a name beside a node takes at the most, at a zoom of one; a longer one is cut."""
AROUND = 8.0
"""Pixels between a node and the name beside it."""


def draw_biases(paper: Paper, picture: Picture) -> None:
    """Where the network is small enough to read every number."""
    layout, painter = picture.layout, paper.painter
    points = 7.5 * min(paper.view.scale, 1.2 * theme.scale())
    few = layout.edges <= FEW and not any(column.is_block for column in layout.columns)
    if not few or points < smallest():
        return
    painter.setFont(theme.number_font(points))
    painter.setPen(QColor(paper.tokens.text_dim))
    metrics = painter.fontMetrics()
    for column in layout.columns[1:]:
        bias = picture.numbers.parameter(f"{key_of(column.path)}.bias")
        if bias is None or bias.values.shape != column.stage.shape:
            continue
        centres = paper.view.to_screen(column.centres)
        for unit, (x, y) in zip(column.units.tolist(), centres, strict=True):
            text = f"b {short(float(bias.values[unit]))}"
            low = y + layout.radius * paper.view.scale + metrics.ascent() + 4
            painter.drawText(QPointF(x - metrics.horizontalAdvance(text) / 2, low), text)


def draw_names(paper: Paper, picture: Picture) -> None:
    """Left of the inputs; right of the outputs, above what each should be."""
    data, columns = picture.snapshot.data, picture.layout.columns
    size = picture.layout.radius * paper.view.scale
    if data is None or size < LEAST_WITH_NUMBER:
        return
    names = data.feature_names if len(data.feature_names) == columns[0].stage.units else ()
    if names:
        _beside(paper, columns[0], names, size, right=False)
    lines = output_lines(picture)
    if lines:
        _beside(paper, columns[-1], lines, size, right=True)


def room_for_names(snapshot: Snapshot) -> float:
    """What the names of the inputs take left of the first column, at a zoom of one."""
    names = snapshot.data.feature_names if snapshot.data is not None else ()
    if not names or not snapshot.layers or len(names) > NODES_AT_MOST:
        return 0.0
    metrics = QFontMetricsF(text_font(0.92))
    return min(max(map(metrics.horizontalAdvance, names)), LONGEST_NAME) + AROUND


def output_lines(picture: Picture) -> list[str]:
    """What stands beside each output: its name, and below it the target of the sample."""
    data, output = picture.snapshot.data, picture.layout.columns[-1].stage
    names = () if data is None else data.class_names or tuple(map(of_output, data.target_names))
    shown = list(names) if len(names) == output.units and output.units > 1 else [""] * output.units
    if output.units == 1:  # of two classes it tells one: it is no class's, but the answer
        shown = list(names) if len(names) == 1 else ["ŷ₁"]
    targets = picture.numbers.targets(output.units)
    if targets is not None:
        letter = "y" if picture.sample is not None else "ȳ"
        texts = [f"{letter} {_target(float(target))}" for target in targets]
        shown = [f"{one}\n{text}" if one else text for one, text in zip(shown, texts, strict=True)]
    return shown if any(shown) else []


def _target(value: float) -> str:
    """A class is told by 0 and 1, without digits that nobody chose."""
    return whole(int(value)) if value in (0.0, 1.0) else short(value)


def of_output(target: str) -> str:
    """The name of the output that is compared with a target: of y₁ it is ŷ₁."""
    is_letter = target[:1] == "y" and not target[1:].strip("₀₁₂₃₄₅₆₇₈₉")
    return f"ŷ{target[1:]}" if is_letter else target


def _beside(
    paper: Paper, column: Column, texts: Sequence[str], size: float, *, right: bool
) -> None:
    painter, view = paper.painter, paper.view
    painter.setFont(text_font(view.scale * 0.92))
    painter.setPen(QColor(paper.tokens.text_dim))
    metrics = QFontMetricsF(painter.font())
    gap = half_width(size) + AROUND
    side = Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight
    low = 2 * size < 2 * metrics.lineSpacing()
    for unit, (x, y) in zip(column.units.tolist(), view.to_screen(column.centres), strict=True):
        # At the rim of the picture a name ends in an ellipsis; it does not begin amid a word.
        room = paper.size.width() - x - gap if right else x - gap
        width = max(0.0, min(LONGEST_NAME * max(view.scale, 0.6), room - 2))
        left = x + gap if right else x - gap - width
        lines = texts[unit].replace("\n", "  ").split("\n") if low else texts[unit].split("\n")
        # Beside a single output the line to the loss runs in the middle.
        middle = 0.5 if len(texts) > 1 or not right else 1.1
        top = y - len(lines) * metrics.lineSpacing() * middle
        for number, line in enumerate(lines):
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, width)
            line_top = top + number * metrics.lineSpacing()
            area = QRectF(left, line_top, width, metrics.lineSpacing())
            painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)
