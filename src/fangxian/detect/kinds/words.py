"""The same words in Chinese and in English, and the YAML they are kept in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

# libyaml's loader is about ten times faster; a build of PyYAML without it still works.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _EachOnce(_Loader):  # type: ignore[misc]
    """Refuses a key that stands twice, as YAML does: PyYAML would take the last and drop the others."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._looked_at: set[int] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        # Before what is merged (<<) is put among its own keys: that may stand twice.
        if id(node) not in self._looked_at:
            self._looked_at.add(id(node))
            met = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if (key.tag, key.value) in met:
                    twice = f"键“{key.value}”出现了两次 (the key stands twice: {key.value})"
                    raise yaml.constructor.ConstructorError(
                        problem=twice, problem_mark=key.start_mark
                    )
                met.add((key.tag, key.value))
        super().flatten_mapping(node)


class Words(NamedTuple):
    """One saying in Chinese (`zh`) and in English (`en`); both are always there."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The words in `language`: any code that begins with "en" is English, else Chinese.

        A Django code such as "zh-hans" may be passed as it is.
        """
        return self.en if language.lower().startswith("en") else self.zh


def read_yaml(path: Path) -> dict[str, Any]:
    """What a YAML file holds, as a mapping. Raises ValueError naming the file if it is not one."""
    with path.open("rb") as file:
        try:
            content = yaml.load(file, Loader=_EachOnce)  # noqa: S506 - it is a safe one
        except yaml.YAMLError as wrong:
            raise ValueError(_no_yaml(path, wrong)) from wrong
    if not isinstance(content, dict):
        raise ValueError(f"{path.name}：应为“键: 值”的结构，实际是 {type(content).__name__}")
    return content


def _no_yaml(path: Path, wrong: yaml.YAMLError) -> str:
    mark = wrong.problem_mark if isinstance(wrong, yaml.MarkedYAMLError) else None
    place = f" 第 {mark.line + 1} 行 (line {mark.line + 1})" if mark else ""
    why = wrong.problem if isinstance(wrong, yaml.MarkedYAMLError) else str(wrong).splitlines()[0]
    return f"{path.name}{place}：不是 YAML (no YAML): {why}"


def words(raw: Any, where: str) -> Words:
    """`raw` from YAML as `Words`. Raises ValueError saying `where` if a language is missing."""
    if not isinstance(raw, dict) or set(raw) != {"zh", "en"}:
        raise ValueError(f"{where}：应写明 zh 和 en 两种文字，实际是 {raw!r}")
    zh, en = raw["zh"], raw["en"]
    if not (isinstance(zh, str) and zh.strip() and isinstance(en, str) and en.strip()):
        raise ValueError(f"{where}：zh 和 en 都应是非空文字，实际是 {raw!r}")
    return Words(" ".join(zh.split()), " ".join(en.split()))
