"""Where the windows of convolutions and poolings lie on an image."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.layers import AvgPool2d, Conv2d, Layer, MaxPool2d


@dataclass(frozen=True)
class SlidingWindow:
    """A square that slides over an image, along one axis: both are alike."""

    size: int
    stride: int
    padding: int

    def inside(self, out: int, length: int) -> tuple[int, int, int]:
        """What an output sees of an axis.

        Args:
            out: The output's place.
            length: Of the input.

        Returns:
            Where the window begins (before 0, in the padding), and from and to which of its own
            places it lies on the input.
        """
        start = out * self.stride - self.padding
        first = min(self.size, max(0, -start))
        return start, first, max(first, min(self.size, length - start))

    def seen_by(self, place: int, outs: int) -> list[tuple[int, int]]:
        """By which outputs an input is seen: pairs of the place in the window and the output."""
        found = []
        for own in range(self.size):
            out, between = divmod(place + self.padding - own, self.stride)
            if not between and 0 <= out < outs:
                found.append((own, out))
        return found

    def outputs_of(self, own: int, length: int, outs: int) -> tuple[slice, slice]:
        """The outputs for which one place of the window lies on the input, and the inputs there."""
        first = max(0, -((own - self.padding) // self.stride))
        last = min(outs - 1, (length - 1 + self.padding - own) // self.stride)
        count = max(0, last - first + 1)
        start = first * self.stride + own - self.padding
        inputs = slice(start, start + (count - 1) * self.stride + 1, self.stride)
        return slice(first, first + count), inputs if count else slice(0, 0)


def window_of(layer: Layer) -> SlidingWindow:
    """The window of a convolution or a pooling."""
    if isinstance(layer, Conv2d):
        return SlidingWindow(layer.kernel, layer.stride, layer.padding)
    assert isinstance(layer, MaxPool2d | AvgPool2d)
    return SlidingWindow(layer.size, layer.stride or layer.size, 0)
