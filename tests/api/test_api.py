"""The API: warnings in once, results out; who sees what, page by page."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken, AuditEntry, Phone, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.actions.after import close
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Batch, Case, Episode, Sender, Signal
from town_of_tests import phone_of, run_tasks


def warning(n: int = 1, **more: Any) -> dict[str, Any]:
    return {"phones": [phone_of(n)], "grade": "red", "kind": "fake_police", **more}


def test_a_warning_becomes_an_episode_of_the_resident_it_means(small_town, api) -> None:
    answer = api.post("/warnings", {"sender": "县中心", "warnings": [warning()]})
    assert answer.status_code == 201
    (taken,) = answer.json()["taken"]
    assert taken["became"] == "new"
    episode = Episode.objects.get(pk=taken["episode"])
    assert episode.resident == small_town.residents[0]
    assert episode.grade == 1


def test_the_same_key_answers_the_same_and_does_nothing_twice(small_town, api) -> None:
    body = {"sender": "县中心", "warnings": [warning()]}
    first, second = (api.post("/warnings", body, key="one-and-only") for _ in range(2))
    assert first.json() == second.json()
    assert Signal.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(small_town, api) -> None:
    api.post("/warnings", {"sender": "a", "warnings": [warning(1)]}, key="one-and-only")
    answer = api.post("/warnings", {"sender": "a", "warnings": [warning(2)]}, key="one-and-only")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("key-reused")


def test_one_bad_warning_takes_none_in_and_says_which(small_town, api) -> None:
    body = {"sender": "a", "warnings": [warning(), warning(2, phones=["138001"])]}
    answer = api.post("/warnings", body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "warnings[1].phones" in answer.json()["detail"]
    assert "138001" not in answer.content.decode()
    assert Signal.objects.count() == 0


def test_lists_are_cursor_pages_that_meet_without_gap_or_overlap(small_town, api) -> None:
    for n in range(1, 7):
        new = NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(n))
        take_in("system", small_town.sender, "api", [new])
    seen, cursor = [], ""
    while True:
        page = api.get(f"/episodes?limit=2&cursor={cursor}").json()
        seen += [e["id"] for e in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert seen == list(Episode.objects.order_by("-pk").values_list("pk", flat=True))


def test_what_arrives_between_two_pages_neither_repeats_nor_hides_anything(small_town, api) -> None:
    def arrive(*numbers: int) -> None:
        for n in numbers:
            new = NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(n))
            take_in("system", small_town.sender, "api", [new])

    arrive(1, 2, 3, 4)
    there = list(Episode.objects.order_by("-pk").values_list("pk", flat=True))
    first = api.get("/episodes?limit=2").json()
    arrive(5, 6)
    second = api.get(f"/episodes?limit=2&cursor={first['next']}").json()
    assert [e["id"] for page in (first, second) for e in page["items"]] == there
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "1e9", "9999999999999999999", "1%00", "१"])
@pytest.mark.parametrize("path", ["/episodes", "/cases", "/warnings/results", "/webhooks"])
def test_an_invented_cursor_is_a_problem_not_a_crash(api, path, cursor) -> None:
    answer = api.get(f"{path}?cursor={cursor}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("cursor: ")


def test_a_resident_appears_masked(small_town, api) -> None:
    api.post("/warnings", {"sender": "a", "warnings": [warning()]})
    assert api.get("/episodes").json()["items"][0]["resident"] == "王*英"


# --- who may see what ------------------------------------------------------------------------


def test_an_expired_or_revoked_token_is_nobody(small_town, api) -> None:
    ApiToken.objects.update(expires_at=timezone.now())
    assert api.get("/me").status_code == 401
    ApiToken.objects.update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    assert api.get("/me").status_code == 401


def test_what_is_outside_the_area_is_not_there(small_town, api, caller_of) -> None:
    api.post("/warnings", {"sender": "a", "warnings": [warning(1)]})
    Case.objects.create(
        kind="other", place=small_town.grids[0], happened_on=timezone.localdate(), channel="sms",
        by=small_town.staff["clerk"], resident=small_town.residents[0],
    )  # fmt: skip
    hook = api.post("/webhooks", {"url": "http://127.0.0.1:9/"}).json()["id"]
    number = Episode.objects.get().pk
    for place in (small_town.foreign_town, small_town.villages[1]):
        other = caller_of(small_town, place=place)
        assert other.get(f"/episodes/{number}").status_code == 404
        assert other.get(f"/episodes/{number}").json() == other.get("/episodes/999999").json()
        assert other.delete(f"/webhooks/{hook}").status_code == 404
        for path in ("/episodes", "/cases", "/warnings/results", "/webhooks"):
            assert other.get(path).json() == {"items": [], "next": None}
        codes = {p["code"] for p in other.get("/places").json()}
        assert codes
        assert not codes & {small_town.town.code, small_town.grids[0].code}


def test_a_token_without_the_scope_learns_nothing_of_what_exists(
    small_town, api, caller_of
) -> None:
    api.post("/warnings", {"sender": "a", "warnings": [warning(1)]})
    none = caller_of(small_town, (Ability.TAKE_IN,))
    there, not_there = none.get(f"/episodes/{Episode.objects.get().pk}"), none.get("/episodes/9999")
    assert there.status_code == not_there.status_code == 403
    assert there.json() == not_there.json()


# --- taken in as a list is -------------------------------------------------------------------


def test_a_landline_without_its_area_code_is_the_towns(small_town, api, settings) -> None:
    settings.DEFAULT_AREA_CODE = "023"
    resident = Resident.objects.create(name="孙明", place=small_town.grids[0])
    number = "+862362000001"
    Phone.objects.create(resident=resident, number=number, index=blind_index(number))
    answer = api.post("/warnings", {"sender": "a", "warnings": [warning(phones=["62000001"])]})
    assert answer.status_code == 201
    assert Episode.objects.get().resident == resident


def test_the_number_that_rang_is_kept_as_a_list_keeps_it(small_town, api) -> None:
    rang = f"{phone_of(77)[3:6]} {phone_of(77)[6:10]} {phone_of(77)[10:]}"
    api.post("/warnings", {"sender": "a", "warnings": [warning(risk_number=rang)]})
    assert Signal.objects.get().risk_number.clear == phone_of(77)


@pytest.mark.parametrize("written", ["县反诈中心", " 县反诈 中心", "县反诈中心\u3000"])
def test_a_sender_is_the_one_we_know_however_its_name_is_spaced(small_town, api, written) -> None:
    assert api.post("/warnings", {"sender": written, "warnings": [warning()]}).status_code == 201
    assert Signal.objects.get().sender == small_town.sender
    (row,) = api.get(f"/warnings/results?sender={written}").json()["items"]
    assert row["sender"] == "县反诈中心"


def test_a_new_sender_is_made_once_and_written_down(small_town, api) -> None:
    for n, name in enumerate(("ＡＢＣ 银行", "abc银行"), 1):
        api.post("/warnings", {"sender": name, "warnings": [warning(n)]})
    assert Sender.objects.exclude(pk=small_town.sender.pk).count() == 1
    assert AuditEntry.objects.get(verb="sender").actor.startswith("token:")


def test_a_sender_without_a_name_is_refused_and_the_key_is_not_spent(small_town, api) -> None:
    answer = api.post("/warnings", {"sender": " \u3000", "warnings": [warning()]}, key="again-123")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("bad-sender")
    assert not Sender.objects.filter(name="").exists()
    body = {"sender": "a", "warnings": [warning()]}
    assert api.post("/warnings", body, key="again-123").status_code == 201


# --- results ---------------------------------------------------------------------------------


def result_in_api(api: Any) -> dict[str, str]:
    """Result by reference."""
    rows = api.get("/warnings/results").json()["items"]
    return {row["reference"]: row["result"] for row in rows}


def result_in_file(clerk: Any) -> dict[str, str]:
    """What the answered list says, by reference."""
    answer = clerk.post(
        reverse("warn:answers_file", args=[Batch.objects.get().pk]),
        {"reason": "反馈给县中心"},
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return {row[0]: row[header.index("结果")] for row in rows}


def test_results_agree_with_the_answered_list_at_every_stage(small_town, api, signed_in) -> None:
    clerk = signed_in(small_town.staff["clerk"])
    lines = ["编号,手机号码,所属村社区", *(f"YJ{n},{phone_of(n)[3:]},海兰村" for n in (1, 2, 3))]
    file = SimpleUploadedFile("county.csv", "\n".join(lines).encode())
    clerk.post(reverse("warn:intake"), {"sender": "县反诈中心", "file": file})
    clerk.post(reverse("warn:confirm", args=[Batch.objects.get().pk]))
    run_tasks()
    assert Batch.objects.get().state == Batch.State.DONE

    def episode(n: int) -> Episode:
        return Episode.objects.get(resident=small_town.residents[n - 1])

    def ends(n: int, outcome: str) -> None:
        one = episode(n)
        one.outcome = outcome
        close(one, "system")

    assert result_in_api(api) == {"YJ1": "", "YJ2": "", "YJ3": ""}
    assert result_in_file(clerk) == {"YJ1": "处置中", "YJ2": "处置中", "YJ3": "处置中"}
    with_review = episode(3)
    with_review.state, with_review.outcome = Episode.State.REVIEW, Episode.Outcome.REFUSED
    with_review.save()
    ends(1, "dissuaded")
    ends(2, "paid")
    assert result_in_api(api) == {"YJ1": "dissuaded", "YJ2": "paid", "YJ3": ""}
    assert result_in_file(clerk) == {"YJ1": "已劝阻", "YJ2": "已被骗", "YJ3": "待复核"}
    # Somebody warns of the first again: nothing is final any more, though the row was answered.
    new = NewSignal(place=small_town.town, phones=(phone_of(1),), reference="again")
    take_in("system", small_town.sender, "api", [new])
    assert episode(1).state == Episode.State.OPEN
    assert result_in_api(api) == {"again": "", "YJ1": "", "YJ2": "paid", "YJ3": ""}
    assert result_in_file(clerk)["YJ1"] == "处置中"


def test_reading_results_tells_those_that_are_final_and_no_others(small_town, api) -> None:
    for n in (1, 2):
        new = NewSignal(place=small_town.town, phones=(phone_of(n),), reference=str(n))
        take_in("system", small_town.sender, "api", [new])
    one = Episode.objects.get(resident=small_town.residents[0])
    one.outcome = Episode.Outcome.DISSUADED
    close(one, "system")
    # Open again, with the result of the last time still on its signal.
    again = Episode.objects.filter(pk=one.pk)
    again.update(state=Episode.State.OPEN, closed_at=None)
    api.get("/warnings/results")
    assert not Signal.objects.filter(answered_at__isnull=False).exists()
    again.update(state=Episode.State.CLOSED, closed_at=timezone.now())
    for _ in range(2):
        api.get("/warnings/results")
    assert Signal.objects.get(answered_at__isnull=False).reference == "1"
    assert AuditEntry.objects.filter(verb="answer_sender").count() == 1
