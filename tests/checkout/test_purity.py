"""What the import contract cannot see: no float, no true division, no clock in the package."""

import ast
from pathlib import Path

import pytest

import checkout

FOLDER = Path(checkout.__path__[0])
# The feeds guess how a file is written, with shares of lines; money goes through them as whole numbers all the same.
MODULES = sorted(FOLDER.glob("*.py"))
CLOCKS = {"now", "utcnow", "today"}


def impurities(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float()):
                found.append(f"a float in line {node.lineno}")
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                found.append(f"a true division in line {node.lineno}")
            case ast.Name(id="float" | "open" | "print" | "input"):
                found.append(f"{node.id} in line {node.lineno}")
            case ast.Attribute(attr=attribute) if attribute in CLOCKS:
                found.append(f"a clock in line {node.lineno}")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_module_is_arithmetic_alone_when_its_source_is_read(module: Path) -> None:
    assert impurities(module.read_text(encoding="utf-8")) == []


def test_impurities_are_seen_when_they_are_there() -> None:
    source = "x = 1.5\ny = 1 / 2\ny /= 2\nfloat('1')\nopen('f')\ndatetime.now()\ndate.today()\n"
    assert len(impurities(source)) == 7
