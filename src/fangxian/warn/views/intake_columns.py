"""Pages of the intake: which column of a list is what, and which sheet is read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.exchange.columns import Field, field_choices
from fangxian.exchange.masking import masked
from fangxian.exchange.problems import Language, Problem, fill, language_of
from fangxian.exchange.tables import Table
from fangxian.town.access import Ability, needs
from fangxian.town.models import Staff
from fangxian.warn.actions import intake as actions
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.sheets import choose_sheet
from fangxian.warn.models import Batch
from fangxian.warn.queries.intake import columns_of, table_of
from fangxian.warn.queries.visible import visible_batches


class Request(HttpRequest):
    """A request of a member of staff: `@needs` let no other in."""

    user: Staff


@needs(Ability.TAKE_IN)
def columns(request: Request, pk: int) -> HttpResponse:
    """Correct which column is what, and which sheet is read."""
    found = get_object_or_404(visible_batches(request.user), pk=pk, state=Batch.State.PREVIEW)
    table = table_of(found)
    if request.method == "POST":
        return _set_columns(request, found, table)
    rows = said_columns(columns_of(found, table))
    for i, row in enumerate(rows):
        field = Field(row["field"]) if row["field"] else None
        row["samples"] = [masked(text, field) for text in table.samples(i)]
        row["open"] = field is Field.NUMBER_UNCLEAR
    context = {
        "batch": found,
        "rows": rows,
        "choices": field_choices(language()),
        "unclear": Field.NUMBER_UNCLEAR.value,
        "sheet": table.sheet,
        "sheets": table.sheets,
    }
    return render(request, "warn/intake_columns.html", context)


def _set_columns(request: Request, found: Batch, table: Table) -> HttpResponse:
    sheet = request.POST.get("sheet", table.sheet)
    if sheet != table.sheet:
        try:
            choose_sheet(found, request.user, sheet)
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("warn:columns", found.pk)
    chosen = {key: request.POST.get(f"c{i}", "") for i, key in enumerate(table.keys)}
    preview = actions.set_columns(found, request.user, chosen)
    if preview.unclear:
        say_unclear(request, [Problem.from_json(p) for p in preview.unclear])
        return redirect("warn:columns", found.pk)
    messages.success(request, _("列对应关系已更正，下次这家单位的名单会照此处理。"))
    return redirect("warn:batch", found.pk)


def say_unclear(request: Request, problems: list[Problem]) -> None:
    for problem in problems:
        messages.error(request, problem.say(language()))


def said_columns(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns as `queries.intake.columns_of` gives them, with the field and the reason in words."""
    spoken = language()
    for column in columns:
        column["field_label"] = Field(column["field"]).label(spoken) if column["field"] else ""
        column["why"] = fill(column["code"], spoken, column["params"]) if column["code"] else ""
    return columns


def language() -> Language:
    """The language of the page, for what the exchange says."""
    return language_of(get_language() or "zh")
