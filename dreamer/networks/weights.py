"""Weights from files, read without running anything in them and hashed before every use."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakValueDictionary

from torch import Tensor, nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.cards import Card
from dreamer.networks.formats.identify import identify
from dreamer.networks.formats.read import Contents, read_weights
from dreamer.networks.locate import missing, weights_path
from dreamer.networks.unfilled import Unfilled

# Files that somebody holds already: who builds a dream needs the weights and the deviations in one.
_held: WeakValueDictionary[tuple[object, ...], Contents] = WeakValueDictionary()


def contents_of(card: Card) -> Contents | None:
    """The file of `card`, checked against its hash; None where weights come from no file.

    Raises:
        NetworkError: a file that is missing, of another hash, or something else, with what it is.
    """
    path = weights_path(card)
    if path is None:
        return None
    if why := missing(card):
        raise NetworkError(f"{card.name}: {why}")
    stamp = path.stat()
    key = (path, stamp.st_mtime_ns, stamp.st_size, card.weights.sha256, card.weights.sha1)
    found = _held.get(key)
    if found is None:
        found = read_weights(path, card.weights.sha256, card.weights.sha1)
        _held[key] = found
    return found


def tensors_of(card: Card) -> Mapping[str, Tensor]:
    """All tensors of the file of `card`, by canonical name; none where there is no file.

    Raises:
        NetworkError: as `contents_of`.
    """
    contents = contents_of(card)
    return {} if contents is None else contents.tensors


def load_module(card: Card) -> nn.Module:
    """The network of `card` with its weights, in fp32 and eval mode, on the CPU.

    A card without classes is that of a file without a class head: the module's then puts out
    nothing but zeros.

    Raises:
        NetworkError: weights that are missing, of another hash, or of another network.
    """
    row = ARCHITECTURES[card.architecture]
    with Unfilled():
        module = row.build(max(1, len(card.classes)))
    if card.weights.kind == "random":
        row.initialise(module, card.weights.seed)
        return module.eval()
    contents = contents_of(card)
    if contents is None:
        raise NetworkError(f"{card.name} has no weights")
    state = dict(_state(row, contents.tensors))
    wanted = module.state_dict()
    if not card.classes:
        head = {k for k in wanted if k.startswith(f"{row.head}.")}
        state |= {k: wanted[k].new_zeros(wanted[k].shape) for k in head}
    if wrong := _unfitting(wanted, state):
        raise NetworkError(
            f"{weights_path(card)} does not fit {card.architecture} with {len(card.classes)} "
            f"classes: {wrong}; {_what(contents)}"
        )
    found = {k: v.float() for k, v in state.items() if k in wanted}
    module.load_state_dict(found, strict=False, assign=True)  # large ones are not held twice
    return module.eval()


def _state(row: Architecture, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    return tensors if row.from_caffe_names is None else row.from_caffe_names(tensors)


def _unfitting(wanted: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> str:
    """The first thing wrong with `state` for a module that wants `wanted`, or nothing."""
    missing = sorted(k for k in wanted if k not in state and "num_batches_tracked" not in k)
    if missing:
        return f"'{missing[0]}' is missing ({len(missing)} in all)"
    for name in sorted(wanted.keys() & state.keys()):
        found, right = tuple(state[name].shape), tuple(wanted[name].shape)
        if found != right:
            return f"'{name}' is {found}, not {right}"
    return ""


def _what(contents: Contents) -> str:
    """What a file that does not fit is instead."""
    try:
        layers = contents.metadata.get("layers", ())
        found = identify(contents.tensors, layers, "the file", contents.convention)
    except NetworkError as error:
        return str(error)
    return f"it is {found.architecture} with {found.classes or 'no'} classes"
