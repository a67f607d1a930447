"""A town with something on every page, and a recipe for each named page of the URLconf: who opens
it, and which address.

A new page has no recipe and fails test_accessible.py, until one is written here, or its name stands
in NO_PAGE: a form's target, a fragment or a file. That those are no pages is tested, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from town_of_tests import SmallTown, phone_of, red_call, run_tasks, sign_in

VISITOR = ""


@dataclass(frozen=True)
class Look:
    """One look at a page. `of` names the thing whose number stands in the address; `query` goes
    behind it; `before` prepares the session of whoever looks."""

    who: str
    of: str = ""
    query: str = ""


# Pages in the order of the rooms. Those with two looks have two faces.
LOOKS: dict[str, tuple[Look, ...]] = {
    "web:home": (Look(VISITOR),),
    "web:gallery": (Look("officer"),),
    "ask:caller": (Look(VISITOR),),
    "ask:rights": (Look(VISITOR),),
    "ask:code_list": (Look("officer"),),
    "ask:my_code": (Look("officer"),),
    "warn:intake": (Look("clerk"),),
    "warn:intake_one": (Look("clerk"),),
    "warn:senders": (Look("clerk"),),
    "warn:batch": (
        Look("clerk", "batch"), Look("clerk", "batch", "?show=refused"),
        Look("clerk", "done_batch"), Look("clerk", "running_batch"), Look("clerk", "unclear_batch"),
    ),
    "warn:columns": (Look("clerk", "batch"), Look("clerk", "unclear_batch")),
    "warn:wall": (Look("chief"),),
    "warn:walls": (Look("head"),),
    "warn:hung": (Look(VISITOR, "wall"),),
    "warn:my_work": (
        Look("officer"), Look("grid"), Look("chief"), Look("clerk", query="?show=mine"),
        Look("educator"),
    ),
    "warn:board": (Look("chief"), Look("chief", query="?grade=1")),
    "warn:alarms": (Look("chief"),),
    "warn:episodes": (Look("officer"), Look("clerk", query="?state=open&grade=1")),
    "warn:episode": (Look("officer", "episode"), Look("clerk", "closed")),
    "warn:episode_print": (Look("officer", "episode"),),
    "warn:assign": (Look("clerk", "free_call"),),
    "warn:call": (Look("officer", "call"), Look("officer2", "free_call")),
    "warn:stop_payment": (Look("officer", "episode"),),
    "warn:visit": (Look("grid", "visit"), Look("village", "visit")),
    "warn:find": (Look("village", "find"),),
    "warn:follow_up": (Look("officer", "follow_up"),),
    "warn:reviews": (Look("leader"),),
    "warn:review": (Look("leader", "in_review"),),
    "warn:answers": (Look("clerk"),),
    "warn:cases": (Look("clerk"),),
    "warn:case_new": (Look("clerk"),),
    "warn:case": (Look("clerk", "case"),),
    "warn:case_edit": (Look("clerk", "case"),),
    "warn:settings": (Look("system"),),
    "warn:webhooks": (Look("security"),),
    "report:board": (Look("chief"),),
    "report:document": (Look("chief"),),
    "report:signals": (Look("chief"),),
    "report:signals_document": (Look("chief"),),
    "town:sign_in": (Look(VISITOR),),
    "town:second_factor": (Look("pending"),),
    "town:profile": (Look("officer"), Look("tied")),
    "town:change_password": (Look("officer"), Look("new")),
    "town:enrol": (Look("officer"),),
    "town:residents": (Look("clerk"),),
    "town:resident_new": (Look("clerk"),),
    "town:resident": (Look("clerk", "resident"),),
    "town:resident_edit": (Look("clerk", "resident"),),
    "town:resident_lists": (Look("clerk"),),
    "town:resident_list": (Look("clerk", "resident_list"),),
    "town:households": (Look("clerk"),),
    "town:household_new": (Look("clerk"),),
    "town:household": (Look("clerk", "household"),),
    "town:household_edit": (Look("clerk", "household"),),
    "town:places": (Look("clerk"),),
    "town:place": (Look("clerk", "place"),),
    "town:place_split": (Look("clerk", "place"),),
    "town:duty_tree": (Look("clerk"),),
    "town:duties": (Look("clerk"),),
    "town:duty_new": (Look("clerk"),),
    "town:duty": (Look("clerk", "duty"),),
    "town:absences": (Look("clerk"),),
    "town:shifts": (Look("clerk"),),
    "town:staff": (Look("security"),),
    "town:staff_new": (Look("security"),),
    "town:member": (Look("security", "member"),),
    "town:sessions": (Look("security"),),
    "town:audit": (Look("auditor"),),
    "town:retention": (Look("auditor"),),
    "town:tokens": (Look("security"),),
}  # fmt: skip
# Targets of forms, fragments of pages, and files. The test opens each and finds no page there.
NO_PAGE = {
    "web:health", "web:elder", "set_language", "warn:confirm", "warn:cancel", "warn:progress",
    "warn:refused_file", "warn:still_here", "warn:wall_rows", "warn:take_down_wall",
    "warn:hung_rows", "warn:my_work_rows", "warn:board_rows", "warn:alarm_seen",
    "warn:export_episodes", "warn:note", "warn:order_visit", "warn:claim", "warn:release",
    "warn:show_number", "warn:stop_step", "warn:stop_end", "warn:answers_file",
    "warn:case_withdraw", "warn:settings_preview", "warn:add_days_off", "warn:drop_day_off",
    "report:export", "report:signals_export", "town:sign_out", "town:drop_second_factor", "town:recovery_codes",
    "town:end_own_session", "town:end_other_sessions", "town:reveal", "town:phone_add",
    "town:phone_remove", "town:resident_erase", "town:resident_list_import",
    "town:resident_list_progress", "town:resident_list_drop", "town:resident_list_refused",
    "town:place_add", "town:place_rename", "town:place_date", "town:place_close",
    "town:absence_end", "town:shift_drop", "town:member_reset-password", "town:member_unlock",
    "town:member_reset-second-factor", "town:member_sign-out", "town:member_retire",
    "town:member_readmit", "town:audit_verify", "town:token_revoke",
}  # fmt: skip


def named_pages(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = "", route: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """(name with namespace, pattern) of everything in the URLconf but the API."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from named_pages(entry.url_patterns, inner, whole)
        elif not whole.startswith("api/"):
            yield f"{space}{entry.name}", entry


