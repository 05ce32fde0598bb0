"""A relief filled in by OpenGL, into a picture of its own.

Nothing of it is ever shown by OpenGL itself: a widget that is makes Qt put the whole window
together by OpenGL, which slows the window's other plots down (1.7 times in software). So the
surface is drawn beside the screen, read back, and painted as any picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QSurfaceFormat,
)
from PySide6.QtOpenGL import (
    QOpenGLBuffer,
    QOpenGLFramebufferObject,
    QOpenGLFramebufferObjectFormat,
    QOpenGLShader,
    QOpenGLShaderProgram,
)

from app.surface.relief.sheet import ReliefSheet, fill_with_quads
from core.messages.surface_views import Doubles, Floats

_VERTEX = """#version 120
attribute vec3 place;
attribute vec3 colour;
varying vec3 shade;
void main() { gl_Position = vec4(place, 1.0); shade = colour; }
"""
_FRAGMENT = """#version 120
varying vec3 shade;
void main() { gl_FragColor = vec4(shade, 1.0); }
"""
_PLACE, _COLOUR = 0, 1
_SAMPLES = 4
_FLOAT, _TRIANGLES, _DEPTH_TEST = 0x1406, 0x0004, 0x0B71
_COLOUR_AND_DEPTH = 0x4000 | 0x0100
_RENDERER = 0x1F01
_BLIND = frozenset({"offscreen", "minimal", "vnc"})
"""Platforms whose OpenGL may say that it is there, and then draws nothing or crashes."""


class OpenGL:
    """A context beside the screen, and the one shader that the surface needs.

    Attributes:
        renderer: What draws: a graphics card, or software.

    Raises:
        RuntimeError: There is no OpenGL 2.1, or it does not draw what it is told.
    """

    def __init__(self) -> None:
        wanted = QSurfaceFormat()
        wanted.setVersion(2, 1)
        self._context = QOpenGLContext()
        self._context.setFormat(wanted)
        if not self._context.create() or self._context.isOpenGLES():
            raise RuntimeError("no OpenGL")
        self._surface = QOffscreenSurface()
        self._surface.setFormat(self._context.format())
        self._surface.create()
        if self._context.format().version() < (2, 1) or not self._enter():
            raise RuntimeError("no OpenGL 2.1")
        self._gl = self._context.functions()
        self.renderer = self._gl.glGetString(_RENDERER)
        self._program = _program()
        self._context.doneCurrent()
        if not self._draws():
            raise RuntimeError("OpenGL draws nothing")

    def picture(self, vertices: Floats, size: QSize) -> QImage:
        """Triangles over nothing.

        Args:
            vertices: (3 n, 6) place in clip space (x right, y up, z away, each -1..1) and colour.
            size: In pixels.

        Raises:
            RuntimeError: The context cannot be used any more.
        """
        if not self._enter():
            raise RuntimeError("OpenGL went away")
        layout = QOpenGLFramebufferObjectFormat()
        layout.setSamples(_SAMPLES)
        layout.setAttachment(QOpenGLFramebufferObject.Attachment.Depth)
        target = QOpenGLFramebufferObject(size, layout)
        target.bind()
        self._gl.glViewport(0, 0, size.width(), size.height())
        self._gl.glClearColor(0, 0, 0, 0)
        self._gl.glClear(_COLOUR_AND_DEPTH)
        self._gl.glEnable(_DEPTH_TEST)
        self._draw(vertices)
        result = target.toImage()
        target.release()
        del target  # while its context is current
        self._context.doneCurrent()
        return result

    def _draw(self, vertices: Floats) -> None:
        buffer = QOpenGLBuffer(QOpenGLBuffer.Type.VertexBuffer)
        buffer.create()
        buffer.bind()
        content = np.ascontiguousarray(vertices, np.float32).tobytes()
        buffer.allocate(content, len(content))
        self._program.bind()
        for attribute in (_PLACE, _COLOUR):
            self._program.enableAttributeArray(attribute)
            self._program.setAttributeBuffer(attribute, _FLOAT, 12 * attribute, 3, 24)
        self._gl.glDrawArrays(_TRIANGLES, 0, len(vertices))
        self._program.release()
        buffer.release()
        buffer.destroy()

    def _draws(self) -> bool:
        """Whether a triangle that is nearer is seen before one that is drawn later."""
        near = [[-1, -1, 0, 1, 0, 0], [3, -1, 0, 1, 0, 0], [-1, 3, 0, 1, 0, 0]]
        far = [[x, y, 0.5, 0, 1, 0] for x, y, *_ in near]
        picture = self.picture(np.array([*near, *far], np.float32), QSize(8, 8))
        return picture.pixelColor(4, 4) == QColor(255, 0, 0)

    def _enter(self) -> bool:
        return self._context.makeCurrent(self._surface)


@cache
def opengl() -> OpenGL | None:
    """The process's OpenGL, tried once, with pixels; None where there is none to rely on."""
    if QGuiApplication.platformName() in _BLIND:
        return None
    try:
        return OpenGL()
    except RuntimeError:
        return None


def fill_with_opengl(painter: QPainter, sheet: ReliefSheet) -> Iterator[None]:
    """Fills a sheet in with colours that run smoothly from corner to corner; needs no pause."""
    gl = opengl()
    if gl is None:
        yield from fill_with_quads(painter, sheet)
        return
    if not len(sheet.order):
        return
    corners = sheet.corners(np.concatenate([sheet.places, sheet.colours], -1))
    pixels = corners[..., :2].reshape(-1, 2)
    first = np.floor(pixels.min(0)).astype(int) - 1
    # No more than what can be seen: zoomed in, the surface is larger than the picture.
    first = np.maximum(first, 0)
    whole = np.ceil([sheet.projection.width, sheet.projection.height]).astype(int)
    end = np.minimum(np.ceil(pixels.max(0)).astype(int) + 1, whole)
    if not (end > first).all():
        return
    ratio = painter.device().devicePixelRatioF()
    width, height = (end - first).tolist()
    size = QSize(round(width * ratio), round(height * ratio))
    try:
        picture = gl.picture(_triangles(corners, first, end), size)
    except RuntimeError:  # a graphics card may be taken away
        yield from fill_with_quads(painter, sheet)
        return
    picture.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(*first.tolist()), picture)


def _triangles(corners: Doubles, first: Doubles, end: Doubles) -> Floats:
    """(6 n, 6) two triangles for each quad (n, 4, 6), as ``OpenGL.picture`` takes them."""
    clip = corners.copy()
    clip[..., :2] = (corners[..., :2] - first) / (end - first) * 2 - 1
    clip[..., 1] *= -1
    distance = corners[..., 2]
    low, high = distance.min(), distance.max()
    clip[..., 2] = (distance - low) / max(high - low, 1e-9) * 1.8 - 0.9
    vertices = clip[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 6)
    return np.asarray(vertices, np.float32)


def _program() -> QOpenGLShaderProgram:
    program = QOpenGLShaderProgram()
    kind = QOpenGLShader.ShaderTypeBit
    parts = ((kind.Vertex, _VERTEX), (kind.Fragment, _FRAGMENT))
    compiled = all(program.addShaderFromSourceCode(*part) for part in parts)
    program.bindAttributeLocation("place", _PLACE)
    program.bindAttributeLocation("colour", _COLOUR)
    if not compiled or not program.link():
        raise RuntimeError(program.log())
    return program
