"""Where the batch's loss is a sum: the surface shows a sample's mean, its sharpness the sum's."""

import pytest
import torch
from torch.nn import functional

from core.catalog.losses import BinaryCrossEntropy
from core.debugger.tape import record_step
from core.experiment.spec import Training
from core.landscape.losses.network import NetworkArena
from core.landscape.surface.sharpness import sharpness
from tests.core.arenas import never, vector_of
from tests.core.experiments import tiny, trainer_of

ALL = Training(batch_size=10_000, l2=0.1)


def trainer(over_batch):
    return trainer_of(tiny(loss=BinaryCrossEntropy(over_batch=over_batch), training=ALL))


def test_the_mean_is_seen_and_times_the_samples_it_is_what_training_differentiates():
    runs = [trainer("mean"), trainer("sum")]
    here = vector_of(runs[0].network)[None]
    mean, summed = (NetworkArena.of_trainer(run, None).scores(here, never) for run in runs)
    count = len(runs[1].data.train_inputs)
    torch.testing.assert_close(summed.loss, mean.loss)
    torch.testing.assert_close(summed.penalty * count, mean.penalty)
    differentiated = float(record_step(runs[1]).record.arrays["total"])
    shown = float(summed.loss + summed.penalty) * count
    assert shown == pytest.approx(differentiated, rel=1e-4)


def test_the_stable_rate_is_that_of_the_sum():
    run = trainer("sum")
    found = sharpness(NetworkArena.of_trainer(run, None), vector_of(run.network), 0, never)
    network, names = run.network, [name for name, _ in run.network.named_parameters()]
    inputs, targets = run.data.train_inputs, run.data.train_labels.float()[:, None]

    def objective(*parameters):
        state = dict(zip(names, parameters, strict=True))
        z = torch.func.functional_call(network, state, (inputs,))
        cost = 0.05 * sum((one**2).sum() for one in parameters if one.dim() > 1)
        return functional.binary_cross_entropy_with_logits(z, targets, reduction="sum") + cost

    parameters = tuple(one.detach().clone() for one in network.parameters())
    blocks = torch.autograd.functional.hessian(objective, parameters)
    rows = [
        torch.cat([block.reshape(one.numel(), -1) for block in row], 1)
        for one, row in zip(parameters, blocks, strict=True)
    ]
    largest = float(torch.linalg.eigvalsh(torch.cat(rows).double()).max())
    assert found.stable_rate == pytest.approx(2 / largest, rel=1e-3)
