"""The detector through the API: one message with all that belongs to it, and many texts."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import pytest
from django.db import connection

FRAUD = "您名下银行卡涉嫌洗钱，请不要告诉家人，立即把资金转入安全账户。"
HARMLESS = "妈，我今晚不回来吃饭了，你们先吃。"


def test_a_message_is_judged_with_reasons_at_their_places(api: Any) -> None:
    answer = api.post("/check", {"text": FRAUD})
    assert answer.status_code == 200
    said = answer.json()
    assert said["flagged"]
    assert said["grade"] == "danger"
    assert said["kind"] == "fake_police"
    secret = next(r for r in said["reasons"] if r["key"] == "asks_secret")
    assert "不要告诉家人" in FRAUD[secret["start"] : secret["end"]]
    assert secret["says"]["zh"]
    assert secret["says"]["en"]
    assert said["advice"][0]["zh"]


def test_a_harmless_one_is_clear_and_nothing_is_nothing(api: Any) -> None:
    assert api.post("/check", {"text": HARMLESS}).json()["grade"] == "clear"
    nothing = api.post("/check", {}).json()
    assert nothing["nothing"]
    assert not nothing["flagged"]


def test_number_link_and_turns_belong_together(api: Any) -> None:
    turns = [{"said": "我是市公安局的，你涉嫌洗钱"}, {"who": "callee", "said": "啊？"}]
    said = api.post("/check", {"turns": turns, "number": "00110", "url": "http://192.0.2.4/a.apk"})
    parts = {reason["part"] for reason in said.json()["reasons"]}
    assert parts == {"turns", "number", "url"}
    assert said.json()["flagged"]


def test_a_pictures_code_is_read(api: Any) -> None:
    for needed in ("rapidocr", "onnxruntime", "zxingcpp"):
        pytest.importorskip(needed, reason="reading pictures needs: fangxian[pictures]")
    import segno

    file = io.BytesIO()
    segno.make("http://192.0.2.4/a.apk").save(file, kind="png", scale=8, border=6)
    image = base64.b64encode(file.getvalue()).decode()
    said = api.post("/check", {"image": image}).json()
    assert said["flagged"]
    assert {reason["part"] for reason in said["reasons"]} == {"image"}


@pytest.mark.parametrize("image", ["!!!", base64.b64encode(b"no picture").decode()])
def test_what_is_no_picture_is_refused_with_what_was_expected(api: Any, image: str) -> None:
    answer = api.post("/check", {"image": image})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("bad-image")
    assert answer.json()["detail"].startswith("image: ")


def test_a_server_that_cannot_read_pictures_says_how_it_could(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    answer = api.post("/check", {"image": base64.b64encode(b"x").decode()})
    assert answer.status_code == 501
    assert "pip install '.[pictures]'" in answer.json()["detail"]


def test_many_texts_come_back_in_their_order(api: Any) -> None:
    found = api.post("/check/many", {"texts": [FRAUD, HARMLESS, ""]}).json()["items"]
    assert [one["flagged"] for one in found] == [True, False, False]
    assert found[1]["grade"] == "clear"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/check", {"text": "a" * 20_001}),
        ("/check", {"txt": "a misspelt field"}),
        ("/check", [None]),
        ("/check", {"turns": [{"who": "police", "said": "x"}]}),
        ("/check/many", {"texts": []}),
        ("/check/many", {"texts": ["x"] * 1001}),
    ],
)
def test_what_is_out_of_bounds_is_refused(api: Any, path: str, body: Any) -> None:
    assert api.post(path, body).status_code == 422


def test_nothing_of_it_is_kept(api: Any) -> None:
    api.post("/check", {"text": HARMLESS})
    wrote: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        wrote.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        api.post("/check", {"text": FRAUD, "number": "12001234567"})
    assert not [sql for sql in wrote if not sql.startswith("SELECT")]
