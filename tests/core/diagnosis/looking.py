"""Runs that are looked at as they go, without a clock."""

from __future__ import annotations

from core.messages import commands
from core.messages.snapshot import RunState
from core.session.session import Session
from tests.core.experiments import FOREVER


def looks(spec, at):
    """What a session has to say when it is held at each of these steps."""
    session = Session(spec, lambda event: None, live=True)
    session.load()
    for step in at:
        run = session.run
        if step > run.trainer.step and run.state is not RunState.DIVERGED:
            session.apply(commands.Train())
            run.course.goal = step
        while session.busy:
            session.advance(FOREVER)
        yield session, session.snapshot().findings


def kinds(spec, *at):
    """The findings' kinds at each of these steps."""
    return [[one.kind for one in findings] for _, findings in looks(spec, at)]
