"""What every test of the core is held to: no thread left behind, no error logged."""

import logging
import threading

import pytest
import torch

from core.training import warmup


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread():
    torch.set_num_threads(1)
    warmup.finish()  # so that replayed steps are among those tested, however fast the tests are


def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("chainrule-")]


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind():
    yield
    left = ours()
    for thread in left:
        thread.join(timeout=2)
    assert not [thread.name for thread in left], "threads left behind"


class _Errors(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.records = []

    def emit(self, record):
        self.records.append(record)


@pytest.fixture(autouse=True)
def logged_errors():
    """The records of level ERROR; one that the test has not taken out fails it."""
    handler = _Errors()
    logging.getLogger().addHandler(handler)
    yield handler.records
    logging.getLogger().removeHandler(handler)
    assert not [record.getMessage() for record in handler.records], "errors were logged"
