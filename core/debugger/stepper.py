"""The recorded step of a run, and the cursor that a person moves through it."""

from __future__ import annotations

from collections.abc import Callable

from core.debugger import cursor
from core.debugger.tape import Tape, record_step
from core.errors import UserError
from core.experiment.layers import Path
from core.messages.breakpoints import AT_CURSOR, Breakpoint, Condition
from core.messages.record import Grain, Place, Stepping
from core.sentence import Sentence
from core.training.course import divergence
from core.training.metrics import Slice
from core.training.run import Run
from core.training.state import TrainingState

Move = Callable[[cursor.Entries, Place], Place | None]


class Stepper:
    """One step of a run taken apart.

    While the cursor is inside of the step, the run stands before it; when the cursor has reached
    its end, the run has taken it. So whatever one does next (train, save, undo) finds the run in
    the state that is shown, and nothing is taken twice. Where weights were changed by hand after
    a step of the past, the run stands at its end with that change in it, as it went on from there.

    Args:
        run: The run, held; its next step is recorded at once.
        depart: Lets the run go on from its past in another way than it went.
        stopped: Why stepping begins, if a breakpoint began it.

    Attributes:
        tape: The recorded step.
        place: Where the cursor stands in it.
    """

    def __init__(
        self, run: Run, depart: Callable[[], None], stopped: Sentence | None = None
    ) -> None:
        self._run = run
        self._reached: TrainingState | None = None  # at the end of the step, once taken
        self._depart = depart
        self.begin()
        self._stopped = stopped

    @property
    def view(self) -> Stepping:
        """What may be seen of it."""
        return Stepping(self.tape.record, self.place, self._can_go_back(), self._stopped)

    @property
    def is_done(self) -> bool:
        """Whether the run has taken the step."""
        return self.place == cursor.end_of(self._entries)

    @property
    def is_elsewhere(self) -> bool:
        """Whether undo has led the run away from the step that it had taken."""
        return self.is_done and not self._run.past.stands_at(self._reached or self.tape.before)

    @property
    def _entries(self) -> cursor.Entries:
        return self.tape.record.entries

    def begin(self) -> None:
        """Takes up the step that comes next from where the run stands now."""
        self._stopped = None
        self.tape, self._slice = self._record()
        self.place = cursor.START

    def next(self, grain: Grain) -> None:
        """Goes on, from the end of the step into the next one.

        Raises:
            UserError: The step was not finite: there is nothing to go on to.
        """
        self._onward(lambda entries, place: cursor.onward(entries, place, grain))

    def out(self) -> None:
        """Goes on to the end of what the present layer does in this phase."""
        self._onward(cursor.out_of_layer)

    def run_to(self, path: Path, unit: int | None) -> None:
        """Goes on until something of a layer is computed, of one unit where one is given."""
        self._onward(lambda entries, place: cursor.to_layer(entries, place, path, unit))

    def go_to(self, entry: int) -> None:
        """Goes behind an entry of this step, or to its beginning with -1."""
        self._stand(cursor.whole(self._entries, max(-1, min(entry, len(self._entries) - 1))))

    def stand_at(self, place: Place) -> None:
        """Goes to a place that was kept; as near to it as this step has one."""
        entry = min(place.entry, len(self._entries) - 1)
        self.go_to(entry)
        if entry == place.entry >= 0:
            count = self._entries[entry].count
            self._stand(Place(entry, max(1, min(place.number, count))))

    def back(self, grain: Grain) -> None:
        """Goes back, from the beginning of the step into the one before.

        Raises:
            UserError: That one would not come out as it did: the run was changed since.
        """
        place = cursor.backward(self._entries, self.place, grain)
        if place is None:
            if self._is_first():
                return
            if not self._can_go_back():
                raise UserError(
                    "Step {step} cannot be shown as it was: the experiment was changed after it.",
                    "Undo the change first, or choose an earlier step in the timeline.",
                    step=self.tape.before.step,
                )
            self._run.visit(self.tape.before.step - 1)
            self.tape, self._slice = self._record()
            end = cursor.end_of(self._entries)
            place = cursor.backward(self._entries, end, grain)
            assert place is not None
        self._stand(place)

    def run_to_breakpoint(self, breakpoints: tuple[Breakpoint, ...]) -> bool:
        """Goes on to the next entry that a breakpoint waits for.

        Returns:
            Whether there is one among those that hold at the cursor.
        """
        waiting = [one for one in breakpoints if one.on and one.condition in AT_CURSOR]
        if not any(_holds(waiting, self._entries, i) for i in range(len(self._entries))):
            return False
        self._onward(lambda entries, place: _next_hold(waiting, entries, place))
        entry = self._entries[self.place.entry]
        self._stopped = Sentence("A breakpoint: {name} is computed.", name=entry.name or "loss")
        return True

    def renew(self) -> None:
        """Records the step anew, after something in it was changed; the cursor stays if it can."""
        if self.is_done:
            return
        place, before = self.place, self._entries
        self.tape, self._slice = self._record()
        same = [entry.writes for entry in before] == [entry.writes for entry in self._entries]
        self.place = place if same else cursor.START

    def go_to_end(self) -> None:
        """Puts the cursor behind everything, for a step that a breakpoint has caught."""
        stopped = self._stopped
        self._stand(cursor.end_of(self._entries))
        self._stopped = stopped

    def _onward(self, move: Move) -> None:
        place = move(self._entries, self.place)
        if place is None:
            self._finish()
            self.begin()
            place = move(self._entries, self.place)
            if place is None:  # nothing of the kind in any step
                return
        self._stand(place)

    def _finish(self) -> None:
        """Takes the step to its end, before the next one."""
        if not self._slice.finite:
            raise UserError(divergence(self._slice, self._run.trainer.rate))
        self._stand(cursor.end_of(self._entries))

    def _stand(self, place: Place) -> None:
        was_done = self.is_done
        self.place = place
        self._stopped = None
        if self.is_done and not was_done and self._slice.finite:
            self._take()
        elif was_done and not self.is_done:
            self._run.stand_at(self.tape.before)

    def _take(self) -> None:
        """Lets the run have taken the step; one taken before counts once."""
        run, after = self._run, self.tape.after
        if self._reached is not None:
            run.stand_at(self._reached)
        elif after.step <= run.past.head_step and run.past.can_repeat(after.step):
            self._reached = run.past.went_on_from(after)
            run.stand_at(self._reached)
        else:
            if run.past.is_visited:
                self._depart()
            self._reached = after
            run.stand_at(after)
            run.took(self._slice)

    def _record(self) -> tuple[Tape, Slice]:
        """Records the run's next step and puts the run back before it."""
        self._run.past.keep_newest()
        trainer = self._run.trainer
        tape = record_step(trainer)
        part = trainer.flush()
        assert part is not None
        trainer.restore(tape.before)
        self._reached = None
        return tape, part

    def _can_go_back(self) -> bool:
        if self.place.entry >= 0:
            return True
        return not self._is_first() and self._run.past.can_repeat(self.tape.before.step)

    def _is_first(self) -> bool:
        """Whether no earlier step is known."""
        return self.tape.before.step <= self._run.past.timeline.first


def _next_hold(
    breakpoints: list[Breakpoint], entries: cursor.Entries, place: Place
) -> Place | None:
    ahead = range(place.entry + 1, len(entries))
    hold = next((i for i in ahead if _holds(breakpoints, entries, i)), None)
    return None if hold is None else cursor.whole(entries, hold)


def _holds(breakpoints: list[Breakpoint], entries: cursor.Entries, position: int) -> bool:
    return any(
        entries[position].writes == one.writes
        if one.condition is Condition.ENTRY
        else _begins(entries, position, one.path)
        for one in breakpoints
    )


def _begins(entries: cursor.Entries, position: int, path: Path) -> bool:
    """Whether an entry is the first of a layer in its phase."""

    phase = entries[position].phase
    fitting = (i for i, one in enumerate(entries) if (one.path, one.phase) == (path, phase))
    return next(fitting, None) == position
