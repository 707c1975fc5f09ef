"""Expressions: a small whitelisted language of numbers, parsed by Python and evaluated by us.

No attributes, subscripts, keyword arguments, comprehensions or calls of anything but the functions
listed here. All constants are floats, so that towers of powers overflow at once instead of growing;
length, depth and size are capped.
"""

from __future__ import annotations

import ast
import hashlib
import math
import re
import struct
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from dreamer.errors import did_you_mean

MOST_CHARACTERS = 500
MOST_NODES = 200
MOST_DEPTH = 24

Evaluate = Callable[[Mapping[str, float]], float]

CONSTANTS = {"tau": math.tau, "pi": math.pi, "e": math.e}
NAMES = {
    "t": "seconds since the first frame",
    "n": "the frame's number, from 0",
    "u": "how far the film has come, 0 to 1",
    "fps": "frames a second",
    "length": "seconds the film takes",
    "tau": "6.283…",
    "pi": "3.141…",
    "e": "2.718…",
}

SIGNALS = {  # further names, of a film with a sound
    "audio": "how loud the sound is, 0 to 1",
    "audio_low": "how loud it is from 20 to 200 Hz: kick and bass",
    "audio_mid": "how loud it is from 200 to 2000 Hz: voices, chords, snares",
    "audio_high": "how loud it is from 2 to 10 kHz: hats, cymbals, breath",
    "audio_onset": "how much begins just now",
    "beat": "a pulse: 1 on each beat of the sound, 0 just before the next",
    "beats": "how many beats have gone by, with fractions",
}


def follows(text: str) -> bool:
    """Whether an expression names a signal, or seems to: it need not be right."""
    return any(name in SIGNALS for name in re.findall(r"[A-Za-z_]\w*", text))


def any_follows(value: Any) -> bool:
    """Whether any expression in a recipe's plain `value` names a signal."""
    if isinstance(value, dict):
        expression = value.get("expr")
        if isinstance(expression, str) and follows(expression):
            return True
        return any(map(any_follows, value.values()))
    return isinstance(value, list) and any(map(any_follows, value))


def _hash(*numbers: float) -> float:
    """A number in [0, 1) decided by `numbers`, the same everywhere."""
    digest = hashlib.blake2b(struct.pack(f"<{len(numbers)}d", *numbers), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def smooth_noise(x: float, seed: float = 0.0) -> float:
    """Smooth noise in [-1, 1] with about one bump a unit of `x`: values at whole numbers, joined
    by a quintic.
    """
    cell = math.floor(x)
    part = x - cell
    blend = part**3 * (part * (part * 6 - 15) + 10)
    low, high = _hash(float(cell), seed), _hash(float(cell + 1), seed)
    return 2 * (low + (high - low) * blend) - 1


def _smoothstep(low: float, high: float, x: float) -> float:
    part = min(max((x - low) / (high - low), 0.0), 1.0)
    return part * part * (3 - 2 * part)


def _sign(x: float) -> float:
    return math.copysign(1.0, x) if x else 0.0


FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "sin": (math.sin, 1, 1),
    "cos": (math.cos, 1, 1),
    "tan": (math.tan, 1, 1),
    "asin": (math.asin, 1, 1),
    "acos": (math.acos, 1, 1),
    "atan": (math.atan, 1, 1),
    "atan2": (math.atan2, 2, 2),
    "sqrt": (math.sqrt, 1, 1),
    "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 2),
    "abs": (abs, 1, 1),
    "sign": (_sign, 1, 1),
    "floor": (lambda x: float(math.floor(x)), 1, 1),
    "ceil": (lambda x: float(math.ceil(x)), 1, 1),
    "round": (lambda x: float(round(x)), 1, 1),
    "fract": (lambda x: x - math.floor(x), 1, 1),
    "min": (min, 2, 8),
    "max": (max, 2, 8),
    "clamp": (lambda x, low, high: min(max(x, low), high), 3, 3),
    "lerp": (lambda a, b, x: a + (b - a) * x, 3, 3),
    "step": (lambda edge, x: 1.0 if x >= edge else 0.0, 2, 2),
    "smoothstep": (_smoothstep, 3, 3),
    "noise": (smooth_noise, 1, 2),
    "random": (lambda seed: _hash(seed), 1, 1),
}

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: math.pow(a, b),
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}


