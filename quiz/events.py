"""What happens in a session, as data: plain JSON, appended and never changed.

A session is the sequence of its events: `quiz.state.replay` makes its state from them, and `quiz.engine` says which
events an action of the student leads to. No event holds a key: what is asked is named by question and seed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from question_bank.answers.base import Verdict
from question_bank.schema import Type

Mode = Literal["practice", "due", "weakest", "exam"]
Rating = Literal["again", "hard", "good"]
Way = Literal["answered", "shown", "left", "skipped"]
"""How a part was settled: rightly answered, solution shown, left after an answer that was not right, or skipped."""

MINUTE_S = 60.0
# A pause: whoever takes longer has been away, as far as anyone can tell.
LONGEST_S = 30 * MINUTE_S


class Record(BaseModel):
    """A frozen record; unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(Record):
    """One answer that is asked for. `by_person`: free text, which the student marks with the rubric."""

    label: str
    points: float
    by_person: bool = False


class Item(Record):
    """A question with its seed, as it is asked in a session; `number` is unique in the session.

    `ends_after` is the number of its parts where an exam leaves out the others.
    """

    number: Annotated[int, Field(ge=1)]
    question: str
    seed: Annotated[int, Field(ge=0)]
    kind: Type
    lecture: int
    topic: str
    parts: tuple[Asked, ...]
    section: str = ""
    ends_after: int | None = None

    def labels(self) -> tuple[str, ...]:
        """The labels of its answers in the session: "3", or "4a", "4b"."""
        return tuple(f"{self.number}{part.label}" for part in self.parts)


class Terms(Record):
    """What a mock exam is: minutes, points, the mark that passes."""

    title: str
    minutes: float
    points: float
    pass_mark: float


class Judgement(Record):
    """The mark of an answer; `fraction` of the points is earned. `ask` holds the readings to choose between."""

    verdict: Verdict
    fraction: str
    points: float
    message: str
    read_as: str | None = None
    mistake: str | None = None
    ask: tuple[str, ...] = ()


class _Event(Record):
    at: AwareDatetime


class Started(_Event):
    """The session begins."""

    kind: Literal["started"] = "started"
    mode: Mode
    seed: int
    bank_version: str
    items: tuple[Item, ...]
    terms: Terms | None = None


class Attempted(_Event):
    """An answer was typed and marked. `reading` was chosen among readings; `sure` is the student's confidence."""

    kind: Literal["attempted"] = "attempted"
    label: str
    text: str
    reading: str | None = None
    sure: bool | None = None
    seconds: float
    mark: Judgement


class Hinted(_Event):
    """The hint of this level (from 1) was shown."""

    kind: Literal["hinted"] = "hinted"
    label: str
    level: int


class Settled(_Event):
    """A part is done with; its solution may be shown, except after `skipped`."""

    kind: Literal["settled"] = "settled"
    label: str
    way: Way


class SelfMarked(_Event):
    """The student gave these points for an answer that the machine does not mark."""

    kind: Literal["self_marked"] = "self_marked"
    label: str
    points: float


class Added(_Event):
    """Another variant of a question comes after the item `after`."""

    kind: Literal["added"] = "added"
    item: Item
    after: int


class Written(_Event):
    """In an exam: an answer was written, or changed; an empty one takes it back. It is marked after the end."""

    kind: Literal["written"] = "written"
    label: str
    text: str
    sure: bool | None = None
    seconds: float


class Turned(_Event):
    """In an exam: the student turned to this item."""

    kind: Literal["turned"] = "turned"
    number: int


class HandedIn(_Event):
    """The exam ended: by the student, or by the clock."""

    kind: Literal["handed_in"] = "handed_in"
    by: Literal["student", "clock"]


class Graded(_Event):
    """One answer of the exam was marked after the end."""

    kind: Literal["graded"] = "graded"
    label: str
    mark: Judgement


class Rated(_Event):
    """How well a question went, for the schedule of repetitions."""

    kind: Literal["rated"] = "rated"
    number: int
    question: str
    rating: Rating


class Finished(_Event):
    """The session is over; nothing follows."""

    kind: Literal["finished"] = "finished"


Event = Annotated[
    Started
    | Attempted
    | Hinted
    | Settled
    | SelfMarked
    | Added
    | Written
    | Turned
    | HandedIn
    | Graded
    | Rated
    | Finished,
    Field(discriminator="kind"),
]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def event_from_json(text: str) -> Event:
    """An event from its JSON. Raises pydantic's ValidationError."""
    return _EVENT.validate_json(text)
