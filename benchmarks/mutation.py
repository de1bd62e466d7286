"""Mutation of the judges: `contract/checks` and `contract/grammars`, one expression at a time, against their tests.

    python benchmarks/mutation.py           mutmut over both (half an hour on two cores), writes docs/mutation.md
    python benchmarks/mutation.py --read    what the last run left in `mutants/`, no new run

`[tool.mutmut]` in pyproject.toml says which modules are changed and which tests have to notice. Tables are data, which
mutmut leaves alone: `tests/test_table_rows.py` takes out each of their rows. Survivors are listed, with the reason
where `survivors.toml` beside this file has one. Exit status 1 where fewer than 90 % are killed.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
BAR = 0.9
#: What a run that was cut did not come to.
UNCHECKED = "not checked"
_MUTMUT = str(Path(sys.executable).parent / "mutmut")


@dataclass(frozen=True)
class Mutant:
    """One change and what became of it: `killed`, `timeout`, `survived`, `no tests`, ..."""

    name: str
    module: str
    status: str

    @property
    def function(self) -> str:
        """`module.function` or `module.Class.method`, as one writes it."""
        bare = self.name.rpartition("__mutmut_")[0].removeprefix(self.module + ".")
        return f"{self.module}.{bare.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"

    @property
    def killed(self) -> bool:
        """A test failed, or never came to its end."""
        return self.status in {"killed", "timeout"}


def mutants(folder: Path) -> Iterator[Mutant]:
    """Every mutant of the last run, in the order of the files."""
    from mutmut.stats import status_by_exit_code

    for path in sorted(folder.rglob("*.py.meta")):
        module = ".".join(path.relative_to(folder).parts).removesuffix(".py.meta").removesuffix(".__init__")
        for name, code in json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            yield Mutant(name, module, status_by_exit_code[code])


def change(mutant: Mutant) -> tuple[str, str]:
    """The lines of a function that a mutant takes out and puts in, each as one."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    path = Path(*mutant.module.split("."))
    with contextlib.chdir(ROOT):  # mutmut looks for its folder in the working directory
        source = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        shown = get_diff_for_mutant(mutant.name, path=source)
    lines = [line for line in shown.splitlines() if not line.startswith(("---", "+++"))]
    out = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    into = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return out, into


def reason(mutant: Mutant, into: str, known: Sequence[dict[str, str]]) -> str:
    """Why nothing can notice it, "" where nobody has said so."""
    for each in known:
        if fnmatch.fnmatchcase(mutant.function, each["function"]) and each.get("has", "") in into:
            return each["why"]
    return ""


def document(every: Sequence[Mutant], changes: dict[str, tuple[str, str]], known: Sequence[dict[str, str]]) -> str:
    """docs/mutation.md; of a run that was cut, with the count of what it did not come to."""
    found = [each for each in every if each.status != UNCHECKED]
    cut = f" The run was cut: {len(every) - len(found)} more were not checked." if len(found) < len(every) else ""
    alive = [each for each in found if not each.killed]
    told = sum(bool(reason(each, changes[each.name][1], known)) for each in alive)
    return "\n".join(
        [
            "# Mutation of the judges",
            "",
            "`contract/checks` and `contract/grammars`, changed one expression at a time by mutmut, against the tests",
            "that `[tool.mutmut]` in pyproject.toml names. Written by `tox -e mutation`, that is by",
            "`python benchmarks/mutation.py`.",
            "Tables are data, which mutmut leaves alone: `tests/test_table_rows.py` takes out each of their rows.",
            "",
            f"**{_share(found)} killed**, {len(alive)} survived, {told} of them with a reason.{cut}",
            "",
            "| module | mutants | killed | survived |",
            "|---|---|---|---|",
            *_modules(found),
            "",
            "## Survivors",
            "",
            "| function | from | to | why nothing notices |",
            "|---|---|---|---|",
            *(_survivor(each, *changes[each.name], reason(each, changes[each.name][1], known)) for each in alive),
            "",
        ]
    )


def _share(found: Sequence[Mutant]) -> str:
    killed = sum(each.killed for each in found)
    return f"{killed} of {len(found)} ({100 * killed / len(found):.1f} %)" if found else "none"


def _modules(found: Sequence[Mutant]) -> Iterator[str]:
    counts = Counter(each.module for each in found)
    for module, count in sorted(counts.items()):
        killed = sum(each.killed for each in found if each.module == module)
        yield f"| `{module}` | {count} | {100 * killed / count:.0f} % | {count - killed} |"


def _survivor(mutant: Mutant, out: str, into: str, why: str) -> str:
    cells = [f"`` {each.replace('|', chr(92) + '|')} ``" for each in _narrowed(out, into)]
    return f"| `{mutant.function}` | {' | '.join(cells)} | {why or 'not looked into'} |"


def _narrowed(out: str, into: str, around: int = 24) -> tuple[str, str]:
    """Only what differs of two long lines, with a little around it."""
    start = next((n for n, (one, other) in enumerate(zip(out, into, strict=False)) if one != other), 0)
    tail = next((n for n, (one, other) in enumerate(zip(out[::-1], into[::-1], strict=False)) if one != other), 0)
    tail = min(tail, len(out) - start, len(into) - start)
    first = max(0, start - around)
    return out[first : len(out) - max(0, tail - around)], into[first : len(into) - max(0, tail - around)]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where enough are killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--read", action="store_true", help="read what the last run left, run nothing")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    if not chosen.read:
        subprocess.run([_MUTMUT, "run", "--max-children", str(chosen.processes)], cwd=ROOT, check=True)
    found = list(mutants(ROOT / "mutants"))
    known = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8")).get("survivor", [])
    changes = {each.name: change(each) for each in found if not each.killed and each.status != UNCHECKED}
    (ROOT / "docs" / "mutation.md").write_text(document(found, changes, known), encoding="utf-8")
    print(f"killed: {_share(found)}; docs/mutation.md")
    return 0 if found and sum(each.killed for each in found) >= BAR * len(found) else 1  # unchecked is not killed


if __name__ == "__main__":
    raise SystemExit(main())
