"""What the walks of this folder share."""

from __future__ import annotations

import pytest
from two_towns import Side, two_towns

from town_of_tests import SmallTown


@pytest.fixture
def towns(small_town: SmallTown) -> tuple[Side, Side]:
    """Our town and a foreign one, alike in everything."""
    return two_towns(small_town)
