"""Names of the loop language as identifiers of C."""

import re

__all__ = ["Names", "function_name", "identifier"]

_WORDS = """
auto break case char const continue default do double else enum extern float for goto
if inline int long register restrict return short signed sizeof static struct switch
typedef union unsigned void volatile while asm bool true false main lane
int8_t int32_t int64_t uint8_t uint32_t uint64_t size_t memcpy memset
fmaf sqrtf floorf math_errhandling
"""
_RESERVED = frozenset(_WORDS.split())


def identifier(name: str) -> str:
    """The name in letters, digits and underlines; two names may come out alike.

    >>> identifier("acc.conv1.0"), identifier("2nd"), identifier("float")
    ('acc_conv1_0', 'n2nd', 'float_')
    """
    plain = re.sub("_+", "_", re.sub("[^A-Za-z0-9_]", "_", name)).strip("_") or "n"
    if plain[0].isdigit():
        plain = f"n{plain}"
    # The standard's types end in _t, its macros are in capitals.
    kept = plain in _RESERVED or plain.endswith("_t")
    return f"{plain}_" if kept or (plain.isupper() and len(plain) > 1) else plain


def function_name(prefix: str, name: str) -> str:
    """The name of a function, which none of the standard's has.

    >>> function_name("lenet5", "conv1.forward"), function_name("exp", "#")
    ('lenet5_conv1_forward', 'exp_n')
    """
    return identifier(f"{identifier(prefix)}_{identifier(name)}")


class Names:
    """An identifier for every name of every space, no two alike.

    >>> names = Names()
    >>> names("buffer", "x.y"), names("register", "x_y"), names("buffer", "x.y")
    ('x_y', 'x_y_2', 'x_y')
    """

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = set(taken)
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, space: str, name: str) -> str:
        """The identifier of a name in its space."""
        found = self._known.get((space, name))
        return self._add(space, name) if found is None else found

    def fresh(self, name: str) -> str:
        """An identifier nothing else has."""
        return self._add("fresh", f"{name}.{len(self._known)}", identifier(name))

    def _add(self, space: str, name: str, wanted: str = "") -> str:
        plain = found = wanted or identifier(name)
        turn = 1
        while found in self._taken:
            turn += 1
            found = f"{plain}_{turn}"
        self._taken.add(found)
        self._known[space, name] = found
        return found
