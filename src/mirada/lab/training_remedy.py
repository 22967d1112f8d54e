"""What one click would mend of an order that was refused."""

from typing import Any

from mirada.errors import DescriptionError, MiradaError, Phrase
from mirada.lab.architect_draft import read_draft
from mirada.lab.architect_edits import edited
from mirada.lab.asked import Asked
from mirada.lab.training_tell import in_languages
from mirada.network import Conv2d, Linear
from mirada.training.scores import class_count

__all__ = ["remedy_of"]

_WIDTHS = {Linear: "out_features", Conv2d: "out_channels"}
"""The layers that say how many outputs there are, and the field that says it."""


def remedy_of(error: BaseException, text: str) -> dict[str, Any] | None:
    """The description that would not be refused, and the change in words.

    None where no single change of the last layer with weights mends it.
    """
    if not isinstance(error, MiradaError) or error.code != "network-classes":
        return None
    count = error.values["count"]
    network = _answering(text, count) if isinstance(count, int) and count > 1 else None
    if network is None:
        return None
    words = in_languages(Phrase("Give it {count} outputs", count=count))
    return {"message": words, "network": network}


def _answering(text: str, count: int) -> str | None:
    """The description with so many outputs, the rest of the text as it was."""
    draft = read_draft(text)
    wide = [
        (place, _WIDTHS[type(node.layer)])
        for place, node in enumerate(draft.nodes)
        if node is not None and type(node.layer) in _WIDTHS
    ]
    if not wide:
        return None
    place, field = wide[-1]
    edit = {"do": "set", "at": place, "field": field, "value": count}
    try:
        changed = edited(draft, Asked(value=edit))
    except DescriptionError:
        return None
    network = read_draft(changed).network
    return changed if network and class_count(network) == count else None
