"""What a named experiment is."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.spec import ExperimentSpec


@dataclass(frozen=True)
class Preset:
    """An experiment with a name for the terminal and a card for the gallery.

    Attributes:
        name: What the terminal calls it.
        title: What the gallery calls it, in English.
        sentence: What a learner sees in it, in English.
        picture: Which picture its card carries.
        spec: The experiment.
    """

    name: str
    title: str
    sentence: str
    picture: str
    spec: ExperimentSpec

    def __post_init__(self) -> None:
        """A broken experiment is none to begin with.

        Raises:
            ValueError: There is a fault in it.
        """
        if self.spec.fault is not None:
            raise ValueError(f"{self.name} is broken on purpose and cannot be a preset")
