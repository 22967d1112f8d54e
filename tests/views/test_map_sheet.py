"""What the views of Look compute in JavaScript: colours, places, terms; as Python."""

from typing import Any

import numpy as np
import pytest

from mirada.inspection import arithmetic, layers_needed
from mirada.inspection.arithmetic import Arithmetic
from mirada.views.shades import overlaid, signed
from tests.inspection.looked_at import NETWORKS, engine_of, image_of
from tests.node import run_module

RANDOM = np.random.default_rng(17)
SHAPES = [[3, 8, 8], [5, 4, 7], [6, 28, 28], [2, 1, 1], [40], [7, 90, 60]]

SHEET = """
return given.map((data) => {
  const sheet = it.sheetOf(data, data.room);
  const pixels = it.painted(data, sheet);
  const colourAt = (x, y) => {
    const at = 4 * (y * sheet.width + x);
    return [...pixels.subarray(at, at + 4)];
  };
  const { rows, across, width } = sheet;
  const last = sheet.scale - 1;
  const found = [];
  for (let map = 0; map < data.count; map++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < across; column++) {
        const [x, y] = it.corner(sheet, map, row, column);
        found.push([
          it.placeAt(data, sheet, x + 0.1, y + 0.1),
          it.placeAt(data, sheet, x + last + 0.9, y + last + 0.9),
          colourAt(x, y),
          colourAt(x + last, y + last),
        ]);
      }
  const far = [[-1, 0], [0, -1], [1e6, 9], [9, 1e6]];
  return { found, width, outside: far.map(([x, y]) => it.placeAt(data, sheet, x, y)) };
});
"""
OVERLAY = """
return given.map(({ pixels, values, most }) =>
  values.map((_, at) => it.overlaid(pixels, values, most, at)));
"""
TERMS = "return given.map((data) => it.terms(data));"
MOVED = "return given.map(([data, picked, by]) => it.moved(data, picked, by));"


def drawn(shape: list[int]) -> dict[str, Any]:
    """The maps of a layer of that shape, some room for them on a page."""
    values = RANDOM.normal(size=shape).astype(np.float32)
    room = int(RANDOM.integers(40, 700))
    return {
        "layer": "conv1",
        "shape": shape,
        "count": shape[0],
        "values": values.ravel().tolist(),
        "room": room,
    }


def test_every_number_has_its_colour_and_is_found_where_it_stands() -> None:
    cases = [drawn(shape) for shape in SHAPES for _ in range(3)]
    answers = run_module("views/map_sheet.js", SHEET, cases)
    for case, told in zip(cases, answers, strict=True):
        values = np.array(case["values"])
        colours = signed(values[None])[0]
        assert told["outside"] == [None] * 4
        assert told["width"] <= max(case["room"], 100)
        places = np.ndindex(*case["shape"])
        for place, colour, found in zip(places, colours, told["found"], strict=True):
            assert found[0] == found[1] == list(place)
            assert found[2] == found[3]
            assert np.abs(np.array(found[2][:3]) - colour).max() <= 1
            assert found[2][3] == 255


def test_a_map_over_an_image_is_that_of_python() -> None:
    cases, wanted = [], []
    for channels in (1, 3):
        for values in (RANDOM.normal(size=(5, 6)), np.zeros((5, 6))):
            image = RANDOM.integers(0, 256, (5, 6, channels)).astype(np.uint8)
            rgb = np.broadcast_to(image, (5, 6, 3))
            pixels = np.dstack([rgb, np.full((5, 6), 255)])
            most = float(np.abs(values).max())
            flat = values.ravel().tolist()
            cases.append(
                {"pixels": pixels.ravel().tolist(), "values": flat, "most": most}
            )
            wanted.append(overlaid(image, values, 0.75).reshape(-1, 3))
    for found, colours in zip(
        run_module("views/overlay.js", OVERLAY, cases), wanted, strict=True
    ):
        assert np.abs(np.array(found) - colours).max() <= 1


def every_arithmetic(name: str) -> list[Arithmetic]:
    """The arithmetic of a drawn number of each layer of a network."""
    engine = engine_of(NETWORKS[name])
    network, image = engine.network, image_of(NETWORKS[name])
    found = []
    for layer, shape in network.shapes.items():
        place = tuple(int(RANDOM.integers(0, side)) for side in shape)
        seen = engine.activations(image, layers_needed(network, layer))
        found.append(arithmetic(network, engine.parameters(), seen, layer, place))
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_every_term_leads_to_where_it_was_read(name: str) -> None:
    each = every_arithmetic(name)
    given = [{**one.to_dict(), "reads": one.terms.source} for one in each]
    answers = run_module("views/term_list.js", TERMS, given)
    for one, terms in zip(each, answers, strict=True):
        assert len(terms) == one.terms.window.size
        products, winners = one.terms.products, set(one.terms.winners)
        for index, term in zip(np.ndindex(one.terms.window.shape), terms, strict=True):
            assert tuple(term["index"]) == index
            assert (term["layer"], tuple(term["place"])) == one.origin(index)
            assert term["value"] == one.terms.window[index]
            assert term["inside"] == one.terms.inside[index]
            assert term["isWinner"] == (index in winners)
            if products is not None:
                assert term["product"] == products[index]


def test_arrow_keys_stay_inside() -> None:
    data = {"shape": [4, 5, 6], "count": 3}
    vector = {"shape": [30], "count": 30}
    cases = [
        ([data, None, [0, 0, 1]], [0, 2, 3]),
        ([data, [0, 0, 0], [0, -1, 0]], [0, 0, 0]),
        ([data, [2, 4, 5], [1, 0, 0]], [2, 4, 5]),
        ([data, [1, 2, 3], [0, 0, -1]], [1, 2, 2]),
        ([vector, [3], [0, 0, -1]], [2]),
        ([vector, [29], [0, 0, 1]], [29]),
    ]
    found = run_module("views/map_sheet.js", MOVED, [case for case, _ in cases])
    assert found == [wanted for _, wanted in cases]
