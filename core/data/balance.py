"""Classes of very different size, drawn equally often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Balance:
    """Which samples an epoch takes so that each class comes as often as the largest.

    Rarer classes are drawn over again (random oversampling without the chance in it). To a step
    on all of them that is the loss with each class weighted by n/(K·n_c), as scikit-learn's
    ``class_weight="balanced"`` has it; but what is drawn is still a plain mean over samples.

    Attributes:
        classes: The rows of each class that has any, ``(n_c,)`` int64 on the CPU.
    """

    classes: Sequence[Tensor]

    @classmethod
    def of(cls, labels: Tensor) -> Balance | None:
        """The balance of some labels; None where the classes are equally frequent as they are.

        Args:
            labels: ``(n,)`` int64, at least one.
        """
        labels = labels.cpu()
        found, counts = torch.unique(labels, return_counts=True)
        if bool((counts == counts[0]).all()):
            return None
        return cls([torch.nonzero(labels == label)[:, 0] for label in found])

    @property
    def most(self) -> int:
        """The samples of the largest class, and so the draws of each."""
        return max(map(len, self.classes))

    @property
    def samples(self) -> int:
        """The draws of an epoch."""
        return self.most * len(self.classes)

    def rows(self, epoch: int = 0) -> Tensor:
        """What an epoch draws, one class after another.

        Where a class does not go evenly into the draws, some of its samples come once more than
        others; from epoch to epoch these are the next ones, so that none is preferred.

        Args:
            epoch: Counted from 0.

        Returns:
            ``(samples,)`` int64 on the CPU.
        """
        draws = torch.arange(epoch * self.most, (epoch + 1) * self.most)
        return torch.cat([rows[draws % len(rows)] for rows in self.classes])
