"""What `make fuzz` runs: the doors of the detector with inputs that coverage guides (atheris).

    python tools/fuzz.py                       every target, a minute each
    python tools/fuzz.py text links --seconds 600
    python tools/fuzz.py csv --runs 2000       so many inputs and no clock: what the tests run
    python tools/fuzz.py text --again FILE     one input that broke it

What must hold of any input is in tests/detect/fuzz/properties.py. Inputs that reached something new
are kept in build/fuzz/TARGET/ and gone on from the next time. An input that breaks a target, takes
longer than SLOWEST or more memory than MOST_MEMORY is written to build/fuzz/TARGET-broken/; the line
that tries it again is printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "fuzz"
# Of one input: bytes, seconds; of a target's process: megabytes (the libraries alone take 300).
LONGEST, SLOWEST, MOST_MEMORY = 1_024, 20, 2_048
# Compiled code cannot be followed, and training reads no input from outside.
NOT_FOLLOWED = ("kernel", "training", "subscriber", "measuring")
SEEDS = 60
# Between the texts of an input that holds several.
SPLIT = "\x1e"


def main() -> None:
    said = _arguments()
    targets = said.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        sys.exit(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if said.again:
        tried(targets[0])(said.again.read_bytes())
        print("nothing was wrong with it")
        return
    if said.inside:
        fuzz(targets[0], said.inside)
        return
    try:
        import atheris  # noqa: F401
    except ImportError:
        sys.exit("fuzzing needs atheris (Linux on x86-64): pip install atheris")
    broken = [target for target in targets if not holds(target, said)]
    if broken:
        sys.exit(f"broken: {', '.join(broken)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--runs", type=int, default=0, help="so many inputs in place of seconds")
    parser.add_argument("--keep", type=Path, default=BUILD, help="where inputs go (build/fuzz)")
    parser.add_argument("--again", type=Path, help="try one input, without atheris")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser.parse_args()


def holds(target: str, said: argparse.Namespace) -> bool:
    """Fuzz one target in a process of its own. Returns whether nothing broke it."""
    kept, broken = said.keep / target, said.keep / f"{target}-broken"
    for folder in (kept, broken):
        folder.mkdir(parents=True, exist_ok=True)
    known = set(broken.iterdir())
    words = said.keep / f"{target}.dict"
    words.write_text("".join(f'"{_quoted(word)}"\n' for word in _words()), encoding="ascii")
    for number, seed in enumerate(_seeds(target)):
        (kept / f"seed-{number:03d}").write_bytes(seed)
    limits = [f"-runs={said.runs}"] if said.runs else [f"-max_total_time={said.seconds}"]
    options = [
        *limits, f"-max_len={LONGEST}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MOST_MEMORY}",
        f"-dict={words}", f"-artifact_prefix={broken}/", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    command = [sys.executable, __file__, target, "--inside", *options, str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    told = done.stdout + done.stderr
    number = re.search(r"number_of_executed_units: (\d+)", told)
    print(f"{target}: {number[1] if number else 'no'} inputs", flush=True)
    found = sorted(set(broken.iterdir()) - known)
    if done.returncode == 0 and not found:
        return True
    print(told[-3_000:])
    for path in found:
        print(f"broken by {path}\n  try it again: {sys.argv[0]} {target} --again {path}")
    return False


def fuzz(target: str, options: list[str]) -> None:
    """Inside the process: follow the detector and hand it inputs until the limits are reached."""
    import atheris

    with atheris.instrument_imports(
        include=["fangxian"], exclude=["fangxian.detect.tokens.kernel"]
    ):
        for module in _followed():
            importlib.import_module(module)
    atheris.Setup([sys.argv[0], *options], tried(target))
    atheris.Fuzz()


def _followed() -> list[str]:
    """The modules of the detector and of numbers, which open each other when first needed."""
    sys.path.insert(0, str(ROOT / "src"))
    packages = [importlib.import_module(name) for name in ("fangxian.numbers", "fangxian.detect")]
    return [
        module.name
        for package in packages
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not set(NOT_FOLLOWED) & set(module.name.split("."))
    ]


def tried(target: str) -> Callable[[bytes], None]:
    """What is called with every input of a target."""
    return TARGETS[target]


def _properties() -> ModuleType:
    for folder in ("src", "tests"):
        if str(ROOT / folder) not in sys.path:
            sys.path.insert(0, str(ROOT / folder))
    return importlib.import_module("detect.fuzz.properties")


def _text(data: bytes) -> str:
    """Any bytes are a text: what is no UTF-8 is half a character."""
    return data.decode("utf-8", "surrogateescape")


def _texts(data: bytes) -> list[str]:
    return _text(data).split(SPLIT)[:20]


def _turns(data: bytes) -> list[tuple[str, str]]:
    """One turn each; it is the callee's where it begins with a blank."""
    return [("callee" if text[:1] == " " else "caller", text) for text in _texts(data)]


def _of(door: str, read: Callable[[bytes], Any] = _text) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        getattr(_properties(), door)(read(data))

    return run


TARGETS: dict[str, Callable[[bytes], None]] = {
    "text": _of("text"),
    "undo": _of("undone"),
    "links": _of("links"),
    "numbers": _of("numbers"),
    "turns": _of("turns", _turns),
    "grades": _of("grades_rise", _texts),
    "campaigns": _of("campaign", _texts),
    "csv": _of("csv_file", bytes),
    "jsonl": _of("jsonl_file", bytes),
    "picture": _of("picture", bytes),
}


def _words() -> list[str]:
    """Pieces that libFuzzer puts into inputs."""
    _properties()
    nasty = importlib.import_module("detect.fuzz.nasty")
    return [*nasty.PIECES, SPLIT, '"', ",", '{"text": "', "sep=;", "\\ud800"]


def _quoted(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "surrogatepass"))


def _seeds(target: str) -> list[bytes]:
    """Inputs to begin with: texts of our corpus, and files of them."""
    texts = _corpus()
    if target == "picture":
        return _pictures()
    if target == "csv":
        return [
            f"id{mark}text\r\n1{mark}{one}\r\n2{mark}{other}".encode(coding)
            for one, other in zip(texts[:20], texts[20:40], strict=True)
            for mark, coding in ((",", "utf-8"), (";", "gb18030"), ("\t", "utf-16"))
        ]
    if target == "jsonl":
        rows = [
            json.dumps({"text": text, "n": n}, ensure_ascii=n % 2 > 0)
            for n, text in enumerate(texts)
        ]
        return ["\n".join(rows[at : at + 3]).encode() for at in range(0, 60, 3)]
    if target in ("turns", "grades", "campaigns"):
        return [SPLIT.join(texts[at : at + 4]).encode() for at in range(0, 100, 4)]
    return [text.encode() for text in texts]


@cache
def _corpus() -> list[str]:
    """Some of our own texts."""
    _properties()
    entries = importlib.import_module("fangxian.detect.corpus").read_corpus()
    return [entry.text for entry in entries[:: len(entries) // SEEDS]]


def _pictures() -> list[bytes]:
    from io import BytesIO

    from PIL import Image

    files = []
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        for mode in ("RGB", "L", "1", "P"):
            out = BytesIO()
            Image.new("RGB", (17, 9), "red").convert(
                "RGB" if kind in ("WEBP", "JPEG") else mode
            ).save(out, kind)
            files.append(out.getvalue())
    return files


if __name__ == "__main__":
    main()
