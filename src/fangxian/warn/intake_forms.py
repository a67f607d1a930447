"""Forms of the intake: a list, or one warning, of a sender."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.detect.kinds import kind_choices
from fangxian.exchange.phones import parse_phones
from fangxian.exchange.problems import language_of
from fangxian.exchange.tables import MAX_BYTES
from fangxian.town.access import Ability, visible_places
from fangxian.town.models import Place, Staff
from fangxian.warn.actions.arriving import NewSignal
from fangxian.warn.models import Grade, Sender
from fangxian.warn.queries.intake import number_of, sender_named

# The choice that makes a new sender; no sender is called so.
NEW_SENDER = "+"


class SenderForm(forms.Form):
    """A sender chosen from those we know; a new one is a choice of its own, for a slip of the
    pen must not make a second sender that has no remembered columns."""

    sender = forms.ChoiceField(label=_l("来文单位"), help_text=_l("记住它的列对应关系。"))
    new_sender = forms.CharField(
        label=_l("新单位的名称"),
        required=False,
        max_length=60,
        help_text=_l("“来文单位”选了“新的来文单位”才填，例如：县反诈中心。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(Sender.objects.filter(is_active=True).values_list("name", flat=True))
        known = [(name, name) for name in names]
        field: Any = self.fields["sender"]
        field.choices = [("", _("请选择")), *known, (NEW_SENDER, _("＋ 新的来文单位"))]
        self.order_fields(["sender", "new_sender"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = (data.get("new_sender") or "").strip()
        if data.get("sender") == NEW_SENDER:
            if not typed:
                self.add_error("new_sender", _("请填写新单位的名称。"))
            data["sender"] = sender_named(typed)
        elif typed and data.get("sender"):
            self.add_error(
                "new_sender", _("已经选了来文单位；要新建，请在“来文单位”里选“新的来文单位”。")
            )
        return data


class ListForm(SenderForm):
    """A file, or a pasted table."""

    file = forms.FileField(
        label=_l("名单文件"),
        required=False,
        help_text=_l("xlsx 或 csv，最大 20 MB。县里发来是什么样就传什么样，不用整理。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    pasted = forms.CharField(
        label=_l("或者把表格粘贴在这里"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    other_sender = forms.BooleanField(label=_l("还是要以这家单位的名义再交一次"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        file, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if not file and not pasted and not self.errors:
            raise forms.ValidationError(_("请选择一个文件，或把表格粘贴到下面的框里。"))
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("文件有 %(size)d MB，最大 20 MB。请分成几份上传。") % {"size": file.size // 2**20}
            )
        return data


class OneForm(SenderForm):
    """One warning by hand: the phone is enough."""

    phone = forms.CharField(label=_l("居民电话"), max_length=80)
    name = forms.CharField(label=_l("姓名"), max_length=40, required=False)
    place = forms.ModelChoiceField(label=_l("所在村社区"), queryset=Place.objects.none())
    kind = forms.ChoiceField(label=_l("骗局类型"))
    grade = forms.TypedChoiceField(
        label=_l("等级"), choices=Grade.choices, coerce=int, initial=Grade.YELLOW
    )
    risk_number = forms.CharField(label=_l("可疑号码"), max_length=40, required=False)
    reference = forms.CharField(label=_l("来文编号"), max_length=80, required=False)
    note = forms.CharField(
        label=_l("备注"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = visible_places(by, Ability.TAKE_IN).filter(level__in=("village", "town"))
        choice: Any = self.fields["place"]
        choice.queryset = places.order_by("code")
        kind: Any = self.fields["kind"]
        kind.choices = kind_choices(get_language() or "zh")
        kind.initial = "other"

    def clean_phone(self) -> tuple[str, ...]:
        label = str(self.fields["phone"].label)
        parsed = parse_phones(self.cleaned_data["phone"], settings.DEFAULT_AREA_CODE, label)
        if not parsed.phones:
            language = language_of(get_language() or "zh")
            raise forms.ValidationError([p.say(language) for p in parsed.problems])
        return tuple(p.e164 for p in parsed.phones)

    def signal(self) -> NewSignal:
        data = self.cleaned_data
        return NewSignal(
            place=data["place"],
            phones=data["phone"],
            name=data["name"].strip(),
            kind=data["kind"],
            grade=Grade(data["grade"]),
            reference=data["reference"].strip(),
            risk_number=number_of(data["risk_number"]) or data["risk_number"].strip(),
            note=data["note"].strip(),
        )
