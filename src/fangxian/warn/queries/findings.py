"""What officers found behind warnings, as the watch is told of it."""

from __future__ import annotations

from django.db.models import Case, CharField, Q, Value, When

from fangxian.measure.feedback import Finding
from fangxian.warn.models import Episode, Stage

_FAR = (Stage.TRUSTING, Stage.ISOLATED, Stage.PAID)


def finding(path: str = "") -> Case:
    """Which `Finding` a signal's warning came to; `path` leads to the signal, with "__" at its end.

    It is the result that the sender is told (queries.after.result_of), and how far the gang had
    come: who believed it, was cut off or paid was in a swindle; who was only contacted, in the try
    of one; whom nobody had contacted, in none, though a talk took place. An episode that is open
    again is open.
    """

    def found(outcome: str, **stages: object) -> Q:
        return Q(**{f"{path}result": outcome}) & Q(
            **{f"{path}episode__{key}": value for key, value in stages.items()}
        )

    outcomes = Episode.Outcome
    whens = (
        (~Q(**{f"{path}episode__state": Episode.State.CLOSED}), Finding.OPEN),
        (found(outcomes.PAID), Finding.GOING_ON),
        (found(outcomes.FALSE_ALARM), Finding.NOTHING),
        (found(outcomes.NOT_FOUND), Finding.NOT_REACHED),
        (found(outcomes.DISSUADED, stage=Stage.NONE), Finding.NOTHING),
        (found(outcomes.REFUSED, stage=Stage.NONE), Finding.NOTHING),
        # Told twice at the door and would not hear of it: the swindler is believed.
        (found(outcomes.REFUSED), Finding.GOING_ON),
        (found(outcomes.DISSUADED, stage__in=_FAR), Finding.GOING_ON),
        (found(outcomes.DISSUADED), Finding.TRIED),
    )
    return Case(
        *(When(condition, then=Value(which.value)) for condition, which in whens),
        default=Value(Finding.OPEN.value),
        output_field=CharField(),
    )
