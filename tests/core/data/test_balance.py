"""Each class is drawn as often as the largest, and within a class no sample is preferred."""

from math import lcm

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.balance import Balance

uneven = (
    st.lists(st.integers(0, 5), min_size=2, max_size=40)
    .map(torch.tensor)
    .filter(lambda labels: Balance.of(labels) is not None)
)


@settings(deadline=None)
@given(uneven, st.integers(0, 1000))
def test_every_class_that_there_is_comes_as_often_as_the_largest(labels, epoch):
    drawn = labels[Balance.of(labels).rows(epoch)]
    found, times = torch.unique(drawn, return_counts=True)
    assert torch.equal(found, labels.unique())
    assert set(times.tolist()) == {int(labels.bincount().max())}
    assert Balance.of(labels).samples == len(drawn)


@settings(deadline=None)
@given(uneven, st.integers(0, 1000))
def test_every_sample_comes_and_none_twice_more_than_another_of_its_class(labels, epoch):
    times = torch.bincount(Balance.of(labels).rows(epoch), minlength=len(labels))
    for label in labels.unique():
        own = times[labels == label]
        assert own.min() >= 1
        assert own.max() - own.min() <= 1


@settings(deadline=None, max_examples=30)
@given(uneven)
def test_over_the_epochs_a_class_is_gone_through_evenly(labels):
    balance = Balance.of(labels)
    epochs = lcm(*map(len, balance.classes))
    drawn = torch.cat([balance.rows(epoch) for epoch in range(epochs)])
    times = torch.bincount(drawn)
    for label in labels.unique():
        assert len(times[labels == label].unique()) == 1


def test_classes_that_are_equally_frequent_are_left_as_they_are():
    assert Balance.of(torch.tensor([0, 1, 2, 2, 1, 0])) is None
    assert Balance.of(torch.tensor([3, 3])) is None
