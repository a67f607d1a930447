"""The register of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxian.town import audit, events
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Place, Resident, Staff
from fangxian.warn.models import Case, Episode

# A case within this time after a warning to the same resident counts as "warned, paid anyway".
LINK_WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class CaseFacts:
    """The facts of a case; money in fen, `happened_on` a local date."""

    kind: str
    place: Place
    happened_on: date
    channel: str
    loss_fen: int = 0
    stopped_fen: int = 0
    number: str = ""
    story: str = ""
    resident: Resident | None = None
    episode: Episode | None = None


def earlier_warning(resident: Resident, happened_on: date) -> Episode | None:
    """The last episode of the resident that opened before the case, within 90 days."""
    return (
        Episode.objects.filter(
            resident=resident,
            opened_at__date__lte=happened_on,
            opened_at__date__gte=happened_on - LINK_WITHIN,
        )
        .order_by("-opened_at")
        .first()
    )


@transaction.atomic
def record_case(by: Staff, facts: CaseFacts, form_key: UUID) -> Case:
    """Enter a case, linked to the earlier warning where there was one. Idempotent by form."""
    audit.hold()
    earlier = Case.objects.filter(form_key=form_key).first()
    if earlier:
        return earlier
    access_of(by).check(Ability.EDIT_CASES, facts.place.code)
    episode = facts.episode
    if episode is None and facts.resident is not None:
        episode = earlier_warning(facts.resident, facts.happened_on)
    case = Case.objects.create(
        form_key=form_key,
        number=facts.number,
        kind=facts.kind,
        loss_fen=facts.loss_fen,
        stopped_fen=facts.stopped_fen,
        place=facts.place,
        happened_on=facts.happened_on,
        channel=facts.channel,
        episode=episode,
        resident=facts.resident or (episode.resident if episode else None),
        story=facts.story,
        by=by,
    )
    audit.record(by, "case", case, kind=case.kind, loss_fen=case.loss_fen)
    events.case_recorded.send(Case, case=case, by=by)
    return case


@transaction.atomic
def change_case(case: Case, by: Staff, facts: CaseFacts) -> Case:
    """Correct a case; the audit chain keeps which fields changed."""
    audit.hold()
    case = Case.objects.select_related("place").get(pk=case.pk)
    access_of(by).check(Ability.EDIT_CASES, case.place.code)
    access_of(by).check(Ability.EDIT_CASES, facts.place.code)
    changed = []
    for name in CaseFacts.__dataclass_fields__:
        new = getattr(facts, name)
        if name in ("resident", "episode") and new is None:
            continue
        if getattr(case, name) != new:
            setattr(case, name, new)
            changed.append(name)
    case.save()
    audit.record(by, "change_case", case, fields=changed)
    return case


@transaction.atomic
def withdraw_case(case: Case, by: Staff, because: str) -> Case:
    """Take a case out of the counts (entered twice, not a fraud). It stays on record."""
    audit.hold()
    case = Case.objects.select_related("place", "resident").get(pk=case.pk)
    access_of(by).check(Ability.EDIT_CASES, case.place.code)
    if case.withdrawn_at is None:
        if case.resident:
            because = case.resident.without_names(because)
        case.withdrawn_at = timezone.now()
        case.save()
        audit.record(by, "withdraw_case", case, because=because)
    return case