def compile_expression(text: str, names: Mapping[str, object]) -> Evaluate:
    """A function from values of `names` to the value of the expression `text`.

    The function itself raises ArithmeticError or ValueError where the arithmetic has no real,
    finite answer.

    Raises:
        ValueError: what is not allowed or not known in `text`.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"longer than {MOST_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, MemoryError, RecursionError, ValueError) as error:
        words = error.msg if isinstance(error, SyntaxError) else "nested too deep"
        raise ValueError(f"not an expression: {words}") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} parts")
    evaluate = _compiled(tree.body, names, 0)

    def checked(values: Mapping[str, float]) -> float:
        value = float(evaluate(values))
        if not math.isfinite(value):
            raise ArithmeticError(f"is {value}")
        return value

    return checked


def _compiled(node: ast.expr, names: Mapping[str, object], depth: int) -> Evaluate:
    if depth > MOST_DEPTH:
        raise ValueError(f"nested more than {MOST_DEPTH} deep")

    def inner(part: ast.expr) -> Evaluate:
        return _compiled(part, names, depth + 1)

    if isinstance(node, ast.Constant):
        return _constant(node)
    if isinstance(node, ast.Name):
        return _name(node.id, names)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        operate, left, right = _BINARY[type(node.op)], inner(node.left), inner(node.right)
        return lambda v: operate(left(v), right(v))
    if isinstance(node, ast.UnaryOp):
        operand = inner(node.operand)
        if isinstance(node.op, ast.USub):
            return lambda v: -operand(v)
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.Not):
            return lambda v: float(not operand(v))
    if isinstance(node, ast.BoolOp):
        parts = [inner(p) for p in node.values]
        if isinstance(node.op, ast.And):
            return lambda v: float(all(p(v) for p in parts))
        return lambda v: float(any(p(v) for p in parts))
    if isinstance(node, ast.IfExp):
        test, yes, no = inner(node.test), inner(node.body), inner(node.orelse)
        return lambda v: yes(v) if test(v) else no(v)
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        sides = [inner(node.left), *map(inner, node.comparators)]
        tests = [_COMPARE[type(op)] for op in node.ops]

        def compared(v: Mapping[str, float]) -> float:
            values = [side(v) for side in sides]
            pairs = zip(tests, values, values[1:], strict=False)
            return float(all(test(a, b) for test, a, b in pairs))

        return compared
    if isinstance(node, ast.Call):
        return _call(node, inner)
    raise ValueError(f"{ast.unparse(node)[:40]!r} is not allowed in an expression")


def _constant(node: ast.Constant) -> Evaluate:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise ValueError(f"{node.value!r} is not a number")
    try:
        value = float(node.value)
    except OverflowError:
        value = math.inf
    if math.isinf(value):
        raise ValueError("holds a number too large")
    return lambda v: value


def _name(name: str, names: Mapping[str, object]) -> Evaluate:
    if name in CONSTANTS:
        constant = CONSTANTS[name]
        return lambda v: constant
    if name not in names and name in SIGNALS:
        raise ValueError(f"{name} needs a sound to follow; say sound: FILE")
    if name not in names:
        known = [*names, *CONSTANTS, *FUNCTIONS]
        raise ValueError(f"unknown name '{name}'{did_you_mean(name, known)}")
    return lambda v: v[name]


def _call(node: ast.Call, inner: Callable[[ast.expr], Evaluate]) -> Evaluate:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise ValueError(f"{ast.unparse(node)[:40]!r} is not allowed in an expression")
    name = node.func.id
    if name not in FUNCTIONS:
        raise ValueError(f"unknown function '{name}'{did_you_mean(name, FUNCTIONS)}")
    function, least, most = FUNCTIONS[name]
    if not least <= len(node.args) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ValueError(f"{name} takes {wanted} values, not {len(node.args)}")
    arguments = [inner(a) for a in node.args]
    return lambda v: function(*(a(v) for a in arguments))
