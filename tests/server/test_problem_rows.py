"""Every refusal has its row in the catalogue, and every row says what to do."""

import ast
from collections.abc import Iterator

import pytest

from checkout import errors
from checkout.errors import CheckoutError
from server.api.problem_rows import PROBLEMS
from tests.conftest import ROOT


def leaves(root: type[CheckoutError]) -> Iterator[type[CheckoutError]]:
    """Yield the errors that are raised: the ends of the family's branches."""
    children = root.__subclasses__()
    if not children:
        yield root
    for child in children:
        yield from leaves(child)


def written_codes() -> Iterator[tuple[str, str]]:
    """Yield each code that the server writes down, and where: `FlowError("code", ...)`, `answer(request, "code")`."""
    for path in sorted((ROOT / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (name := ast.unparse(node.func).rpartition(".")[2]) in PLACES:
                place = PLACES[name]
                code = node.args[place] if len(node.args) > place else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value, f"{path.name}:{node.lineno}"


PLACES = {"FlowError": 0, "answer": 1, "Problem": 0}


def test_each_error_of_the_rules_has_a_row_when_it_reaches_the_wire() -> None:
    codes = {leaf.code for leaf in leaves(CheckoutError)}

    assert len(codes) > 30, "the family is not found"
    assert codes - PROBLEMS.keys() == set()


def test_each_code_in_the_source_has_a_row_when_it_is_raised() -> None:
    written = list(written_codes())

    assert len(written) > 30, "the codes are not found"
    assert [(code, where) for code, where in written if code not in PROBLEMS] == []


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_row_has_a_sentence_and_a_way_out_when_it_is_shown(code: str) -> None:
    row = PROBLEMS[code]

    assert 400 <= row.status < 600
    assert len(row.title) > 5
    assert row.hint.endswith(".")
    assert errors.CheckoutError.code != code
