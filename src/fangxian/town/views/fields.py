"""Fields that several forms of the town share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.exchange.phones import parse_phones
from fangxian.exchange.problems import language_of
from fangxian.town.days import EARLIEST, LATEST
from fangxian.town.queries.gaps import full_name

# 18 digits fit in the 63 bits of a row's number; 19 may not.
LONGEST_NUMBER = 18


class DayInput(forms.DateInput):
    """A day, chosen with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that a town's papers may speak of, chosen with the browser's calendar."""

    widget = DayInput

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not EARLIEST <= value <= LATEST:
            raise ValidationError(
                _("日期应在 %(first)s 至 %(last)s 之间。")
                % {"first": EARLIEST.isoformat(), "last": LATEST.isoformat()}
            )


class TimeOfDayInput(forms.TimeInput):
    """Hours and minutes, chosen with the browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A place, named so that 1号网格 of two villages can be told apart."""

    def label_from_instance(self, obj: Any) -> str:
        return full_name(obj)


class ManyField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows to tick. A number larger than any database holds is no choice, not an error."""

    def clean(self, value: Any) -> Any:
        for number in value or ():
            if len(str(number)) > LONGEST_NUMBER:
                raise ValidationError(
                    self.error_messages["invalid_choice"], "invalid_choice", {"value": number}
                )
        return super().clean(value)


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A colleague, with the body they belong to."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.department}" if obj.department else obj.name


class PhonesField(forms.CharField):
    """Phones as people write them; the cleaned value is a list of E.164 numbers."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return []
        parsed = parse_phones(text, settings.DEFAULT_AREA_CODE, str(self.label))
        if parsed.problems:
            language = language_of(get_language() or "zh")
            raise forms.ValidationError([p.say(language) for p in parsed.problems])
        return [phone.e164 for phone in parsed.phones]
