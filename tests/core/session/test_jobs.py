"""Drawings read beside a run: the newest drawing, the newest weights, the network's answer."""

import queue
import threading

import numpy as np
import pytest
import torch

from core.catalog.activations import Identity, Sigmoid, Softmax
from core.data.drawing import mnist_input
from core.data.mnist import averaged
from core.experiment.layers import Dense, Flatten, infer_shapes
from core.experiment.network import Network
from core.session.doubts import variants_of
from core.session.predictor import Predictor, Weights, network_input, probabilities_of
from tests.core.experiments import CONVOLUTIONS

PATIENCE = 30.0


def network_of(size=28, layers=None, seed=0):
    layers = layers or (Flatten(), Dense(units=10, activation=Softmax()))
    return Network(infer_shapes(layers, (1, size, size)), seed).eval()


def weights_of(network, step=1):
    names = tuple(map(str, range(10)))
    tensors = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    return Weights(network.shapes, tensors, names, step)


def stroke(width=6):
    drawing = np.zeros((100, 100), np.uint8)
    drawing[20:80, 50 : 50 + width] = 255
    return drawing


def softmax_of(network, image):
    with torch.no_grad():
        return network(torch.from_numpy(image)[None, None]).softmax(1)[0].numpy()


class Reader:
    """A predictor whose answers can be waited for."""

    def __init__(self, on_prediction=None):
        self.answers = queue.Queue()
        self.predictor = Predictor(on_prediction or self.answers.put)

    def __enter__(self):
        self.predictor.start()
        return self

    def __exit__(self, *_):
        self.predictor.close()

    def read(self, drawing, exact=False, pasted=False):
        number = self.predictor.ask(drawing, exact=exact, pasted=pasted)
        answer = self.answers.get(timeout=PATIENCE)
        assert answer.request == number
        return answer


@pytest.mark.parametrize(
    "layers", [None, CONVOLUTIONS, (Flatten(), Dense(units=10))], ids=["dense", "all", "no-softmax"]
)
def test_probabilities_are_the_networks_own_softmax(layers):
    network = network_of(layers=layers)
    with Reader() as reader:
        reader.predictor.publish(weights_of(network))
        answer = reader.read(stroke())
    np.testing.assert_array_equal(answer.input, mnist_input(stroke()))
    np.testing.assert_allclose(answer.probabilities, softmax_of(network, answer.input), rtol=1e-5)
    assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (answer.class_names, answer.step) == (tuple("0123456789"), 1)


def test_a_network_for_small_digits_sees_the_drawing_averaged_as_its_data_were():
    expected = averaged(torch.from_numpy(mnist_input(stroke()))[None, None], 10)[0, 0].numpy()
    np.testing.assert_allclose(network_input(stroke(), (1, 10, 10), exact=False), expected)
    network = network_of(size=10)
    with Reader() as reader:
        reader.predictor.publish(weights_of(network))
        answer = reader.read(stroke())
    np.testing.assert_allclose(answer.probabilities, softmax_of(network, expected), rtol=1e-5)


def test_images_that_are_not_square_are_reduced_to_their_own_shape():
    seen = network_input(stroke(), (1, 14, 7), exact=False)
    assert seen.shape == (14, 7)
    # Averaging keeps the mean: 28·28 pixels become 14·7.
    assert seen.mean() == pytest.approx(mnist_input(stroke()).mean(), rel=1e-5)


def test_a_test_digit_is_seen_exactly_as_it_is():
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    seen = network_input(image, (1, 28, 28), exact=True)
    np.testing.assert_allclose(seen, image / 255, rtol=1e-6)
    ready = np.random.default_rng(0).random((10, 10)).astype(np.float32)
    np.testing.assert_array_equal(network_input(ready, (1, 10, 10), exact=True), ready)


def test_of_a_pasted_picture_it_is_looked_whether_the_answer_holds():
    network = network_of(seed=0)
    with torch.no_grad():  # so steep that it is sure of whatever it sees
        network.last.transform.weight *= 300
    with Reader() as reader:
        reader.predictor.publish(weights_of(network))
        drawn, pasted = reader.read(stroke()), reader.read(stroke(), pasted=True)
    np.testing.assert_array_equal(drawn.probabilities, pasted.probabilities)
    assert pasted.probabilities.max() > 0.8
    mean = np.mean([softmax_of(network, one) for one in variants_of(pasted.input)], axis=0)
    (doubt,) = [one for one in pasted.doubts if one not in drawn.doubts]
    assert doubt.values["share"] == pytest.approx(mean.max(), rel=1e-4)
    assert doubt.values["first"] == str(mean.argmax())


