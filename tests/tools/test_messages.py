"""tools/messages.py: what it finds, what it keeps, what it refuses."""

from __future__ import annotations

import gettext
from pathlib import Path
from types import ModuleType

import pytest

from tools.of_tools import tool

SOURCE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
ONE = _("接到电话")
TWO = gettext_lazy("还有 %(count)d 分钟") % {"count": 3}
THREE = ngettext("%(n)d 户", "%(n)d 户", 2)
FOUR = pgettext("电话", "接通")
FIVE = "不翻译"
"""
TEMPLATE = """{% load i18n %}
<p title="{% translate "给家人" %}">{% blocktranslate trimmed with name=who %}
  {{ name }}，您好
{% endblocktranslate %}</p>{# {% translate "注释" %} #}
{% translate "接通" context "按钮" %}
"""
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def messages(tmp_path: Path) -> ModuleType:
    """The tool, looking at a project of one room with one module and one page."""
    module = tool("messages")
    module.ROOT, module.ROOMS = tmp_path, ("town",)
    room = tmp_path / "src/fangxian/town"
    (room / "templates/town").mkdir(parents=True)
    (room / "words.py").write_text(SOURCE)
    (room / "templates/town/page.html").write_text(TEMPLATE)
    return module


def catalogue(messages: ModuleType, *entries: tuple[str, str]) -> None:
    """Write a catalogue with these entries alone."""
    path = messages.catalogue_path("town")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(f'msgid "{a}"\nmsgstr "{b}"\n\n' for a, b in entries))


def problems(messages: ModuleType) -> str:
    return "\n".join(messages.problems("town"))


def test_messages_are_found_in_modules_and_pages_with_their_context(messages: ModuleType) -> None:
    assert set(messages.found_in("town")) == {
        (None, "接到电话"), (None, "还有 %(count)d 分钟"), (None, "%(n)d 户"), ("电话", "接通"),
        (None, "给家人"), (None, "%(name)s，您好"), ("按钮", "接通"),
    }  # fmt: skip


def test_extracting_keeps_what_is_translated_adds_what_is_new_and_drops_what_is_gone(
    messages: ModuleType,
) -> None:
    catalogue(messages, ("接到电话", "A call came"), ("早就没有了", "Long gone"))
    messages.renew("town")
    kept = {m.id: m.string for m in messages.read("town") if m.id}
    assert kept["接到电话"] == "A call came"
    assert kept["给家人"] == ""
    assert "早就没有了" not in kept


def test_extracting_twice_changes_nothing_and_writes_no_date(messages: ModuleType) -> None:
    messages.renew("town")
    once = messages.catalogue_path("town").read_bytes()
    messages.renew("town")
    assert messages.catalogue_path("town").read_bytes() == once
    assert b"Date" not in once


def test_the_check_names_what_has_no_english_and_where_it_stands(messages: ModuleType) -> None:
    messages.renew("town")
    assert "no English for '接到电话' (src/fangxian/town/words.py)" in problems(messages)
    assert "no English for '给家人' (src/fangxian/town/templates/town/page.html)" in problems(
        messages
    )


@pytest.mark.parametrize(
    ("chinese", "english", "says"),
    [
        ("还有 %(count)d 分钟", "%(n)d minutes left", "other placeholders"),
        ("还有 %(count)d 分钟", "minutes left", "other placeholders"),
        ("接到电话", "A 电话 came", "Chinese left"),
        ("早就没有了", "Long gone", "no longer used"),
    ],
)
def test_the_check_refuses_an_entry_that_would_mislead(
    messages: ModuleType, chinese: str, english: str, says: str
) -> None:
    catalogue(messages, (chinese, english))
    assert says in problems(messages)


def test_the_check_refuses_one_text_with_two_english_texts_in_two_rooms(
    messages: ModuleType,
) -> None:
    messages.ROOMS = ("town", "warn")
    for room, english in (("town", "Close"), ("warn", "End")):
        path = messages.catalogue_path(room)
        path.parent.mkdir(parents=True)
        path.write_text(
            f'{HEADER}msgid "停用"\nmsgstr "{english}"\n\n'
            f'msgctxt "{room}"\nmsgid "居民"\nmsgstr "{english}"\n'
        )
    # Django merges the rooms' catalogues: without a context one of the two is never shown.
    assert list(messages.collisions()) == [
        "'停用' is 'Close' in town, 'End' in warn: add a context"
    ]


def test_a_guess_of_another_tool_counts_as_no_translation(messages: ModuleType) -> None:
    path = messages.catalogue_path("town")
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + '#, fuzzy\nmsgid "给家人"\nmsgstr "For the house"\n')
    assert "no English for '给家人'" in problems(messages)
    messages.renew("town")
    assert {m.id: m.string for m in messages.read("town")}["给家人"] == ""


def test_the_compiled_catalogue_answers_in_english(
    messages: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue(messages, ("接到电话", "A call came"))
    monkeypatch.setattr("sys.argv", ["messages.py", "compile"])
    messages.main()
    with messages.catalogue_path("town").with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("接到电话") == "A call came"