@dataclass
class Furnished:
    """The small town with something on every page; `things` gives the number of each."""

    town: SmallTown
    things: dict[str, int | UUID] = field(default_factory=dict)

    def address(self, name: str, look: Look) -> str:
        return reverse(name, args=[self.things[look.of]] if look.of else []) + look.query

    def session_of(self, who: str) -> str:
        """The session with which `who` looks; "" for a visitor."""
        if who == VISITOR:
            return ""
        client = Client()
        if who == "pending":
            # The password was right; the code is asked for next.
            session = client.session
            pk, now = self.town.staff["tied"].pk, int(timezone.now().timestamp())
            session["pending"] = {"staff": pk, "at": now}
            session.save()
            return str(session.session_key)
        return str(sign_in(client, self.town.staff[who]).cookies["sessionid"].value)


def furnish(town: SmallTown) -> Furnished:
    """Something on every page: open, claimed, late, reviewed, closed; lists in every state."""
    from fangxian.town.models import Absence, Deletion, Duty, Shift

    made = Furnished(town)
    now = timezone.now()
    _people(town)
    made.things |= _work(town)
    made.things |= _lists(town)
    made.things |= _systems(town)
    Absence.objects.create(
        staff=town.staff["officer2"], starts_at=now, ends_at=now + timedelta(days=1), reason="培训"
    )
    Shift.objects.create(
        staff=town.staff["officer"], starts_at=now, ends_at=now + timedelta(hours=8)
    )
    Deletion.objects.create(rule="audit", how_many=3, older_than=now - timedelta(days=365))
    made.things |= {
        "resident": town.residents[0].pk,
        "household": town.residents[0].household_id,
        "place": town.grids[0].pk,
        "duty": Duty.objects.filter(staff=town.staff["officer"])[0].pk,
        "member": town.staff["officer"].pk,
    }
    return made


def _people(town: SmallTown) -> None:
    """Somebody with a second factor, and somebody new who must choose a password."""
    from fangxian.town.models import Duty, Role, Staff

    for key, more in (("tied", {"totp_secret": "JBSWY3DPEHPK3PXP"}), ("new", {})):
        staff = Staff.objects.create_user(
            key, "correct horse battery staple", name=f"民警{key}",
            department=town.departments["police"], badge=key, **more,
        )  # fmt: skip
        Duty.objects.create(staff=staff, role=Role.OFFICER, place=town.town)
        town.staff[key] = staff
    Staff.objects.filter(username="new").update(must_change_password=True)


