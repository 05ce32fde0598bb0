"""Losses and outputs that do not suit the data, and classes of very different size."""

from __future__ import annotations

from typing import ClassVar

from core.catalog.activations import Identity
from core.catalog.base import amid
from core.catalog.losses import CrossEntropy, Loss
from core.data import DataShape
from core.diagnosis.evidence import Evidence
from core.diagnosis.illness import Illness, number, offer, with_activation
from core.messages.edits import set_layers, set_loss, set_training
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

RANGES = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, float("inf")),
    "softplus": (0.0, float("inf")),
}
"""Where the outputs of an activation lie."""

MISSED = 0.05
"""Of the targets' range beyond what an output can be."""

UNEVEN = 4
"""Times as many samples in the largest class as in the smallest."""

MISSES = 0.5
"""Of the rarest class: answered right less often, and the imbalance tells."""

STEPS = 100


class UnsuitedLoss(Illness):
    """Three or more classes that exclude one another, with a loss that asks for each by itself."""

    kind: ClassVar[str] = "unsuited_loss"
    at_once: ClassVar[bool] = True

    def examine(self, evidence: Evidence) -> Finding | None:
        return self.of(evidence.data.shape, evidence.spec.loss)

    def of(self, shape: DataShape, loss: Loss) -> Finding | None:
        """What the loss's rule alone says of such data, before anything is measured."""
        if shape.task != "classification" or shape.outputs < 3 or loss.reads_rows:
            return None
        return Finding(
            self.kind,
            "info",
            Sentence(
                "The data have {classes} classes, and {loss} looks at each output by itself.",
                classes=shape.outputs,
                loss=amid(loss),
            ),
            Sentence(
                "Of classes that exclude one another one is right. Cross-entropy with softmax "
                "compares them all, and its outputs add up to 1."
            ),
            (
                Sentence(
                    "Of the {outputs} outputs, {others} are to be 0 for each sample: being wrong "
                    "about the one counts little.",
                    outputs=shape.outputs,
                    others=shape.outputs - 1,
                ),
            ),
            {"classes": shape.outputs},
            offer(Sentence("Cross-entropy with softmax"), set_loss(CrossEntropy())),
        )


class UnreachableTargets(Illness):
    """Targets that the output's activation can never give."""

    kind: ClassVar[str] = "unreachable_targets"
    at_once: ClassVar[bool] = True

    def examine(self, evidence: Evidence) -> Finding | None:
        data, output = evidence.data, evidence.layers[-1]
        if data.shape.task != "regression" or output.activation not in RANGES:
            return None
        least, most = RANGES[output.activation]
        slack = MISSED * (data.high - data.low)
        if data.low >= least - slack and data.high <= most + slack:
            return None
        activation = output.layer.activation_of()
        assert activation is not None
        layers = with_activation(evidence.spec, (output.path,), Identity())
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "The targets go from {low} to {high}, and {activation} gives from {least} to "
                "{most}.",
                low=number(data.low),
                high=number(data.high),
                activation=amid(activation),
                least=number(least),
                most=number(most),
            ),
            Sentence("Targets beyond that can never be met, however long the network learns."),
            (),
            {"low": data.low, "high": data.high},
            offer(Sentence("Identity at the output"), set_layers(layers, "Identity at the output")),
        )


class Imbalance(Illness):
    """Classes so uneven that the rare one is given up; with balanced ones it has other reasons."""

    kind: ClassVar[str] = "imbalance"

    def examine(self, evidence: Evidence) -> Finding | None:
        counts, rare, recall = evidence.data.counts, evidence.data.rarest, evidence.rare_recall
        if rare is None or recall is None or evidence.step < STEPS:
            return None
        if evidence.spec.training.balanced:
            return None
        if max(counts) < UNEVEN * counts[rare] or recall >= MISSES:
            return None
        common = counts.index(max(counts))
        share = max(counts) / sum(counts)
        names = evidence.data.names or tuple(str(place) for place in range(len(counts)))
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "Of the rare class {name} only {recall:.0%} are answered right.",
                name=names[rare],
                recall=recall,
            ),
            Sentence(
                "The loss is a mean over samples, so the frequent classes rule it. Accuracy hides "
                "that."
            ),
            (
                Sentence(
                    "{rare} samples are of class {name}, {common} of class {other}.",
                    rare=f"{counts[rare]:,}",
                    name=names[rare],
                    common=f"{counts[common]:,}",
                    other=names[common],
                ),
                Sentence(
                    "Always answering {other} would be right for {share:.0%}.",
                    other=names[common],
                    share=share,
                ),
                Sentence(
                    "With balanced classes more of the rare one is found, and more of the others "
                    "is missed: accuracy may fall."
                ),
            ),
            {"recall": recall, "rare": counts[rare], "common": counts[common]},
            self._evened(evidence),
        )

    def _evened(self, evidence: Evidence) -> Offer:
        training = evidence.spec.training.model_copy(update={"balanced": True})
        return offer(Sentence("Balanced classes"), set_training(training))
