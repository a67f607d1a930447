"""Personal data: sealed in the database, masked wherever it is printed."""

from __future__ import annotations

import dataclasses
import json

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from fangxian.town import rotation, sealed
from fangxian.town.models import Phone, Resident
from fangxian.town.sealed import CannotOpen, Sealed, blind_index, key_of, seal, unseal
from fangxian.web.keys import new_data_key
from town.hailan import Hailan

COLUMN = "town.resident.name"


def use_keys(settings: object, *entries: str) -> None:
    kept = settings.KEYS  # type: ignore[attr-defined]
    settings.KEYS = dataclasses.replace(kept, data=",".join(entries))  # type: ignore[attr-defined]


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text: str) -> None:
    assert unseal(seal(text, COLUMN), COLUMN) == text


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert seal("王福贵", COLUMN) != seal("王福贵", COLUMN)


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(CannotOpen, match=r"town\.resident\.id_number"):
        unseal(seal("王福贵", COLUMN), "town.resident.id_number")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_does_not_open(position: int, change: int) -> None:
    value = bytearray(seal("王福贵", COLUMN))
    value[position % len(value)] ^= change
    with pytest.raises(CannotOpen):
        unseal(bytes(value), COLUMN)


@given(st.integers(min_value=1))
def test_a_value_cut_short_does_not_open(length: int) -> None:
    value = seal("王福贵", COLUMN)
    with pytest.raises(CannotOpen):
        unseal(value[: 1 + length % (len(value) - 1)], COLUMN)


def test_sm4_seals_as_well(settings: object) -> None:
    use_keys(settings, new_data_key("s1", "sm4"))
    value = seal("王福贵", COLUMN)
    assert key_of(value) == "s1"
    assert unseal(value, COLUMN) == "王福贵"
    with pytest.raises(CannotOpen):
        unseal(value[:-1] + bytes([value[-1] ^ 1]), COLUMN)


@pytest.mark.parametrize(
    "text", ["", "k1:aes:AAAA", "k1:des:AAAA", "no colon", "k1:sm4:" + "A" * 44]
)
def test_keys_that_cannot_be_are_refused_with_what_was_expected(
    settings: object, text: str
) -> None:
    use_keys(settings, text)
    with pytest.raises(ImproperlyConfigured, match="FANGXIAN_DATA_KEYS"):
        seal("x", COLUMN)


def test_a_missing_key_is_named(settings: object) -> None:
    value = seal("王福贵", COLUMN)
    use_keys(settings, new_data_key("k9"))
    with pytest.raises(CannotOpen, match=f"'{key_of(value)}'"):
        unseal(value, COLUMN)


def test_the_database_holds_no_clear_text(wang: Resident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM town_resident")
        resident = repr([bytes(v) if isinstance(v, memoryview) else v for v in cursor.fetchone()])
        cursor.execute("SELECT * FROM town_phone")
        phone = repr([bytes(v) if isinstance(v, memoryview) else v for v in cursor.fetchone()])
    assert "王福贵" not in resident
    assert repr("王福贵".encode())[2:-1] not in resident
    assert "12000001234" not in phone


def test_printing_a_person_prints_masks(wang: Resident) -> None:
    wang = Resident.objects.get(pk=wang.pk)
    phone = wang.phones.get()
    assert wang.household
    printed = f"{wang} {wang!r} {phone} {wang.name} {wang.household} {[wang.name, phone.number]!r}"
    printed += f" {wang.id_number} {wang.__dict__!r} {phone.__dict__!r}"
    for canary in ("福", "12000001234", "12号", "0500101"):
        assert canary not in printed
    assert f"{phone.number}" == "120****1234"
    assert f"{wang.household.address}" == "海兰村*组*号"


def test_an_unsaved_person_prints_masks_too(town: Hailan) -> None:
    assert str(Resident(name="王福贵", place=town.places["hailan1"])) == "王*贵"


def test_a_secret_prints_nothing_of_itself(town: Hailan) -> None:
    staff = town.staff["grid1"]
    staff.totp_secret = "JBSWY3DPEHPK3PXP"
    assert str(staff.totp_secret) == "****"


def test_json_refuses_a_sealed_value_rather_than_write_it_out(wang: Resident) -> None:
    with pytest.raises(TypeError):
        json.dumps({"name": wang.name})


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        ("name", "王芳", "王*"),
        ("name", "欧阳娜", "欧*娜"),
        ("name", "Anna Li", "A***"),
        ("name", "王", "*"),
        ("phone", "+8612000001234", "120****1234"),
        ("phone", "+862301234567", "023-****4567"),
        ("phone", "96110", "96110"),
        ("address", "海兰村3组12号", "海兰村*组*号"),
        ("id", "99010119500101001X", "****************1X"),
        ("id", "", "****"),
    ],
)
def test_masks(mask: sealed.Mask, text: str, shown: str) -> None:
    assert sealed.MASKS[mask](text) == shown


def test_a_value_copied_to_another_column_is_sealed_for_it(wang: Resident) -> None:
    assert wang.household
    wang.last_known_area = wang.household.address
    wang.save()
    Resident.objects.filter(pk=wang.pk).update(id_number=Resident.objects.get(pk=wang.pk).name)
    again = Resident.objects.get(pk=wang.pk)
    assert again.last_known_area.clear == "海兰村3组12号"
    assert again.id_number.clear == "王福贵"


def test_a_phone_is_found_by_its_blind_index_and_only_with_the_key(
    wang: Resident, settings: object
) -> None:
    index = blind_index("+8612000001234")
    assert Phone.objects.get(index=index).resident == wang
    kept = settings.KEYS  # type: ignore[attr-defined]
    settings.KEYS = dataclasses.replace(kept, index=b"x" * 32)  # type: ignore[attr-defined]
    assert blind_index("+8612000001234") != index


def test_rotation_seals_everything_with_the_new_key_and_the_old_may_go(
    wang: Resident, settings: object
) -> None:
    old = settings.KEYS.data  # type: ignore[attr-defined]
    new = new_data_key("k2", "sm4")
    use_keys(settings, new, old)
    assert rotation.stale()["town.resident.name"] == 1
    changed = rotation.reseal()
    assert changed["town.resident.name"] == changed["town.phone.number"] == 1
    assert rotation.stale() == {}
    use_keys(settings, new)
    again = Resident.objects.get(pk=wang.pk)
    assert again.name.clear == "王福贵"
    assert again.id_number.clear == "99010119500101001X"
    assert rotation.reseal() == {}


def test_rotation_goes_through_more_rows_than_a_batch(
    town: Hailan, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    for n in range(8):
        Resident.objects.create(name=f"人{n}", place=town.places["hailan1"])
    use_keys(settings, new_data_key("k2"), settings.KEYS.data)  # type: ignore[attr-defined]
    assert rotation.reseal()["town.resident.name"] == 8


def test_an_empty_value_stays_empty() -> None:
    assert not Sealed(COLUMN, "name", clear="")
    assert settings.KEYS.data