@pytest.mark.parametrize("drawing", [None, np.zeros((50, 50), np.uint8)], ids=["none", "empty"])
def test_an_empty_pad_predicts_nothing(drawing):
    with Reader() as reader:
        reader.predictor.publish(weights_of(network_of()))
        answer = reader.read(drawing)
    assert answer.input is None
    assert answer.probabilities is None


@pytest.mark.parametrize("publish_none", [False, True])
def test_without_a_network_that_reads_digits_nothing_is_predicted(publish_none):
    with Reader() as reader:
        if publish_none:
            reader.predictor.publish(weights_of(network_of()))
            reader.predictor.publish(None)
        assert reader.read(stroke()).probabilities is None


def test_drawings_that_a_newer_one_has_overtaken_are_dropped():
    answers, entered, released = queue.Queue(), threading.Event(), threading.Event()

    def slow(prediction):
        answers.put(prediction)
        entered.set()
        assert released.wait(PATIENCE)

    with Reader(slow) as reader:
        reader.predictor.publish(weights_of(network_of()))
        reader.predictor.ask(stroke(), exact=False)
        assert entered.wait(PATIENCE)
        numbers = [reader.predictor.ask(stroke(width), exact=False) for width in (3, 4, 5, 9)]
        released.set()
        assert answers.get(timeout=PATIENCE).request == numbers[0] - 1
        last = answers.get(timeout=PATIENCE)
    assert last.request == numbers[-1]
    np.testing.assert_array_equal(last.input, mnist_input(stroke(9)))
    assert answers.empty()


def test_the_newest_weights_answer():
    with Reader() as reader:
        for step in (1, 2, 3):
            network = network_of(seed=step)
            reader.predictor.publish(weights_of(network, step))
            answer = reader.read(stroke())
            assert answer.step == step
            expected = softmax_of(network, answer.input)
            np.testing.assert_allclose(answer.probabilities, expected, rtol=1e-5)


def test_new_weights_of_the_same_network_answer_too():
    network = network_of()
    with Reader() as reader:
        reader.predictor.publish(weights_of(network))
        first = reader.read(stroke()).probabilities
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.zero_()
        reader.predictor.publish(weights_of(network, 2))
        second = reader.read(stroke()).probabilities
    assert not np.array_equal(first, second)
    np.testing.assert_allclose(second, np.full(10, 0.1), rtol=1e-6)


def test_a_digit_of_the_wrong_size_predicts_nothing_and_the_next_one_is_read():
    with Reader() as reader:
        reader.predictor.publish(weights_of(network_of(size=10)))
        assert reader.read(np.ones((28, 28), np.uint8), exact=True).probabilities is None
        assert reader.read(stroke()).probabilities is not None


def test_a_prediction_that_fails_is_logged_and_the_next_drawing_is_read(logged_errors):
    answers, failed = queue.Queue(), threading.Event()

    def once_broken(prediction):
        if not failed.is_set():
            failed.set()
            raise ValueError("broken")
        answers.put(prediction)

    with Reader(once_broken) as reader:
        reader.predictor.publish(weights_of(network_of()))
        reader.predictor.ask(stroke(), exact=False)
        assert failed.wait(PATIENCE)
        number = reader.predictor.ask(stroke(), exact=False)
        assert answers.get(timeout=PATIENCE).request == number
    (record,) = logged_errors
    assert "prediction" in record.getMessage()
    logged_errors.clear()


def test_new_weights_are_wanted_only_after_somebody_has_asked():
    predictor = Predictor(lambda prediction: None)
    assert not predictor.is_wanted
    predictor.ask(None, exact=False)
    assert predictor.is_wanted
    predictor.close()


def test_one_sigmoid_output_gives_a_probability_for_each_of_its_two_classes():
    network = network_of(layers=(Flatten(), Dense(units=1, activation=Sigmoid())))
    image = mnist_input(stroke())
    with torch.no_grad():
        second = torch.sigmoid(network(torch.from_numpy(image)[None, None])).item()
    np.testing.assert_allclose(probabilities_of(network, image), [1 - second, second], rtol=1e-5)


@pytest.mark.parametrize("activation", [Identity(), Sigmoid()])
def test_outputs_that_are_no_distribution_are_made_one(activation):
    network = network_of(layers=(Flatten(), Dense(units=10, activation=activation)))
    image = mnist_input(stroke())
    np.testing.assert_allclose(
        probabilities_of(network, image), softmax_of(network, image), rtol=1e-5
    )
