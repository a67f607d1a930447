"""Small words of the pages: badges, fields, times and money, the same everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, FileInput, Select
from django.forms.widgets import Input, Textarea
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.town.dates import day_words

register = template.Library()
register.filter("day", day_words)

# Grade -> (css name, shape). A shape and a word go with every colour.
GRADES = {1: ("red", "▲"), 2: ("orange", "◆"), 3: ("yellow", "●"), 4: ("blue", "■")}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Bootstrap icon, hidden from screen readers: words stand beside it."""
    return format_html('<i class="bi bi-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def grade(value: int) -> SafeString:
    """A grade as a badge with colour, shape and word."""
    css, shape = GRADES[int(value)]
    words = {1: _("红色"), 2: _("橙色"), 3: _("黄色"), 4: _("蓝色")}
    return format_html(
        '<span class="fx-grade fx-grade-{}"><span aria-hidden="true">{}</span> {}</span>',
        css, shape, words[int(value)],
    )  # fmt: skip


@register.simple_tag
def clock(due: datetime | None) -> SafeString | str:
    """A countdown to `due`: the text is the time, JavaScript keeps what is left exact."""
    if due is None:
        return ""
    late = due <= timezone.now()
    return format_html(
        '<time class="fx-clock{}" datetime="{}" data-clock>{}</time>',
        " fx-late" if late else "", due.isoformat(), when(due),
    )  # fmt: skip


@register.simple_tag
def server_now() -> int:
    """This moment in milliseconds: what clocks count by, whatever the reader's own watch says."""
    return int(timezone.now().timestamp() * 1000)


@register.simple_tag
def when(moment: datetime | None) -> str:
    """A moment in the reader's way: 11月24日 14:05, Nov 24, 14:05; with the year if another."""
    if moment is None:
        return "—"
    local = timezone.localtime(moment)
    chinese = (get_language() or "zh").startswith("zh")
    same_year = local.year == timezone.localtime().year
    if chinese:
        pattern = "n月j日 H:i" if same_year else "Y年n月j日 H:i"
    else:
        pattern = "M j, H:i" if same_year else "M j, Y, H:i"
    return formats.date_format(local, pattern)


@register.simple_tag
def money(fen: int | None) -> str:
    """Money from fen: 1.23 万元 in Chinese, CNY 12,300 in English."""
    if fen is None:
        return "—"
    yuan = fen / 100
    if not (get_language() or "zh").startswith("zh"):
        return f"CNY {yuan:,.0f}"
    return f"{yuan / 10_000:,.2f} 万元" if yuan >= 10_000 else f"{yuan:,.0f} 元"


@register.simple_tag
def phone(shown: str) -> SafeString:
    """A phone as it may be shown (masked, or just revealed): never broken in two, digits apart."""
    digits = str(shown).removeprefix("+86")
    if len(digits) == 11 and digits[0] == "1":
        digits = f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return format_html('<span class="fx-phone">{}</span>', digits)


@register.inclusion_tag("fangxian/steps.html")
def steps(here: int, *labels: str) -> dict[str, Any]:
    """Where one is on a way of several pages: `here` counts from 1."""
    return {"here": int(here), "labels": labels}


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """A form field with label, help and error, tied together for screen readers."""
    widget = bound.field.widget
    kind = "form-control"
    if isinstance(widget, Select):
        kind = "form-select"
    elif isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif not isinstance(widget, Input | Textarea | FileInput):
        kind = ""
    described: list[str] = []
    attrs: dict[str, str | bool] = {"class": kind}
    if bound.help_text:
        described.append(f"{bound.id_for_label}_help")
    if bound.errors:
        described.append(f"{bound.id_for_label}_error")
        attrs |= {"class": f"{kind} is-invalid", "aria-invalid": "true"}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    control = bound.as_widget(attrs=attrs)
    label = format_html(
        '<label class="{}" for="{}">{}{}</label>',
        "form-check-label" if kind == "form-check-input" else "form-label",
        bound.id_for_label,
        bound.label,
        "" if bound.field.required else _("（可不填）"),
    )
    help_text = error = SafeString("")
    if bound.help_text:
        help_text = format_html(
            '<div class="form-text" id="{}_help">{}</div>', bound.id_for_label, bound.help_text
        )
    if bound.errors:
        error = format_html(
            '<div class="invalid-feedback d-block" id="{}_error">{}</div>',
            bound.id_for_label, " ".join(str(e) for e in bound.errors),
        )  # fmt: skip
    if kind == "form-check-input":
        return format_html(
            '<div class="form-check">{} {}{}{}</div>', control, label, help_text, error
        )
    return format_html("{}{}{}{}", label, control, help_text, error)


@register.inclusion_tag("fangxian/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Links to the pages of a `Paginator` page, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.inclusion_tag("fangxian/empty.html")
def empty(says: str, url: str = "", action: str = "") -> dict[str, str]:
    """An empty list that says what to do next."""
    return {"says": says, "url": url, "action": action}


@register.simple_tag(takes_context=True)
def heading(context: template.Context) -> str:
    """The page's title again, for its first heading: written once, in the block `title`."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block("title")
    return str(block.nodelist.render(context)) if block else ""
