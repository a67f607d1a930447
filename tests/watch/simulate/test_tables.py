"""The pages of the documentation hold the assumptions that the code is run with."""

from __future__ import annotations

from pathlib import Path

import pytest

from fangxian.watch.simulate.figures import figures
from fangxian.watch.simulate.tables import PAGES, filled, main

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tables_are_those_of_the_code(language: str) -> None:
    page = (DOCS / PAGES[language]).read_text(encoding="utf-8")
    assert page == filled(page, language), "run python -m fangxian.watch.simulate.tables docs"
    assert all(f"`{name}`" in page for name in figures())


def test_every_figure_says_what_it_is_and_where_it_comes_from() -> None:
    assert len(figures()) > 40
    for figure in figures().values():
        assert all((*figure.says, *figure.basis))


def test_the_pages_are_written_between_their_marks(tmp_path: Path) -> None:
    for language, name in PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True)
        old = "# x\n\n<!-- assumptions -->\n(of before)\n<!-- end of assumptions -->\nend\n"
        (tmp_path / name).write_text(old, encoding="utf-8")
        assert "(of before)" not in filled(old, language)
    main(tmp_path)
    for name in PAGES.values():
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.startswith("# x\n")
        assert text.endswith("end\n")
        assert "`LINKS_SEEN`" in text
    with pytest.raises(ValueError, match="页面"):
        filled("no marks", "en")
