"""What a fault is: one line of real code that is wrong, and what the wrong line computes."""

from __future__ import annotations

from typing import ClassVar

from core.catalog.base import Choice
from core.catalog.losses import Loss
from core.catalog.optimizers.base import Optimizer
from core.data.base import DataSource
from core.experiment.faults.seams import Seams
from core.experiment.layers import Layer


class Fault(Choice, Seams):
    """A bug that is in an experiment's code on purpose, to be found.

    Nothing of it is pretended: a step with it computes what the broken line computes, and the
    record holds those numbers. A class each; ``registry`` is their list.

    Attributes:
        label: What the bug is, as one who found it would say.
        description: What the wrong line does, in a sentence.
        shows: How one can tell it, in a sentence.
        broken, repaired: The line of PyTorch as it is, and as it should be.
        operations: The kinds of entries whose numbers are not what their rule gives, or, of a
            fault in what goes in, those that first compute with it; the first of them in a step
            is where it begins.
    """

    shows: ClassVar[str]
    broken: ClassVar[str]
    repaired: ClassVar[str]
    operations: ClassVar[tuple[str, ...]]

    def is_at(self, kind: str, path: tuple[int, ...], layers: int) -> bool:
        """Whether an operation is one that the answer names.

        Args:
            kind: The entry's.
            path: Its layer's place.
            layers: How many layers the network has, groups counted as one.
        """
        return kind in self.operations

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        """Whether such an experiment has the line at all that is wrong."""
        return True
