"""The blind index of identity numbers that were registered before there was one."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def fill(apps: Any, _editor: Any) -> None:
    residents = apps.get_model("town", "Resident")
    index_of = residents._meta.get_field("id_index").index_of
    rows = residents.objects.exclude(id_number=b"").only("pk", "id_number").order_by("pk")
    batch = []
    for row in rows.iterator(1000):
        row.id_index = index_of(row.id_number.clear)
        batch.append(row)
    residents.objects.bulk_update(batch, ["id_index"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("town", "0003_identity_documents")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
