"""House rules that a program can check: the core is pure, plans are plans, functions say what they do."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "crmtool"
FILES = sorted(ROOT.rglob("*.py"))
CORE = sorted((ROOT / "core").rglob("*.py"))

#: Names that bring a clock, chance or the disk into a function.
IMPURE_CALLS = {"open", "input", "print", "today", "utcnow", "now", "uuid1", "uuid4", "token_hex", "urandom", "sample"}
IMPURE_MODULES = {"random", "secrets", "time", "uuid", "os", "pathlib", "sqlite3", "socket", "subprocess"}
MOST_LINES = 400
#: What is longer, and why it may be.
LONGER: dict[str, int] = {}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def public(path):
    """Return the functions and methods at the top of a module or of a public class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [tree.body, *(node.body for node in classes if not node.name.startswith("_"))]
    return [node for body in bodies for node in body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]


def called(node):
    target = node.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def impurities(source):
    """Yield what is impure in a module's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS:
            yield f"line {node.lineno}: {called(node)}()"
        if isinstance(node, ast.Import):
            yield from (f"line {node.lineno}: {a.name}" for a in node.names if a.name.split(".")[0] in IMPURE_MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in IMPURE_MODULES:
            yield f"line {node.lineno}: {node.module}"


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now()",
        "dt.date.today()",
        "open('x')",
        "import random",
        "from time import monotonic",
        "frame.sample(3)",
    ],
)
def test_the_check_of_purity_sees(source):
    assert list(impurities(source))


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_no_clock_no_chance_and_no_disk(path):
    assert list(impurities(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_plans_returns_a_plan(path):
    plans = [node for node in functions(path) if node.name.startswith("plan_")]
    assert [node.name for node in plans if node.returns is None or ast.unparse(node.returns) != "Plan"] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_and_every_public_function_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert [node.name for node in public(path) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_one_thought(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGER.get(name_of(path), MOST_LINES)


def test_allowances_are_needed():
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert [name for name in LONGER if sizes.get(name, 0) <= MOST_LINES] == []


def test_no_file_is_named_for_nothing():
    empty_words = {"utils", "util", "helpers", "common", "base", "manager", "misc"}
    assert [name_of(path) for path in FILES if path.stem in empty_words] == []
