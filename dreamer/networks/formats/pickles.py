"""A pickle is a program for a small stack machine; this machine knows only the words that make
data.

It imports nothing and calls nothing of a file's choosing: the names it admits stand for values of
our own (`claims.ADMITTED`), and any other name ends the reading. Nothing is allocated for tensors,
which come out as claims that nobody has looked at yet.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

from dreamer.errors import printable
from dreamer.networks.formats.claims import (
    ADMITTED,
    KINDS,
    LONGEST_NAME,
    Named,
    Storage,
    TensorClaim,
    is_count,
    put,
)
from dreamer.networks.formats.recognise import Unreadable

MOST_STEPS = 1_000_000  # a checkpoint of a large network with its optimiser takes some 100,000
MOST_ARGUMENTS = 16
MOST_COPIED = 1_000_000  # items of lists that calls copy, all together: one list can go to many
VALUES = (  # words that are a value already
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
FIXED: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,
}


def _global(name: str) -> Named:
    """What `name` ("module name") stands for.

    Raises:
        Unreadable: it is none that data need.
    """
    full = ".".join(name.split(" ", 1))
    if full not in ADMITTED:
        raise Unreadable(
            f"wants to run '{printable(full)[:80]}', which was not done; expected nothing but "
            "tensors by name (a state_dict)"
        )
    return ADMITTED[full]


def _stored(identity: Any) -> Storage:
    """The storage that a persistent id names."""
    if isinstance(identity, tuple) and identity[:1] == ("module",):
        raise Unreadable("holds a whole network as code; expected a state_dict")
    if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] != "storage":
        raise Unreadable("refers to something that is no storage of numbers")
    kind, key, count = identity[1], identity[2], identity[4]
    if not isinstance(kind, Named) or kind.name not in KINDS:
        raise Unreadable("has a storage of an unknown kind")
    if not is_count(count) or count < 0:
        raise Unreadable("has a storage of no size")
    if not is_count(key) and not (isinstance(key, str) and len(key) <= LONGEST_NAME):
        raise Unreadable("has a storage of no name")
    start, length = 0, count
    if len(identity) > 5 and identity[5] is not None:  # a part of another, as PyTorch 0.3 had them
        part = identity[5]
        if not isinstance(part, tuple) or len(part) != 3 or not all(map(is_count, part[1:])):
            raise Unreadable("has a storage of no size")
        start, length = part[1:]
    if min(start, length, count - start - length) < 0:
        raise Unreadable("has a storage that is longer than the one it is a part of")
    return Storage(kind.name, str(key), count, start, length)


class _Machine:
    """One pickle's run: a stack, marks in it, and what was put aside."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.aside: dict[int, Any] = {}
        self.storages: dict[str, Storage] = {}
        self.copied = 0

    def since_mark(self) -> list[Any]:
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def call(self, what: Any, arguments: Any) -> Any:
        if not isinstance(what, Named) or what.make is None or not isinstance(arguments, tuple):
            raise Unreadable("calls something that is no function of data")
        if len(arguments) > MOST_ARGUMENTS:
            raise Unreadable(f"gives '{what.name}' {len(arguments):,} things at once")
        self.copied += sum(len(a) for a in arguments if isinstance(a, (list, tuple, dict)))
        if self.copied > MOST_COPIED:
            raise Unreadable(f"copies more than {MOST_COPIED:,} items of its lists")
        try:
            return what.make(*arguments)
        except TypeError as error:
            raise Unreadable(f"gives '{what.name}' what it does not take") from error

    def step(self, word: str, value: Any) -> None:
        stack = self.stack
        if word in VALUES:
            stack.append(value)
        elif word in FIXED:
            stack.append(FIXED[word]())
        elif word == "MARK":
            self.marks.append(len(stack))
        elif word in ("TUPLE", "LIST", "FROZENSET"):
            items = self.since_mark()
            stack.append(tuple(items) if word == "TUPLE" else items)
        elif word in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(word[-1])
            if len(stack) < count:
                raise IndexError
            stack[-count:] = [tuple(stack[-count:])]
        elif word == "DICT":
            self.fill({}, self.since_mark(), new=True)
        elif word == "SETITEM":
            items = [stack.pop(-2), stack.pop()]
            self.fill(stack[-1], items)
        elif word == "SETITEMS":
            items = self.since_mark()
            self.fill(stack[-1], items)
        elif word in ("APPEND", "APPENDS", "ADDITEMS"):
            items = [stack.pop()] if word == "APPEND" else self.since_mark()
            if type(stack[-1]) is not list:
                raise Unreadable("adds to something that is no list")
            stack[-1].extend(items)
        elif word in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.aside[value] = stack[-1]
        elif word == "MEMOIZE":
            self.aside[len(self.aside)] = stack[-1]
        elif word in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self.aside[value])
        elif word == "DUP":
            stack.append(stack[-1])
        elif word == "POP":
            stack.pop()
        elif word == "POP_MARK":
            self.since_mark()
        elif word == "GLOBAL":
            stack.append(_global(value))
        elif word == "STACK_GLOBAL":
            name, module = stack.pop(), stack.pop()
            stack.append(_global(f"{module} {name}" if type(module) is type(name) is str else "?"))
        elif word in ("REDUCE", "NEWOBJ"):
            arguments, what = stack.pop(), stack.pop()
            stack.append(self.call(what, arguments))
        elif word == "BUILD":
            stack.pop()  # attributes beside the data, such as a state_dict's `_metadata`
            if not isinstance(stack[-1], (dict, TensorClaim)):
                raise Unreadable("gives attributes to something that has none")
        elif word == "BINPERSID":
            storage = _stored(stack.pop())
            first = self.storages.setdefault(storage.key, storage)
            if (first.kind, first.count) != (storage.kind, storage.count):
                raise Unreadable("says two things of one storage")
            stack.append(storage)
        elif word not in ("PROTO", "FRAME", "STOP"):
            if word == "INST":
                _global(value)
            raise Unreadable(f"uses the pickle word {word}, which data do not need")

    def fill(self, mapping: Any, items: list[Any], new: bool = False) -> None:
        if len(items) % 2:
            raise Unreadable("has a name without a value")
        for k in range(0, len(items), 2):
            put(mapping, items[k], items[k + 1])
        if new:
            self.stack.append(mapping)


def unpickled(stream: BytesIO) -> tuple[Any, dict[str, Storage]]:
    """The next pickle of `stream`, as dicts, lists, numbers, texts and `TensorClaim`s, and the
    storages it speaks of; the stream stands behind it afterwards.

    Texts of Python 2, whose encoding no pickle says, are read as Latin-1.

    Raises:
        Unreadable: it wants to run something, or is damaged.
    """
    machine = _Machine()
    steps = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of unknown escapes in damaged texts
            for word, value, _ in pickletools.genops(stream):
                steps += 1
                if steps > MOST_STEPS:
                    raise Unreadable(f"takes more than {MOST_STEPS} steps to read")
                machine.step(word.name, value)
        if len(machine.stack) != 1 or machine.marks:
            raise Unreadable("is a damaged pickle: it leaves more or less than one value")
    except (ValueError, IndexError, KeyError, OverflowError, MemoryError) as error:
        said = printable(str(error).splitlines()[0][:120]) if str(error) else "a value is missing"
        raise Unreadable(f"is a damaged pickle: {said}") from error
    return machine.stack[0], machine.storages
