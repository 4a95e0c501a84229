"""Finds in the integration's source what must have words."""

import ast
from collections.abc import Iterator
from pathlib import Path

from custom_components.paybay import const
from custom_components.paybay.domain.load import NOT_SEEN
from custom_components.paybay.domain.rest import BY_POLICY
from custom_components.paybay.offers import AS_STATUS

FOLDER = Path(const.__file__).parent
_RAISED = {"fault", "mistake"}
_ENDS = {"Unsold", "End", "GiveUp", "StartError", "_owe_back", "given_up", "stop"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Return every call in the source, with the name that is called."""
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name):
                    yield called.id, node
                elif isinstance(called, ast.Attribute):
                    yield called.attr, node


def raised() -> Iterator[tuple[str, set[str]]]:
    """Return each exception's translation key and the placeholders it gets.

    A key that is put together ends in `*`.
    """
    for name, call in calls():
        if name in _RAISED:
            given = {word.arg for word in call.keywords if word.arg}
            yield _pattern(call.args[0]), given
        elif name.endswith(("Error", "NotReady", "AuthFailed")):
            words = {word.arg: word.value for word in call.keywords}
            key = words.get("translation_key")
            if isinstance(key, ast.Constant):
                placeholders = words.get("translation_placeholders")
                yield str(key.value), _keys(placeholders)


def refused_offers() -> set[str]:
    """Return the codes of reasons to make no order, but for the bay's status."""
    raised = {
        str(call.args[0].value)
        for name, call in calls()
        if name == "OfferRefusedError" and isinstance(call.args[0], ast.Constant)
    }
    returned = {
        *_returned("domain/rules.py", "refusal"),
        *_returned("offers.py", "_why_not"),
        *_returned("offers.py", "_too_much"),
        *_returned("walk_ins.py", "_over"),
    }
    return raised | (returned - set(AS_STATUS))


def refund_reasons() -> set[str]:
    """Return the codes of reasons that may stand on a refund."""
    found = {
        argument.value
        for name, call in calls()
        if name in _ENDS and not _completes(call)
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    found |= {
        str(word.value.value)
        for name, call in calls()
        for word in call.keywords
        if name == "_Terms"
        and word.arg == "refusal"
        and isinstance(word.value, ast.Constant)
    }
    for file in ("intake.py", "qr_sales.py"):
        found |= set(_returned(file, "_refusal"))
    found |= set(_returned("domain/rules.py", "refusal")) | BY_POLICY
    return found | NOT_SEEN | set(_reason_constants())


def _pattern(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    start = node.values[0]
    assert isinstance(start, ast.Constant)
    return str(start.value) + "*"


def _keys(node: ast.expr | None) -> set[str]:
    if not isinstance(node, ast.Dict):
        return set()
    return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}


def _completes(call: ast.Call) -> bool:
    return any(
        word.arg == "complete"
        and isinstance(word.value, ast.Constant)
        and word.value.value is True
        for word in call.keywords
    )


def _returned(file: str, function: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((FOLDER / file).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value:
                    yield from _texts(inner.value)


def _texts(node: ast.expr) -> Iterator[str]:
    """Return the texts a value may be: `"a"`, or those of `"a" if b else None`."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.Constant) and node.value:
        yield str(node.value)


def _reason_constants() -> Iterator[str]:
    tree = ast.parse((FOLDER / "orphans.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REASON":
            yield str(ast.literal_eval(node.value))
