"""Learning rates of their own for parameters that are named; a rate of 0 freezes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mirada.errors import ConfigurationError, FieldError, TextError
from mirada.near_names import did_you_mean
from mirada.network.field import Limit, Real, shown

if TYPE_CHECKING:
    from mirada.network.graph import Network

__all__ = ["Pattern", "Rate", "Rates", "frozen_layers", "learned_names", "rate_factors"]

_LONGEST, _MOST = 200, 1000


class Pattern(Limit[str]):
    """A name in which `*`, `?` and `[...]` stand for others, as in a shell."""

    def check(self, value: Any) -> str:
        good = isinstance(value, str) and 0 < len(value) <= _LONGEST
        if not good or value.split() != [value] or not value.isprintable():
            raise FieldError(
                "field-pattern",
                "{field} must be one word of 1 to {most} characters, such as "
                "'conv*' or '*.bias'; got {value}.",
                field=self.field,
                most=_LONGEST,
                value=shown(value),
            )
        return str(value)

    def read(self, text: str) -> str:
        return self.check(text)

    def control(self) -> dict[str, Any]:
        return {"type": "text", "most": _LONGEST}


@dataclass(frozen=True)
class Rate:
    """What the learning rate of the parameters of a pattern is multiplied by.

    `pattern` is compared with the full name of a parameter ("conv1.weight") and with
    its layer's ("conv1"). At `factor` 0 they are frozen: they get no update and no
    weight decay, and the optimizer remembers nothing of them.

    >>> Rate("conv*", 0.1).text(), Rate.read("*.bias 2")
    ('conv* 0.1', Rate(pattern='*.bias', factor=2.0))
    """

    pattern: Pattern = Pattern()
    factor: Real = Real(0.0, 1000.0)

    def text(self) -> str:
        """Both as words."""
        return f"{self.pattern} {self.factor!r}"

    @classmethod
    def read(cls, text: str) -> "Rate":
        """The rate that two words say, or `TextError`."""
        words = text.split()
        if len(words) != 2:
            raise TextError(
                "rate-text",
                "A rate is a pattern and a factor, such as 'conv* 0.1'; got {value}.",
                value=shown(text),
            )
        return cls(words[0], cls.__dict__["factor"].read(words[1]))

    def matches(self, parameter: str) -> bool:
        """Whether it speaks of the parameter with this full name."""
        layer = parameter.rpartition(".")[0]
        return any(fnmatchcase(name, self.pattern) for name in (parameter, layer))


class Rates(Limit[tuple[Rate, ...]]):
    """Rates in order, each as a `Rate` or as its text, possibly none."""

    def __init__(self) -> None:
        super().__init__(())

    def __set__(self, instance: object, value: Sequence[Rate | str]) -> None:
        super().__set__(instance, value)

    def check(self, value: Any) -> tuple[Rate, ...]:
        if not isinstance(value, list | tuple) or len(value) > _MOST:
            raise FieldError(
                "field-rates",
                "{field} must be a list of at most {most} rates, such as "
                "['conv* 0.1']; got {value}.",
                field=self.field,
                most=_MOST,
                value=shown(value),
            )
        return tuple(self._rate(item) for item in value)

    def _rate(self, item: object) -> Rate:
        return item if isinstance(item, Rate) else Rate.read(str(item))

    def read(self, text: str) -> tuple[Rate, ...]:
        return self.check([part for part in text.split(",") if part.strip()])

    def write(self, value: tuple[Rate, ...]) -> str:
        return ", ".join(rate.text() for rate in value)

    def plain(self, value: tuple[Rate, ...]) -> Any:
        return [rate.text() for rate in value]

    def control(self) -> dict[str, Any]:
        return {"type": "text", "most": _MOST * _LONGEST}


def rate_factors(network: "Network", rates: Sequence[Rate]) -> dict[str, float]:
    """The factor of every parameter that is no statistic, 1 where no rate names it.

    Of several rates that name one, the last holds. Raises ConfigurationError:
    `rate-pattern` for a rate that names none, `nothing-learned` where all are 0.

    >>> from mirada.network import Linear, Network
    >>> network = Network("n", (3,), (Linear(2), Linear(2)))
    >>> rate_factors(network, [Rate("*", 0.1), Rate("linear2.bias", 0)])
    {'linear1.weight': 0.1, 'linear1.bias': 0.1, 'linear2.weight': 0.1, \
'linear2.bias': 0.0}
    """
    own = [n for n, p in network.parameters.items() if p.role != "statistic"]
    factors = dict.fromkeys(own, 1.0)
    for rate in rates:
        named = [name for name in own if rate.matches(name)]
        if own and not named:
            raise _matches_nothing(network, rate, own)
        factors |= dict.fromkeys(named, rate.factor)
    if own and not any(factors.values()):
        raise ConfigurationError(
            "nothing-learned",
            "Every parameter of network {network!r} is frozen ({rates}), so nothing "
            "would be learned. Leave one layer free at least.",
            network=network.name,
            rates=", ".join(rate.text() for rate in rates)[:200],
        )
    return factors


def learned_names(network: "Network", rates: Sequence[Rate]) -> frozenset[str]:
    """The parameters that training moves, by full name: no statistics, none frozen."""
    factors = rate_factors(network, rates)
    return frozenset(name for name, factor in factors.items() if factor)


def frozen_layers(network: "Network", rates: Sequence[Rate]) -> frozenset[str]:
    """The layers that have parameters and all of them frozen.

    Such a batch normalization is computed in inference form while training: its
    statistics stay as they are, as those of the weights around it do.
    """
    factors = rate_factors(network, rates) if rates else {}
    return frozenset(_layers(n for n, f in factors.items() if not f)) - frozenset(
        _layers(n for n, f in factors.items() if f)
    )


def _layers(parameters: Iterator[str]) -> Iterator[str]:
    return (name.rpartition(".")[0] for name in parameters)


def _matches_nothing(
    network: "Network", rate: Rate, own: list[str]
) -> ConfigurationError:
    layers = list(dict.fromkeys(_layers(iter(own))))
    return ConfigurationError(
        "rate-pattern",
        "No parameter of network {network!r} has a name like {pattern!r}. Layers "
        "that have some: {layers}. {near}",
        network=network.name,
        pattern=rate.pattern,
        near=did_you_mean(rate.pattern.strip("*"), [*layers, *own]),
        layers=", ".join(layers)[:200] or "-",
    )
