"""Looks at a run now and then, and says what ails it, calmly."""

from __future__ import annotations

from collections import Counter
from time import perf_counter

from core.diagnosis.examiner import Examiner
from core.diagnosis.registry import ILLNESSES, examined
from core.messages.findings import Finding
from core.messages.snapshot import RunState
from core.training.run import Run

SHARE = 0.005
"""Of the time, at the most, goes into looking while a run goes on."""

PAUSE = 0.25
"""Seconds between two looks at the least."""

SURE = 2
"""Looks in a row while it trains, before something is said, or said no more."""

_AT_ONCE = {illness.kind for illness in ILLNESSES if illness.at_once}
_ORDER = {illness.kind: place for place, illness in enumerate(ILLNESSES)}


class Diagnosis:
    """The findings about a session's run.

    Attributes:
        findings: What ails it, what explains most first.
    """

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = ()
        self._probe: Examiner | None = None
        self._said: dict[str, Finding] = {}
        self._seen: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._at: object = None
        self._next = 0.0

    def begin(self, run: Run) -> None:
        """Takes a run's baseline before its first step; does nothing once that is done.

        What is broken on purpose is for a person to find.
        """
        if run.trainer.spec.fault is not None:
            return
        if self._probe is None or self._probe.run is not run:
            self.look(run)

    def _forget(self) -> None:
        self._said, self.findings, self._at = {}, (), None
        self._seen.clear()
        self._missed.clear()

    def follow(self, run: Run | None) -> None:
        """Takes in that a command may have changed the run, or put another in its place."""
        self._at = None
        if run is None or self._probe is None or self._probe.run is not run:
            self._probe = None
            self._forget()
        else:
            self._probe.renew()

    def leave_be(self, run: Run) -> None:
        """Does not look at a run where a defect has left it."""
        self._at = _place(run)

    def is_due(self, run: Run) -> bool:
        """Whether a run at rest stands where it was not looked at yet."""
        if run.trainer.spec.fault is not None:
            return False
        if run.state is RunState.RUNNING or run.course.measuring.is_under_way:
            return False
        return self._at != _place(run)

    def look_now_and_then(self, run: Run) -> None:
        """Looks at a run that goes on, where it is time again."""
        is_sound = run.trainer.spec.fault is None
        if is_sound and run.state is RunState.RUNNING and perf_counter() >= self._next:
            self.look(run)

    def look(self, run: Run) -> None:
        """Looks at the run where it stands; at rest the look decides alone."""
        begun = perf_counter()
        if self._probe is None or self._probe.run is not run:
            self._forget()
            self._at = _place(run)  # first, so that a defect comes up once, not for ever
            self._probe = Examiner(run)
        self._at = _place(run)
        found = {one.kind: one for one in examined(self._probe.evidence())}
        self._take_in(found, at_rest=run.state is not RunState.RUNNING)
        now = perf_counter()
        self._next = now + max(PAUSE, (now - begun) / SHARE)

    def _take_in(self, found: dict[str, Finding], *, at_rest: bool) -> None:
        for kind in {*found, *self._said}:
            self._seen[kind] = self._seen[kind] + 1 if kind in found else 0
            self._missed[kind] = 0 if kind in found else self._missed[kind] + 1
            sure = at_rest or kind in _AT_ONCE
            if kind in found and (kind in self._said or sure or self._seen[kind] >= SURE):
                self._said[kind] = found[kind]
            elif kind not in found and (sure or self._missed[kind] >= SURE):
                self._said.pop(kind, None)
        for kind in [kind for kind in self._seen if kind not in found]:
            self._seen[kind] = 0
        self.findings = tuple(sorted(self._said.values(), key=lambda one: _ORDER[one.kind]))


def _place(run: Run) -> object:
    return id(run), run.trainer.step, run.state
