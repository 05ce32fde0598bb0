"""What the tests of the core share, and are held to: no thread left behind, no error logged."""

import json
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
    assert not [thread.name for thread in left if thread.is_alive()], "threads left behind"


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


@pytest.fixture
def call(capsys):
    """Calls the terminal; gives the exit status, stdout and stderr."""
    from core import terminal

    def call(*argv):
        status = terminal.main([str(argument) for argument in argv])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def events(call):
    """The events that a subcommand prints with ``--json``, if nothing goes wrong."""

    def events(*argv):
        status, out, err = call(*argv, "--json")
        assert (status, err) == (0, "")
        return [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]

    return events
