"""What a race can be made of: who takes part at first, who joins, who leaves."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.kit.forms.fields import FormField, fields_of
from app.kit.numbers import short_number, whole
from app.kit.text import label_of, translated
from core.catalog.base import entries_of
from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum, Optimizer
from core.catalog.optimizers.switching import differing, switched
from core.messages.race import NETWORK, Contest, RaceChoice, Runner

MOST = 8
"""Runners in one race: as many as there are colours."""

MANY = 4096
"""Samples beyond which a step over all of them takes so long that a race seems to stand still."""

_RATES = {
    "momentum": 0.05,
    "nesterov": 0.05,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adam": 0.01,
    "adamw": 0.01,
}
"""Rates that get somewhere within some hundred steps of a small network; 0.1 for the others."""

_BENDS = {
    "ravine": 0.04,
    "rosenbrock": 0.001,
    "beale": 0.01,
    "himmelblau": 0.01,
    "rastrigin": 0.001,
    "styblinski_tang": 0.01,
}
"""Rates of plain descent on functions too steep for 0.1: somewhat below 2/λ at the start."""

_ADAPTIVE = ("adagrad", "rmsprop", "adam", "adamw")
_IN_A_FUNCTION = 0.1
"""What these move by in a step, on functions that are some ten wide."""


def newcomer(entry: type[Optimizer], arena: str = NETWORK) -> Optimizer:
    """An optimizer as it joins a race: its usual fields, and a rate that shows what it can do."""
    kind = entry.model_fields["kind"].default
    rate = _RATES.get(kind, 0.1)
    if arena != NETWORK:
        plain = _BENDS.get(arena, 0.1) * rate / 0.1
        rate = _IN_A_FUNCTION if kind in _ADAPTIVE else plain
    return entry.model_validate({"learning_rate": rate})


def exchanged(before: Optimizer, entry: type[Optimizer], arena: str = NETWORK) -> Optimizer:
    """Another optimizer for a runner: as it joins, but for what a person has entered."""
    entered = differing(newcomer(type(before), arena), before)
    return switched(entry, entered, newcomer(entry, arena))


def proposal(samples: int = 0) -> RaceChoice:
    """Three that part soon, for somebody who has not chosen yet.

    Args:
        samples: In the network's training set; where they are many, nobody takes all of them in
            each step, or the others would wait for seconds.
    """
    first = SGD if samples > MANY else GradientDescent
    entries: tuple[type[Optimizer], ...] = (first, Momentum, Adam)
    return RaceChoice(
        runners=tuple(Runner(number, newcomer(entry)) for number, entry in enumerate(entries))
    )


def moved(choice: RaceChoice, arena: str) -> RaceChoice:
    """The same race elsewhere; whose rate nobody has touched takes the one that suits the place."""

    def fitted(optimizer: Optimizer) -> Optimizer:
        kind = type(optimizer)
        return newcomer(kind, arena) if optimizer == newcomer(kind, choice.arena) else optimizer

    runners = tuple(Runner(one.id, fitted(one.optimizer)) for one in choice.runners)
    return replace(choice, arena=arena, runners=runners, target=None)


def joined(choice: RaceChoice, entry: type[Optimizer], used: int) -> RaceChoice:
    """One more takes part, in a colour that none of the others has.

    Args:
        choice: With less than ``MOST`` runners.
        entry: Which optimizer.
        used: The highest id that was ever given; an id is never given twice, since the race would
            take a newcomer for the one who left.
    """
    taken = {runner.id % MOST for runner in choice.runners}
    ids = range(used + 1, used + 1 + MOST)
    free = next(number for number in ids if number % MOST not in taken)
    return replace(choice, runners=(*choice.runners, Runner(free, newcomer(entry, choice.arena))))


def without(choice: RaceChoice, id: int) -> RaceChoice:
    """One takes part no longer."""
    return replace(choice, runners=tuple(one for one in choice.runners if one.id != id))


def changed(choice: RaceChoice, id: int, optimizer: Optimizer) -> RaceChoice:
    """One goes on with another optimizer, or with other values for its fields."""
    runners = (Runner(id, optimizer) if one.id == id else one for one in choice.runners)
    return replace(choice, runners=tuple(runners))


class RaceDraft:
    """Who is to race where, as it is put together in the window.

    Attributes:
        choice: A proposal until ``is_set``.
        is_set: Whether the race was told of it.
        is_chosen: Whether a person has chosen who takes part.
        samples: In the network's training set; 0 before it is loaded.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.choice = proposal(samples)
        self.is_set = False
        self.is_chosen = False
        self._used = max(runner.id for runner in self.choice.runners)
        self._heard = Contest()

    @property
    def samples_there(self) -> int:
        """That a step over all samples takes in the place of the race."""
        return self.samples if self.choice.arena == NETWORK else 0

    def propose(self) -> bool:
        """Other runners for a network with many samples, while nobody has chosen any.

        Says whether they are others.
        """
        runners = proposal(self.samples).runners
        on_network = self.choice.arena == NETWORK
        if self.is_chosen or not on_network or self.choice.runners == runners:
            return False
        self.choice = replace(self.choice, runners=runners)
        return True

    def moved(self, arena: str, pace: float | None) -> RaceChoice:
        """The same race elsewhere; who has run there before begins anew."""
        choice = self.choice
        if arena == NETWORK and not self.is_chosen:
            choice = replace(choice, runners=proposal(self.samples).runners)
        return replace(moved(choice, arena), pace=pace)

    def joined(self, entry: type[Optimizer]) -> RaceChoice:
        """One more takes part."""
        choice = joined(self.choice, entry, self._used)
        self._used, self.is_chosen = choice.runners[-1].id, True
        return choice

    def adopt(self, contest: Contest) -> None:
        """Takes over what the race says of itself where it was not told from here."""
        before, self._heard = self._heard, contest
        has_race = bool(contest.arena)
        refused = contest.trouble is not None and contest.trouble is not before.trouble
        if has_race and (not self.is_set or refused):
            runners = tuple(Runner(one.id, one.optimizer) for one in contest.runners)
            if (contest.arena, runners) != (self.choice.arena, self.choice.runners):
                self.choice = replace(self.choice, arena=contest.arena, runners=runners)
                self.is_chosen = True
            self._used = max([self._used, *(one.id for one in runners)])
            self.is_set = True
        elif not has_race and before.arena:
            self.is_set = False


