"""Forms under a thumb: the call, the visit at the door, the follow-up, the review, a person found."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.access import Ability, visible_places
from fangxian.town.models import Level, Place, Staff
from fangxian.warn.actions.after import FollowUpNotes
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.errors import Contradiction
from fangxian.warn.actions.visits import VisitNotes
from fangxian.warn.models import CallOutcome, FollowUp, Review, Stage, VisitOutcome
from fangxian.warn.script import Asked, CallScript, FollowUpScript, VisitScript

WORRY = [(n, str(n)) for n in range(1, 6)]
# A form that is sent later after the call began than this was left open on a desk.
LONGEST_CALL = timedelta(hours=4)


def _remark(what: Any, *heard: Any) -> str:
    """What was written down, as one line for the timeline: 电话 · 接通，已劝阻 · 已经相信 · …"""
    return " · ".join(str(words) for words in (what, *heard) if words)


def _stage_found(stage: str) -> Any:
    return Stage(stage).label if stage != Stage.UNKNOWN else ""


class WorryField(forms.TypedChoiceField):
    """How worried the resident says to be, 1 (calm) to 5 (very afraid); need not be asked."""

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, choices=WORRY, coerce=int, required=False, empty_value=None)


class NotesField(forms.CharField):
    """Free text; kept sealed."""

    def __init__(self) -> None:
        super().__init__(
            label=_("备注"), required=False, max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip


class CallForm(forms.Form):
    """What was tapped during one call. Only the outcome must be there; the button "nobody
    answered" (`unanswered`) stands for it: two taps write down a call that nobody answered."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    started_at = forms.DateTimeField(widget=forms.HiddenInput)
    unanswered = forms.BooleanField(required=False)
    worry_before = WorryField(_("开始时担心几分"))
    stage = forms.ChoiceField(
        label=_("到了哪一步"), choices=Stage.choices, required=False, initial=Stage.UNKNOWN
    )
    worry_after = WorryField(_("现在担心几分"))
    outcome = forms.ChoiceField(label=_("通话结果"), choices=CallOutcome.choices, required=False)
    notes = NotesField()

    def __init__(self, *args: Any, script: CallScript, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = script.questions
        for question in script.questions:
            self.fields[f"q_{question.key}"] = forms.ChoiceField(
                choices=[("yes", _("是")), ("no", _("否"))], required=False
            )
        # The page has forms within its steps (a number, a step of the race), so the fields of
        # this one stand outside its element and name it.
        self.fields["notes"].widget.attrs["form"] = "call-record"

    @property
    def questions(self) -> list[tuple[Asked, BoundField]]:
        """Each question of the script with its field."""
        return [(question, self[f"q_{question.key}"]) for question in self.asked]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("unanswered") and not data.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", _("请点选通话结果，六个里选一个。"))
        return data

    def call_notes(self) -> CallNotes:
        """The notes of a valid form."""
        data, now = self.cleaned_data, timezone.now()
        began: datetime = data["started_at"]
        given = {question.key: data[f"q_{question.key}"] for question in self.asked}
        return CallNotes(
            outcome=CallOutcome.UNREACHABLE if data["unanswered"] else data["outcome"],
            started_at=began if timedelta() <= now - began <= LONGEST_CALL else now,
            stage=data["stage"] or Stage.UNKNOWN,
            worry_before=data["worry_before"],
            worry_after=data["worry_after"],
            answers={key: answer == "yes" for key, answer in given.items() if answer},
            notes=data["notes"].strip(),
        )

    def as_note(self) -> str:
        """The same as a remark, where the call itself cannot be written down."""
        notes = self.call_notes()
        outcome = CallOutcome(notes.outcome).label
        return _remark(_("电话"), outcome, _stage_found(notes.stage), notes.notes)


class StopForm(forms.Form):
    """What the bank held back, in yuan."""

    stopped = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2, required=False)

    @property
    def stopped_fen(self) -> int | None:
        """The sum of a valid form in fen; None where it is not known yet."""
        yuan = self.cleaned_data["stopped"]
        return None if yuan is None else int(yuan * 100)


