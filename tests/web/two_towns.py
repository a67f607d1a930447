"""Two towns side by side, alike in everything: what stands in one must not show in the other.

Everything of the foreign town carries one of its marks, clear or masked, so that a page that shows
any of it gives itself away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from fangxian.town.actions import hand_in_residents
from fangxian.town.masks import mask_name
from fangxian.town.models import (
    Absence,
    ApiToken,
    Duty,
    Household,
    Level,
    Phone,
    Place,
    Resident,
    Role,
    Shift,
    SignIn,
    Staff,
)
from fangxian.town.sealed import MASKS, blind_index
from fangxian.warn.actions.intake import hand_in
from fangxian.warn.actions.walls import hang_wall
from fangxian.warn.models import (
    Basis,
    Batch,
    Case,
    Episode,
    Escalation,
    Grade,
    Sender,
    Signal,
    StopPayment,
    Task,
    Webhook,
)
from town_of_tests import SmallTown, phone_of

OWN_NAME, FOREIGN_NAME = "王秀英", "外乡人"
# What no page prints for anybody, but where a person asked for it with a reason.
CLEAR = (OWN_NAME, "李建国", "张桂兰", "刘伟", FOREIGN_NAME)
# What nobody of our town may read: the foreign resident, clear or masked, and the words that the
# foreign town's places, staff, cases, lists and keys carry.
RESIDENT_MARKS = (
    FOREIGN_NAME, mask_name(FOREIGN_NAME), phone_of(99)[3:], MASKS["phone"](phone_of(99)),
)  # fmt: skip
FOREIGN_MARKS = (*RESIDENT_MARKS, "外乡镇", "外村", "异地", "外案")
ROLES = {
    "head": Role.LEADER, "clerk": Role.CLERK, "officer": Role.OFFICER, "village": Role.VILLAGE,
    "grid": Role.GRID, "educator": Role.EDUCATOR, "system": Role.SYSTEM,
    "security": Role.SECURITY, "auditor": Role.AUDITOR,
}  # fmt: skip


@dataclass
class Side:
    """One town: who works there by role, and one thing of each kind by the name the doors use."""

    staff: dict[str, Staff]
    things: dict[str, Any]

    def of(self, name: str) -> Any:
        """The value that `@name` stands for in a recipe."""
        thing = self.things[name]
        return getattr(thing, "pk", thing)


def two_towns(town: SmallTown) -> tuple[Side, Side]:
    """Our town and the foreign one, in this order."""
    Household.objects.filter(residents=town.stranger).update(address="外村7组7号")
    ours = {role: town.staff[role] for role in ROLES} | {"second": town.staff["officer2"]}
    theirs = _foreign_staff(town)
    return (
        Side(ours, _things(ours, town.residents[0], town.grids[0], town.grids[1], 1)),
        Side(theirs, _things(theirs, town.stranger, town.foreign_grid, _next(town), 99)),
    )


def _next(town: SmallTown) -> Place:
    return Place.objects.filter(parent=town.foreign_grid.parent).exclude(pk=town.foreign_grid.pk)[0]


def _foreign_staff(town: SmallTown) -> dict[str, Staff]:
    """The same roles, each called 异地…; village and grid worker at their own places."""
    since, made = timezone.now() - timedelta(days=30), {}
    places = {"village": town.foreign_grid.parent, "grid": town.foreign_grid}
    for key, role in {**ROLES, "second": Role.OFFICER}.items():
        staff = Staff.objects.create_user(f"far_{key}", name=f"异地{key}", badge=f"异地{key}")
        place = places.get(key, town.foreign_town)
        Duty.objects.create(staff=staff, role=role, place=place, starts_at=since)
        made[key] = staff
    return made


def _things(
    staff: dict[str, Staff], resident: Resident, grid: Place, other: Place, n: int
) -> dict[str, Any]:
    """One thing of each kind in a grid; `n` tells the two towns' numbers apart."""
    village, now = grid.parent, timezone.now()
    town_hall = village.parent
    word = "外案" if n == 99 else "本案"
    clerk, officer, security = staff["clerk"], staff["officer"], staff["security"]
    sender, _new = Sender.objects.get_or_create(name="县反诈中心")
    serial = iter(range(20))

    def somebody() -> Resident:
        k = next(serial)
        home = Household.objects.create(grid=grid, address=f"{village.name}8组{k}号")
        person = Resident.objects.create(name=resident.name.clear, place=grid, household=home)
        number = phone_of(1000 * n + k)
        Phone.objects.create(resident=person, number=number, index=blind_index(number))
        return person

    def episode(of: Resident | None = None, **fields: Any) -> Episode:
        made = Episode.objects.create(
            resident=of or somebody(), place=grid, grade=Grade.RED, kind="fake_police", **fields
        )
        signal = Signal.objects.create(
            episode=made, sender=sender, source="form", reference=f"{word}{made.pk}",
            fingerprint=uuid4().hex, kind="fake_police", grade=Grade.RED,
        )  # fmt: skip
        Basis.objects.create(signal=signal, name=f"{word}_signal", version=1)
        return made

    def task(of: Episode, kind: str, **fields: Any) -> Task:
        facts = {"due_at": now + timedelta(hours=1), "starts_at": now, "made_at": now} | fields
        return Task.objects.create(episode=of, kind=kind, place=grid, grade=of.grade, **facts)

    first, held, doors = episode(of=resident), episode(), episode()
    holder = {"claimed_by": officer, "claimed_until": now + timedelta(hours=1)}
    late = task(episode(), "call", due_at=now - timedelta(hours=2))
    Escalation.objects.create(task=late, level=1, told=staff["head"], due_at=now, fired_at=now)
    race = episode()
    StopPayment.objects.create(episode=race, by=officer)
    rows = f"编号,电话,姓名\n{word}1,{phone_of(5000 + n)[3:]},{resident.name.clear}"
    batch, _ = hand_in(clerk, sender, f"{word}.csv", rows.encode())
    done, _ = hand_in(clerk, sender, f"{word}2.csv", f"{rows}2".encode())
    Batch.objects.filter(pk=done.pk).update(state=Batch.State.DONE, finished_at=now)
    case = Case.objects.create(
        number=f"{word}-{n}", kind="other", place=grid, happened_on=now.date(), channel="sms",
        by=clerk, resident=resident, story=word,
    )  # fmt: skip
    alone = Resident.objects.create(name=resident.name.clear, place=grid)
    empty = Place.objects.create(
        code=f"{village.code}7{n:02d}",
        name=f"{village.name}空网格",
        level=Level.GRID,
        parent=village,
    )
    token = ApiToken.objects.create(
        name=f"{word}系统", made_by=security, place=town_hall, scopes=[], digest=f"digest{n}",
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    hook = Webhook.objects.create(
        url=f"http://127.0.0.1:9/{n}", secret="s", place=town_hall, token=token
    )
    wall, key = hang_wall(staff["head"], town_hall, f"{word}大屏")
    tomorrow = now + timedelta(days=1)
    return {
        "resident": resident, "phone": resident.phones.get(), "number": phone_of(n)[3:],
        "household": resident.household, "alone": alone,
        "grid": grid, "other_grid": other, "empty_grid": empty, "village": village,
        "town": town_hall, "grid_code": grid.code, "village_code": village.code,
        "village_prefix": village.prefix, "town_code": town_hall.code,
        "episode": first, "call": task(first, "call"),
        "held": task(held, "call", **holder), "held_phone": held.resident.phones.get(),
        "late": late, "race": race, "visit": task(doors, "visit"), "find": task(doors, "find"),
        "follow_up": task(doors, "follow_up", day=3),
        "review": episode(state="review", outcome="dissuaded"),
        "batch": batch, "done_batch": done, "sender": sender, "case": case,
        "list": hand_in_residents(clerk, grid, "", f"姓名\n{resident.name.clear}".encode()),
        "clerk": clerk, "officer": officer, "second": staff["second"],
        "duty": Duty.objects.get(staff=officer, place=town_hall),
        "absence": Absence.objects.create(staff=officer, starts_at=now, ends_at=tomorrow),
        "shift": Shift.objects.create(staff=officer, starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=8)),
        "token": token, "hook": hook, "wall": wall,
        # The key is the secret itself: of the foreign wall nobody of ours knows it.
        "wall_key": key if n != 99 else uuid4(),
        "session": SignIn.objects.create(staff=officer, session_key=f"key{n}"),
        "form_key": UUID(int=n),
        "day": timezone.localdate().isoformat(),
        "tomorrow": (timezone.localdate() + timedelta(days=1)).isoformat(),
        "week_day": timezone.localdate().isoformat(),
    }  # fmt: skip
