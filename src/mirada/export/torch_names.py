"""What layers and networks are called in Python that PyTorch runs.

A layer's name may hold a dash, begin with a digit, or be a word that Python or
`torch.nn.Module` uses; its attribute then has a name beside it.
"""

from collections.abc import Iterable
from keyword import iskeyword, issoftkeyword

__all__ = ["TAKEN", "class_name", "identifiers"]

_TAKEN = (
    "T_destination add_module apply bfloat16 buffers call_super_init children compile "
    "cpu cuda double dump_patches eval extra_repr float forward get_buffer "
    "get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia "
    "named_buffers named_children named_modules named_parameters parameters "
    "register_backward_hook register_buffer register_forward_hook "
    "register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_module register_parameter "
    "register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ "
    "set_extra_state set_submodule share_memory state_dict to to_empty train training "
    "type xpu zero_grad "
    "x self torch nn functional counted"
)
TAKEN = frozenset(_TAKEN.split())
"""What `torch.nn.Module` has by itself, and what the source uses beside layers."""


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """A Python name for each layer's, no two alike; the same one wherever that can be.

    >>> identifiers(["conv1", "side-2", "train", "2nd", "side_2"])
    {'conv1': 'conv1', 'side_2': 'side_2', 'side-2': 'side_2_', 'train': 'train_', \
'2nd': 'layer_2nd'}
    """
    asked = list(names)
    fine = [name for name in asked if _usable(name)]
    found = {name: name for name in fine}
    for name in asked:
        if name not in found:
            found[name] = _free(name, set(found.values()))
    return found


def class_name(network: str) -> str:
    """A class's name for a network's.

    >>> class_name("lenet5"), class_name("vgg16_bn 2.0"), class_name("3")
    ('Lenet5', 'Vgg16Bn20', 'Network3')
    """
    words = network.replace("-", " ").replace("_", " ").replace(".", " ").split()
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not name[:1].isalpha():
        name = "Network" + name
    return name + "Network" if iskeyword(name) else name


def _usable(name: str) -> bool:
    return (
        name.isidentifier()
        and not name.startswith("_")  # Python changes or uses such names in classes
        and not iskeyword(name)
        and not issoftkeyword(name)
        and name not in TAKEN
    )


def _free(name: str, taken: set[str]) -> str:
    found = name.replace("-", "_")
    if not found[0].isalpha():
        found = f"layer_{found.lstrip('_')}"
    while not _usable(found) or found in taken:
        found += "_"
    return found