class VisitForm(forms.Form):
    """What was tapped at one door. Only the outcome must be there."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    checks = forms.MultipleChoiceField(label=_("陪着一起看手机"), required=False)
    worry_before = WorryField(_("刚见面时担心几分"))
    worry_after = WorryField(_("离开时担心几分"))
    stage = forms.ChoiceField(
        label=_("到了哪一步"), choices=Stage.choices, required=False, initial=Stage.UNKNOWN
    )
    outcome = forms.ChoiceField(
        label=_("上门结果"), choices=VisitOutcome.choices,
        error_messages={"required": _("请点选上门结果，六个里选一个。")},
    )  # fmt: skip
    notes = NotesField()

    def __init__(self, *args: Any, script: VisitScript, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checks: Any = self.fields["checks"]
        checks.choices = [(item.key, item.does) for item in script.phone_check]

    def visit_notes(self) -> VisitNotes:
        """The notes of a valid form; each check is there, done or not."""
        data, checks = self.cleaned_data, self.fields["checks"]
        keys: list[str] = [key for key, _label in checks.choices]  # type: ignore[attr-defined]
        return VisitNotes(
            outcome=data["outcome"],
            stage=data["stage"] or Stage.UNKNOWN,
            worry_before=data["worry_before"],
            worry_after=data["worry_after"],
            checks={key: key in data["checks"] for key in keys},
            notes=data["notes"].strip(),
        )

    def as_note(self) -> str:
        """The same as a remark, where the visit itself cannot be written down."""
        notes = self.visit_notes()
        outcome = VisitOutcome(notes.outcome).label
        return _remark(_("上门"), outcome, _stage_found(notes.stage), notes.notes)


class FollowUpForm(forms.Form):
    """What was heard 3 or 30 days later. Each question of the script is a field of its own."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    worry = WorryField(_("现在担心几分"))
    outcome = forms.ChoiceField(
        label=_("回访结果"), choices=FollowUp.Outcome.choices,
        error_messages={"required": _("请点选回访结果，四个里选一个。")},
    )  # fmt: skip
    notes = NotesField()

    def __init__(self, *args: Any, script: FollowUpScript, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [question.key for question in script.questions]
        for question in script.questions:
            self.fields[f"q_{question.key}"] = forms.ChoiceField(
                label=question.asks, choices=question.options, required=False
            )

    @property
    def questions(self) -> list[BoundField]:
        """The fields of the questions, in the order of the script."""
        return [self[f"q_{key}"] for key in self.keys]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        answers = {key: data.get(f"q_{key}", "") for key in self.keys}
        outcome = data.get("outcome", "")
        moved = FollowUpNotes(outcome, answers=answers).money_moved
        if outcome and outcome != FollowUp.Outcome.PAID and moved:
            self.add_error("outcome", str(Contradiction()))
        return data

    def follow_up_notes(self) -> FollowUpNotes:
        data = self.cleaned_data
        answers = {key: data[f"q_{key}"] for key in self.keys if data[f"q_{key}"]}
        return FollowUpNotes(data["outcome"], data["worry"], answers, data["notes"].strip())

    def as_note(self) -> str:
        """The same as a remark, where the follow-up itself cannot be written down."""
        notes = self.follow_up_notes()
        return _remark(_("回访"), FollowUp.Outcome(notes.outcome).label, notes.notes)


class ReviewForm(forms.Form):
    """The verdict of the second pair of eyes. Sending back needs a reason to work on."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("复核意见"), choices=Review.Verdict.choices,
        error_messages={"required": _("请点选复核意见：同意办结，或退回重办。")},
    )  # fmt: skip
    notes = NotesField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == Review.Verdict.SENT_BACK and not data.get("notes", "").strip():
            self.add_error("notes", _("退回时请写明要再做什么，下一位同事照此去办。"))
        return data


class ReasonForm(forms.Form):
    """Why somebody takes out a list in clear; kept in the audit chain, so without any number."""

    reason = forms.CharField(
        min_length=2, max_length=100,
        error_messages={
            "required": _("请先写明为什么取这份名单。"),
            "min_length": _("请先写明为什么取这份名单。"),
        },
    )  # fmt: skip

    def clean_reason(self) -> str:
        text: str = self.cleaned_data["reason"]
        if re.search(r"\d[\d\s-]{5,}\d", text):
            raise forms.ValidationError(_("理由里不要写电话或证件号码。"))
        return text


class NewcomerForm(forms.Form):
    """Somebody who lives here but is not in the register yet."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    place = forms.ModelChoiceField(label=_("所在网格"), queryset=Place.objects.none())

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["place"]
        grids = visible_places(by, Ability.EDIT_RESIDENTS).filter(level=Level.GRID)
        place.queryset = grids.order_by("code")
