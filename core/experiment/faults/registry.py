"""Every fault of the lab, the plainest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.catalog.base import union_of
from core.experiment.faults.fault import Fault
from core.experiment.faults.of_gradients import (
    GradientsKept,
    SlopeForgotten,
    SoftmaxTwice,
    SummedForMean,
)
from core.experiment.faults.of_start import (
    LabelsShifted,
    PixelsUnscaled,
    UnitsBornDead,
    WeightsAlike,
)
from core.experiment.faults.of_updates import (
    DecayInGradient,
    LayersForgotten,
    RateInThousandths,
    StepUphill,
)

FAULTS: tuple[type[Fault], ...] = (
    StepUphill,
    SlopeForgotten,
    GradientsKept,
    SummedForMean,
    LayersForgotten,
    RateInThousandths,
    LabelsShifted,
    WeightsAlike,
    SoftmaxTwice,
    UnitsBornDead,
    DecayInGradient,
    PixelsUnscaled,
)

if TYPE_CHECKING:
    FaultChoice = Fault
else:
    FaultChoice = union_of(Fault)
