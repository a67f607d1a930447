"""Two people change the same resident at once: the later one does not undo the earlier one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from fangxian.town import actions, audit
from fangxian.town.actions import Refused
from fangxian.town.models import AuditEntry, Place, Resident, ResidentList, Staff
from town_of_tests import SmallTown


def stale(resident: Resident) -> Resident:
    """The resident as a page that was opened a while ago has it."""
    copy = Resident.objects.select_related("place", "household").get(pk=resident.pk)
    assert copy.name.clear
    return copy


@pytest.mark.django_db
def test_an_edit_from_an_old_page_does_not_bring_an_erased_identity_back(
    small_town: SmallTown,
) -> None:
    resident = small_town.residents[0]
    old_page = stale(resident)
    actions.erase_resident(audit.SYSTEM, resident)
    with pytest.raises(Refused, match="按规定删除"):
        actions.edit_resident(audit.SYSTEM, old_page, tags=["student"])
    with pytest.raises(Refused, match="按规定删除"):
        actions.add_phone(audit.SYSTEM, old_page, "+8612000009999")
    resident.refresh_from_db()
    assert resident.erased_at
    assert not resident.name
    assert not resident.phones.exists()


@pytest.mark.django_db
def test_an_edit_keeps_what_somebody_else_changed_meanwhile(small_town: SmallTown) -> None:
    resident = small_town.residents[0]
    old_page = stale(resident)
    actions.edit_resident(audit.SYSTEM, resident, birth_year=1951)
    actions.edit_resident(audit.SYSTEM, old_page, tags=["student"])
    resident.refresh_from_db()
    assert (resident.birth_year, resident.tags) == (1951, ["student"])


@pytest.mark.django_db
def test_an_edit_from_an_old_page_does_not_move_a_resident_back_into_a_closed_grid(
    small_town: SmallTown,
) -> None:
    resident = small_town.residents[0]
    old_page, old = stale(resident), resident.place
    Place.objects.update(valid_from=timezone.localdate().replace(year=2020))
    into = Place.objects.filter(level=old.level, parent=old.parent).exclude(pk=old.pk).first()
    assert into is not None
    actions.merge_place(audit.SYSTEM, old, into)
    actions.edit_resident(audit.SYSTEM, old_page, tags=["student"])
    resident.refresh_from_db()
    assert resident.place == into
    with pytest.raises(Refused, match="已经停用"):
        actions.edit_resident(audit.SYSTEM, old_page, place=old)


def at_once(*jobs: Callable[[], Any]) -> list[BaseException]:
    """Run all at the same moment; what they raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> None:
        try:
            gate.wait()
            job()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_editing_residents_while_their_grid_is_merged_is_no_deadlock(live_town: SmallTown) -> None:
    Place.objects.update(valid_from=timezone.localdate().replace(year=2020))
    old = live_town.residents[0].place
    into = Place.objects.filter(level=old.level, parent=old.parent).exclude(pk=old.pk).first()
    assert into is not None
    people = [stale(r) for r in live_town.residents if r.place_id == old.pk][:4]

    def edit(person: Resident) -> Callable[[], Any]:
        return lambda: [
            actions.edit_resident(audit.SYSTEM, person, tags=["student"]) for _n in range(5)
        ]

    raised = at_once(lambda: actions.merge_place(audit.SYSTEM, old, into), *map(edit, people))
    assert raised == []
    assert not Resident.objects.filter(place=old).exists()
    assert audit.verify()[1] == []


def test_confirming_a_register_twice_at_once_adds_nobody_twice(live_town: SmallTown) -> None:
    """Two POSTs made 4000 residents of 2000; two workers on one register make none twice either."""
    officer, village = live_town.staff["officer"], live_town.villages[0]
    text = "姓名\t身份证号\t出生年份\n" + "".join(
        f"王{chr(0x5000 + n)}\t\t{1940 + n % 60}\n" for n in range(700)
    )
    handed = actions.hand_in_residents(officer, village, "", text.encode())
    before = Resident.objects.count()

    def confirm_and_run() -> None:
        mine = ResidentList.objects.get(pk=handed.pk)
        actions.confirm_residents(Staff.objects.get(pk=officer.pk), mine)
        actions.import_resident_list.func(handed.pk)

    assert at_once(confirm_and_run, confirm_and_run) == []
    assert Resident.objects.count() == before + 700
    handed.refresh_from_db()
    assert (handed.result["added"], handed.next_row) == (700, 700)
    assert AuditEntry.objects.filter(verb="residents_confirmed").count() == 1
