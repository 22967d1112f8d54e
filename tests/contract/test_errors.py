"""Every refusal has one code, a literal template, and a test that reaches it."""

import ast
import re
from collections.abc import Iterable, Iterator

from scripts.catalogue import error_names
from tests.contract.tree import called_name, calls, module_trees, strings_of_tests

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

PLANTED = """
def check(count, name):
    raise DataError("no-images", f"{count} images.", count=count)
    raise errors.DataError("No Images", "{count} images.", count=count)
    raise DataError("few-images", "{count} images.", count=count)
    raise DataError("few-images", "{count} pictures.", count=count)
    raise DataError("bad-images", "invalid images in {folder}.", name=name)
    return Phrase(name)
"""


def refusals(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that make an error of the tree or a piece of one."""
    names = {*error_names(), "Phrase"}
    return (call for call in calls(tree) if called_name(call) in names)


def faults(call: ast.Call) -> Iterator[str]:
    """What is wrong with one refusal, looked at alone."""
    is_phrase = called_name(call) == "Phrase"
    wanted = 1 if is_phrase else 2
    words = literals(call)
    if is_phrase and call.args and ast.unparse(call.args[0]).endswith(".template"):
        return  # It was a literal where the message came from.
    if len(words) < wanted:
        yield "its code and its template must be string literals"
        return
    if not is_phrase and not SLUG.fullmatch(words[0]):
        yield f"the code {words[0]!r} is not a kebab-case slug"
    template = words[wanted - 1]
    if "invalid" in template.lower():
        yield f"{template!r} says 'invalid' instead of what was required"
    given = {keyword.arg for keyword in call.keywords}
    missing = fields(template) - given
    if None not in given and missing:
        yield f"{template!r} gets no {sorted(missing)}"


def literals(call: ast.Call) -> list[str]:
    """The string literals that open the arguments of a call."""
    found = []
    for argument in call.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        found.append(argument.value)
    return found


def fields(template: str) -> set[str]:
    """The names of the fields of a template, without attributes and indices."""
    plain = template.replace("{{", "").replace("}}", "")
    return set(re.findall(r"\{(\w+)", plain))


def templates(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """The templates of every code."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for call in refusals(tree):
            words = literals(call)
            if called_name(call) != "Phrase" and len(words) >= 2:
                found.setdefault(words[0], set()).add(words[1])
    return found


def test_every_refusal_is_well_formed() -> None:
    found = [
        f"{path}:{call.lineno}: {fault}"
        for path, tree in module_trees().items()
        for call in refusals(tree)
        for fault in faults(call)
    ]
    assert not found, "\n".join(found)


def test_a_code_stands_for_one_template() -> None:
    found = templates(module_trees().values())
    assert {c: sorted(t) for c, t in found.items() if len(t) > 1} == {}


def test_every_code_is_named_by_a_test() -> None:
    codes = templates(module_trees().values())
    found = sorted(codes.keys() - strings_of_tests())
    assert not found, "\n".join(found)


def test_the_error_tree_is_in_one_module() -> None:
    kinds = set(error_names())
    found = [
        f"{path}: {node.name}"
        for path, tree in module_trees().items()
        if path != "src/mirada/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        if kinds & {base.id for base in node.bases if isinstance(base, ast.Name)}
    ]
    assert not found, "\n".join(found)


def test_planted_faults_are_found() -> None:
    tree = ast.parse(PLANTED)
    found = {call.lineno: list(faults(call)) for call in refusals(tree)}
    assert found[3] == ["its code and its template must be string literals"]
    assert found[4] == ["the code 'No Images' is not a kebab-case slug"]
    assert found[5] == found[6] == []
    assert found[7] == [
        "'invalid images in {folder}.' says 'invalid' instead of what was required",
        "'invalid images in {folder}.' gets no ['folder']",
    ]
    assert found[8] == ["its code and its template must be string literals"]
    assert templates([tree])["few-images"] == {
        "{count} images.",
        "{count} pictures.",
    }
