"""What is made of an answer: the operation marked, and the fault it is taken for."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.faults.fault import Fault
from core.messages.record import Entry
from core.sentence import Sentence


@dataclass(frozen=True)
class AnswerRead:
    """What is said of an answer.

    Attributes:
        sentences: One after the other.
        is_solved: Whether operation and fault are right.
    """

    sentences: tuple[Sentence, ...]
    is_solved: bool = False


def read_answer(
    fault: Fault, layers: int, marked: Entry, chosen: type[Fault], *, follows: bool
) -> AnswerRead:
    """Reads an answer.

    Args:
        fault: What is broken.
        layers: How many layers the network has, groups counted as one.
        marked: The operation that a person takes for the one at fault.
        chosen: What they take the fault for.
        follows: Whether the numbers of that operation are what its rule gives.
    """
    is_place = fault.is_at(marked.kind, marked.path, layers)
    is_fault = type(fault) is chosen
    if is_place and is_fault:
        return AnswerRead((Sentence(fault.description),), is_solved=True)
    if is_place:
        shows = Sentence(chosen.shows)
        other = Sentence("The one you chose would show like this: {shows}", shows=shows)
        return AnswerRead((Sentence("The operation is right, the fault is another."), other))
    where = Sentence("This operation computed what its rule gives, from what it was given.")
    if not follows:
        where = Sentence("This is not where it begins.")
    ask = Sentence("Where does a number first not follow its rule, or come from an odd one?")
    if is_fault:
        ask = Sentence("At which operation would that fault show first?")
    return AnswerRead((where, ask))