def _work(town: SmallTown) -> dict[str, int | UUID]:
    from uuid import uuid4

    from fangxian.warn import clock
    from fangxian.warn.actions.calls import CallNotes, record_call, start_stop_payment
    from fangxian.warn.actions.tasks import claim
    from fangxian.warn.actions.visits import order_visit
    from fangxian.warn.models import Basis, CallOutcome, Case, Episode, Signal, Stage, Task

    now, officer = timezone.now(), town.staff["officer"]
    call = red_call(town)
    claim(call, officer)
    visit = order_visit(call.episode, officer)
    claim(visit, town.staff["grid"])
    start_stop_payment(call.episode, officer)

    free = red_call(town, 2)
    find = Task.objects.create(
        episode=free.episode, kind="find", place=town.grids[0], grade=1, due_at=now
    )
    late = red_call(town, 3)
    past = now - timedelta(minutes=7)
    Task.objects.filter(pk=late.pk).update(due_at=past, alarm_at=past)
    clock.fire_due()

    def calmed(n: int) -> Episode:
        task = red_call(town, n)
        claim(task, officer)
        notes = CallNotes(
            outcome=CallOutcome.DISSUADED, started_at=now, stage=Stage.TRUSTING,
            worry_before=4, worry_after=2, notes="已与女儿通话",
        )  # fmt: skip
        record_call(task, officer, notes, uuid4())
        return task.episode

    in_review, closed = calmed(4), calmed(5)
    Episode.objects.filter(pk=closed.pk).update(state="closed", closed_at=now)
    follow_up = Task.objects.get(episode=closed, kind="follow_up", day=3)
    Task.objects.filter(pk=follow_up.pk).update(starts_at=now, due_at=now, assigned_to=officer)
    follow_up.refresh_from_db()
    claim(follow_up, officer)
    cases = [
        Case.objects.create(
            kind="fake_police", place=town.grids[n % 3], by=town.staff["clerk"], channel="phone",
            happened_on=timezone.localdate() - timedelta(days=40 * n), loss_fen=1_230_000,
            episode=in_review if n == 0 else None, resident=in_review.resident,
        )
        for n in range(5)
    ]  # fmt: skip
    for signal in Signal.objects.all():
        for name in ("long_risky_talk", "a_signal_of_the_county"):
            Basis.objects.create(signal=signal, name=name, version=1)
    return {
        "call": call.pk, "episode": call.episode_id, "visit": visit.pk, "free_call": free.pk,
        "find": find.pk, "in_review": in_review.pk, "closed": closed.pk,
        "follow_up": follow_up.pk, "case": cases[0].pk,
    }  # fmt: skip


def _lists(town: SmallTown) -> dict[str, int | UUID]:
    """A list in each of its states, and a register of residents."""
    from fangxian.town.actions.resident_lists import hand_in_residents
    from fangxian.warn.actions.intake import confirm, hand_in
    from fangxian.warn.models import Batch

    clerk = town.staff["clerk"]

    def list_of(text: str) -> Batch:
        return hand_in(clerk, town.sender, "list.csv", text.encode())[0]

    done = list_of(f"编号,电话,姓名\nD1,{phone_of(6)[3:]},杨子轩\nD2,138001,某某\n")
    confirm(done, clerk)
    run_tasks()
    running = list_of(f"编号,电话,姓名\nR1,{phone_of(7)[3:]},某人\n")
    confirm(running, clerk)
    preview = list_of(
        f"编号,电话,姓名,村社区,预警类型,风险等级,备注\nP1,{phone_of(3)[3:]},张桂兰,海兰村,刷单,高,独居\n"
        "P2,138001,某某,,刷单,中,\nP3,96110,某某,,,待定,\n"
    )
    unclear = list_of(f"号码1,号码2\n{phone_of(1)[3:]},{phone_of(90)[3:]}\n")
    register = hand_in_residents(
        clerk,
        town.grids[0],
        "r.csv",
        f"姓名,电话,住址\n新人甲,{phone_of(50)[3:]},海兰村1组1号\n,138001,\n".encode(),
    )
    return {
        "batch": preview.pk, "done_batch": done.pk, "running_batch": running.pk,
        "unclear_batch": unclear.pk, "resident_list": register.pk,
    }  # fmt: skip


def _systems(town: SmallTown) -> dict[str, int | UUID]:
    """A wall, a token with a webhook, the rules of a day off."""
    from fangxian.town.models import ApiToken
    from fangxian.warn.actions.walls import hang_wall
    from fangxian.warn.models import Webhook

    _link, key = hang_wall(town.staff["head"], town.town, "值班室")
    token = ApiToken.objects.create(
        name="县平台", made_by=town.staff["security"], place=town.town, scopes=["warnings:take_in"],
        digest="digest", expires_at=timezone.now() + timedelta(days=90),
    )  # fmt: skip
    Webhook.objects.create(
        url="https://county.example/hook", secret="s", place=town.town, token=token,
        events=["episode.opened"],
    )  # fmt: skip
    return {"wall": key}
