"""Every known slip that an answer is compared with, in the order in which it is told."""

from __future__ import annotations

from core.questions.of_chain import (
    ActivationLeftOut,
    CrossTermsForgotten,
    SlopeAtA,
    SlopeLeftOut,
    TransposedWeight,
    UpdatedWeight,
    UpstreamLeftOut,
    ZForA,
)
from core.questions.of_factors import HalfForgotten, LocalLeftOut, ShareForgotten
from core.questions.of_sums import (
    BiasLeftOut,
    NForgotten,
    NTwice,
    OneSample,
    OutputsNotAveraged,
    PathMissed,
    RootForgotten,
    SignFlipped,
    SumForMean,
)
from core.questions.of_updates import (
    ClippingForgotten,
    CoupledDecay,
    DecoupledDecay,
    MemoryLeftOut,
    PlainStep,
    RateLeftOut,
    UpdateAdded,
    WithoutCorrection,
)
from core.questions.wrong_rule import WrongRule

WRONG_RULES: tuple[WrongRule, ...] = (
    SlopeLeftOut(),
    SlopeAtA(),
    ZForA(),
    UpstreamLeftOut(),
    LocalLeftOut(),
    CrossTermsForgotten(),
    TransposedWeight(),
    UpdatedWeight(),
    ActivationLeftOut(),
    BiasLeftOut(),
    PathMissed(),
    NForgotten(),
    NTwice(),
    SumForMean(),
    OneSample(),
    OutputsNotAveraged(),
    HalfForgotten(),
    SignFlipped(),
    RootForgotten(),
    UpdateAdded(),
    RateLeftOut(),
    WithoutCorrection(),
    ShareForgotten(),
    MemoryLeftOut(),
    PlainStep(),
    DecoupledDecay(),
    CoupledDecay(),
    ClippingForgotten(),
)