def optimizers() -> list[type[Optimizer]]:
    """All there are, in the catalog's order."""
    return list(entries_of(Optimizer).values())


def settings_text(optimizer: Optimizer, samples: int = 0) -> str:
    """The rate, and what else is not as usual: ``η = 0.01, μ = 0.95``.

    Args:
        optimizer: With its fields.
        samples: In the network's training set; 0 on a function.
    """
    parts = []
    for field in fields_of(type(optimizer)):
        value = getattr(optimizer, field.name)
        if field.name == "learning_rate" or value != field.default:
            parts.append(_setting(field, value))
    if optimizer.full_batch and samples > MANY:
        text = QCoreApplication.translate("race", "all {count} samples")
        parts.append(text.format(count=whole(samples)))
    return ", ".join(parts)


def samples_text(entry: Optimizer | type[Optimizer], samples: int) -> str:
    """What each step of an optimizer costs that takes all samples; empty for the others."""
    if not (entry.full_batch and samples):
        return ""
    text = QCoreApplication.translate("race", "Each of its steps takes all {count} samples.")
    return text.format(count=whole(samples))


def full_text(optimizer: Optimizer, samples: int = 0) -> str:
    """The optimizer with all of its fields, a line each."""
    fields = fields_of(type(optimizer))
    lines = [f"{translated(f.title)} = {_value(getattr(optimizer, f.name))}" for f in fields]
    cost = samples_text(optimizer, samples)
    return "\n".join([label_of(optimizer), *lines, *([cost] if cost else [])])


def _setting(field: FormField, value: object) -> str:
    *_, symbol = translated(field.title).split()
    name = symbol if len(symbol) <= 2 else translated(field.title)
    return name if value is True else f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return short_number(value) if isinstance(value, float) else str(value)
