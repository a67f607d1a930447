"""The documentation: pages made by the program are up to date, links lead somewhere, both READMEs
name the same commands, and both languages have the same pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def test_reference_pages_are_what_the_program_says(tmp_path: Path) -> None:
    import os

    env = {**os.environ, "FANGXIAN_MODE": "test", "FANGXIAN_HOME": str(tmp_path)}
    env["DJANGO_SETTINGS_MODULE"] = "fangxian.web.settings"
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/reference.py"), "check"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_links_and_pictures_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
        ours = [t for t in targets if not t.startswith(("http:", "https:"))]
        broken += [f"{page.name}: {t}" for t in ours if not (page.parent / t).exists()]
    assert broken == []
    assert len(PAGES) > 40


def test_every_page_stands_in_both_languages() -> None:
    names = [
        {
            str(p.relative_to(ROOT / "docs" / language))
            for p in ROOT.glob(f"docs/{language}/**/*.md")
        }
        for language in ("zh", "en")
    ]
    assert names[0] == names[1]


def test_both_readmes_name_the_same_commands() -> None:
    def commands(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
        return [
            line for line in lines if line and not re.search(r"[\u4e00-\u9fff]|/$|^[a-z]+/ ", line)
        ]

    english, chinese = commands("README.md"), commands("README.zh.md")
    runs = [c for c in english if c.startswith(("make", "python3", ".venv", "set", "export"))]
    assert runs == [
        c for c in chinese if c.startswith(("make", "python3", ".venv", "set", "export"))
    ]
    assert "make demo" in runs
    assert "make test" in runs


def test_every_setting_of_the_code_is_documented() -> None:
    code = (ROOT / "src/fangxian/web/settings.py").read_text("utf-8")
    code += (ROOT / "src/fangxian/web/keys.py").read_text("utf-8")
    used = set(re.findall(r"FANGXIAN_[A-Z_]+", code)) - {"FANGXIAN_SMS_URL", "FANGXIAN_SMS_TOKEN"}
    for language in ("zh", "en"):
        page = (ROOT / f"docs/{language}/reference/settings.md").read_text("utf-8")
        assert [name for name in sorted(used) if name not in page] == []


def test_every_dependency_says_why_it_is_here() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    more = project["project"]["optional-dependencies"].values()
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [name for names in more for name in names]
    wanted += json.loads((ROOT / "requirements/package.json").read_text())["dependencies"]
    for name in ("build.in", "node.in"):
        wanted += (ROOT / "requirements" / name).read_text().split()
    table = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    told = {
        name.strip()
        for row in re.findall(r"^\| ([^|]+) \|", table, re.M)
        for name in row.split(",")
    }
    names = {re.split(r"[\[<>=]", name)[0].lower() for name in wanted}
    assert sorted(names - told) == []
    assert sorted(told - names - {"package", "---"}) == []


def test_every_setting_is_described_in_both_languages() -> None:
    read = {
        name
        for path in ROOT.glob("src/**/*.py")
        for name in re.findall(r'"(FANGXIAN_[A-Z_]+|DATABASE_URL)"', path.read_text("utf-8"))
    }
    assert len(read) > 15
    for language in ("zh", "en"):
        page = (ROOT / "docs" / language / "reference/settings.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (`[^|]+`) \|", page, re.M)
        assert sorted(read - {name for row in rows for name in re.findall(r"`(\w+)`", row)}) == []


def test_the_figures_are_those_of_the_shipped_model() -> None:
    from hashlib import sha256

    model = ROOT / "src/fangxian/detect/model/text.model"
    measured = json.loads((ROOT / "docs/figures.json").read_text(encoding="utf-8"))
    assert measured["model"] == sha256(model.read_bytes()).hexdigest(), "run tools/figures.py"
    assert {row["source"] for row in measured["evaluate"]} >= {"nus", "fbs", "telecom5", "held"}
    assert len(measured["left_out"]) > 3


def test_the_figures_of_the_watch_are_of_the_signals_that_are_shipped() -> None:
    ask = "import watch_tables as w; print(w.book_judged() == w.judged()['book'])"
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT / "tools", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True", "run tools/watch_weights.py judge"
