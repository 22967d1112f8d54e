"""The fully connected layer for a whole batch: three products of matrices.

Weights lie as (input, output). Each kernel reads or writes them once: the images of
the batch are held in registers, a tile at a time, while a block of weights stays in
the second cache. A few images alone are another matter: there the weights are read as
long rows, at the speed of memory.

Images that are not there are computed too and never read; the gradients by weights and
bias leave them out.
"""

from collections.abc import Callable, Iterator

from mirada.compiler.expression import (
    add,
    equal,
    fma,
    index,
    load,
    maximum,
    minimum,
    mul,
    number,
    select,
    splat,
    sub,
)
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.lowering.dense_bias import bias_gradient
from mirada.compiler.lowering.dense_pack import turned
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.schedules.dense import divisors, shares, tiling
from mirada.compiler.target import Target

__all__ = [
    "linear_bias_gradient",
    "linear_forward",
    "linear_input_gradient",
    "linear_weight_gradient",
    "transpose",
]

_FEW = 4
"""Images up to which the weights are read as long rows."""
_DEEP = 512
"""Inputs of a block of weights."""
_ALIASED = 128
"""Rows of a multiple of so many numbers meet in few sets of the first cache."""
_APART = 16
"""Numbers by which copied rows are pushed apart."""
_LONG = 2048
"""Outputs of a block of the gradient by the input."""

Made = tuple[Stmt, ...]


def linear_forward(
    name: str,
    x: Image,
    weight: Buffer,
    bias: Buffer | None,
    relu: bool,
    to: Image,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """y[m, o] = b[o] + sum over i of x[m, i] * w[i, o], cut at 0 with `relu`.

    Arguments count and part; a part is a group of output columns. NaN stays NaN.
    """
    return _Forward(x, weight, bias, relu, to, target, wanted).kernel(name)


class _Forward:
    """The loops of a product, for many images or for few."""

    def __init__(
        self,
        x: Image,
        weight: Buffer,
        bias: Buffer | None,
        relu: bool,
        to: Image,
        target: Target,
        wanted: int,
    ) -> None:
        self.x, self.y, self.weight, self.bias = x, to, weight, bias
        self.relu, self.images = relu, x.images
        self.inputs, outputs = weight.shape
        self.lanes = target.vector(outputs)
        self.whole, self.active = divmod(outputs, self.lanes)
        self.few = self.images <= _FEW
        way = tiling(1, 1, self.images, False, max(self.whole, 1), target)
        self.tiles, self.panels = way.tiles, 1 if self.few else way.panels
        self.dealt = deal(outputs, self.panels * self.lanes, wanted)
        self.depth = min(self.inputs, _DEEP)
        copied = not self.few and self.inputs % _ALIASED == 0
        shape = (self.images, self.depth + _APART)
        self.near = Buffer("near", shape) if copied else None

    def kernel(self, name: str) -> Kernel:
        body = self.streamed() if self.few else self.blocked()
        given = (count_of(self.x), self.dealt.argument)
        bias = () if self.bias is None else (self.bias,)
        buffers = (self.x.buffer, self.weight, *bias, self.y.buffer)
        scratch = () if self.near is None else (self.near,)
        tables = tuple(self.dealt.tables)
        return Kernel(name, given, buffers, body, tables, scratch)

    def columns(self, mark: str, body: Callable[[Expr, int, int, str], Made]) -> Made:
        """The body for every group of columns of this part.

        It takes the first column, the vectors, the active lanes of the last and a mark.
        """

        def each(o: Expr, size: int, own: str) -> Made:
            return body(o, -(-size // self.lanes), size % self.lanes, own)

        return self.dealt.each(each, mark)

    def start(self, o: Expr, active: int) -> Expr:
        """What a sum begins with."""
        if self.bias is None:
            return number(0.0, self.lanes)
        return Load(self.bias, (o,), self.lanes, active)

    def cut(self) -> Made:
        """Negative results made 0."""
        if not self.relu:
            return ()
        y, lanes = self.y.vectors(), self.lanes

        def body(o: Expr, panels: int, active: int, mark: str) -> Made:
            stores = []
            for v in range(panels):
                place = (Var(f"m{mark}"), add(o, v * lanes))
                value = maximum(number(0.0, lanes), Load(y, place, lanes, active))
                stores.append(Store(y, place, value, active))
            return loops(tuple(stores), (f"m{mark}", self.images))

        return self.columns("r", body)

    def blocked(self) -> Made:
        """Blocks of inputs by groups of columns, visited by tiles of images."""
        blocks = -(-self.inputs // self.depth)

        def body(o: Expr, panels: int, active: int, mark: str) -> Made:
            made: list[Stmt] = []
            for size in sorted(set(self.tiles)):
                first = sum(self.tiles[: self.tiles.index(size)])
                m = add(mul(f"m{mark}{size}", size), first)
                tile = self.tile(m, size, o, panels, active, f"{mark}{size}")
                turns = self.tiles.count(size)
                made += loops(tuple(tile), (f"m{mark}{size}", turns))
            return tuple(made)

        inner = (*self.copied(), *self.columns("b", body))
        return (*loops(inner, ("k", blocks)), *self.cut())

    def copied(self) -> Made:
        """A block of the inputs copied to rows that do not meet in the cache."""
        if self.near is None:
            return ()
        lanes = min(self.lanes, _APART)
        first = add(mul("k", self.depth), mul("v", lanes))
        first = minimum(first, Const(self.inputs - lanes))
        value = Load(self.x.vectors(), (Var("n"), first), lanes)
        store = Store(self.near, (Var("n"), mul("v", lanes)), value)
        return loops((store,), ("n", self.images), ("v", self.depth // lanes))

    def tile(
        self,
        m: Expr,
        size: int,
        o: Expr,
        panels: int,
        active: int,
        mark: str,
    ) -> Iterator[Stmt]:
        """Some images by some vectors of columns, for a block of inputs."""
        y, lanes, depth = self.y.vectors(), self.lanes, self.depth
        row, i = Register(f"row{mark}", "i64"), Register(f"i{mark}", "i64")
        yield Let(row, m)
        fresh = splat(equal(index("k"), Const(0)), lanes)
        accs = {}
        for image in range(size):
            for v in range(panels):
                acc = Register(f"a{mark}.{image}.{v}", lanes=lanes)
                place = (add(Get(row), image), add(o, v * lanes))
                begin = self.start(place[1], active)
                yield Let(acc, select(fresh, begin, Load(y, place, lanes, active)))
                accs[image, v] = acc, place
        inside: list[Stmt] = []
        at = minimum(add(mul("k", depth), index(f"t{mark}")), Const(self.inputs - 1))
        inside.append(Let(i, at))
        vectors = []
        for v in range(panels):
            vector = Register(f"w{mark}.{v}", lanes=lanes)
            place = (Get(i), add(o, v * lanes))
            inside.append(Let(vector, Load(self.weight, place, lanes, active)))
            vectors.append(vector)
        for image in range(size):
            one = splat(self.input(add(Get(row), image), Get(i), f"t{mark}"), lanes)
            for v, vector in enumerate(vectors):
                acc = accs[image, v][0]
                inside.append(Set(acc, fma(one, Get(vector), Get(acc))))
        left = minimum(sub(self.inputs, mul("k", depth)), Const(depth))
        turns = depth if self.inputs % depth == 0 else left
        yield For(f"t{mark}", turns, tuple(inside))
        for acc, place in accs.values():
            yield Store(y, place, Get(acc), active)

    def input(self, m: Expr, i: Expr, t: str) -> Expr:
        """Input i of an image, which is number t of its block."""
        if self.near is None:
            return load(self.x.vectors(), m, i)
        return load(self.near, m, t)

    def streamed(self) -> Made:
        """A few rows of weights at a time, added to all columns of the part."""
        y = self.y.vectors()
        together = max(8 // self.images, 1)

        def begin(o: Expr, panels: int, active: int, mark: str) -> Made:
            place = (Var(f"m{mark}"), o)
            store = Store(y, place, self.start(o, active), active)
            return loops((store,), (f"m{mark}", self.images))

        body: list[Stmt] = list(self.columns("s", begin))
        blocks, rest = divmod(self.inputs, together)
        if blocks:
            first = mul("k", together)
            body += loops(tuple(self.rows(first, together, "f")), ("k", blocks))
        if rest:
            body += self.rows(Const(blocks * together), rest, "g")
        return (*body, *self.cut())

    def rows(self, first: Expr, together: int, mark: str) -> Iterator[Stmt]:
        """Some rows of weights times the images, in registers."""
        x, y, lanes = self.x.vectors(), self.y.vectors(), self.lanes
        ones = {}
        for image in range(self.images):
            for row in range(together):
                one = Register(f"x{mark}.{image}.{row}", lanes=lanes)
                value = load(x, image, add(first, row))
                yield Let(one, splat(value, lanes))
                ones[image, row] = one

        def body(o: Expr, panels: int, active: int, own: str) -> Made:
            made: list[Stmt] = []
            for row in range(together):
                vector = Register(f"w{own}.{row}", lanes=lanes)
                place = (add(first, row), o)
                made.append(Let(vector, Load(self.weight, place, lanes, active)))
            for image in range(self.images):
                there = (Const(image), o)
                value: Expr = Load(y, there, lanes, active)
                for row in range(together):
                    vector = Register(f"w{own}.{row}", lanes=lanes)
                    value = fma(Get(ones[image, row]), Get(vector), value)
                made.append(Store(y, there, value, active))
            return tuple(made)

        yield from self.columns(mark, body)


def linear_input_gradient(
    name: str,
    dy: Image,
    weight: Buffer,
    to: Image,
    add_up: bool,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """dx[m, i] = sum over o of dy[m, o] * w[i, o]; with `add_up`, added to dx.

    Arguments count and part; a part is a group of inputs. Vectors run along the
    outputs of a row, and their lanes are summed at the end.
    """
    inputs, outputs = weight.shape
    lanes = target.vector(outputs)
    images = shares(dy.images, -(-dy.images // 4))
    deep = min(target.accumulators // images[0][1], inputs, 8)
    length = min(outputs, _LONG // lanes * lanes)
    dealt = deal(inputs, deep, wanted)
    body: list[Stmt] = []
    for block in range(0, outputs, length):
        size = min(length, outputs - block)
        piece = _Dots(dy, weight, to, (block, size), lanes, add_up or block > 0)

        def tiles(i: Expr, deep: int, mark: str, piece: _Dots = piece) -> Made:
            return piece.tiles(i, deep, images, mark)

        body += dealt.each(tiles, f"{block}")
    given = (count_of(dy), dealt.argument)
    buffers = (dy.buffer, weight, to.buffer)
    return Kernel(name, given, buffers, tuple(body), tuple(dealt.tables))


class _Dots:
    """Products of rows of weights with rows of a gradient, over some outputs."""

    def __init__(
        self,
        dy: Image,
        weight: Buffer,
        to: Image,
        outputs: tuple[int, int],
        lanes: int,
        add_up: bool,
    ) -> None:
        self.dy, self.weight, self.to = dy.vectors(), weight, to.vectors()
        self.outputs, self.lanes, self.add_up = outputs, lanes, add_up

    def tiles(
        self, i: Expr, deep: int, images: tuple[tuple[int, int], ...], mark: str
    ) -> Made:
        """Some inputs, for tiles of images of one size after the other."""
        sizes = [size for _, size in images]
        made: list[Stmt] = []
        for size in sorted(set(sizes)):
            own = f"{mark}.{size}"
            m = add(mul(f"m{own}", size), images[sizes.index(size)][0])
            body = tuple(self.tile(i, deep, m, size, own))
            made += loops(body, (f"m{own}", sizes.count(size)))
        return tuple(made)

    def tile(self, i: Expr, deep: int, m: Expr, size: int, mark: str) -> Iterator[Stmt]:
        """Inputs by images: a vector of sums for each pair, then their lanes."""
        lanes, (block, length) = self.lanes, self.outputs
        pairs = [(row, image) for row in range(deep) for image in range(size)]
        accs = {
            pair: Register(f"a{mark}.{pair[0]}.{pair[1]}", lanes=lanes)
            for pair in pairs
        }
        image = Register(f"m{mark}", "i64")
        yield Let(image, m)
        for acc in accs.values():
            yield Let(acc, number(0.0, lanes))
        whole, rest = divmod(length, lanes)
        if whole:
            o = add(mul(f"t{mark}", lanes), block)
            step = self.step(i, Get(image), o, accs, 0, f"{mark}w")
            yield For(f"t{mark}", whole, tuple(step))
        if rest:
            last = Const(block + whole * lanes)
            yield from self.step(i, Get(image), last, accs, rest, f"{mark}e")
        for (row, turn), acc in accs.items():
            place = (add(Get(image), turn), add(i, row))
            value: Expr = Total(Get(acc))
            if self.add_up:
                value = add(Load(self.to, place), value)
            yield Store(self.to, place, value)

    def step(
        self,
        i: Expr,
        m: Expr,
        o: Expr,
        accs: dict[tuple[int, int], Register],
        active: int,
        mark: str,
    ) -> Iterator[Stmt]:
        """One vector of outputs of every row and image."""
        lanes, held = self.lanes, {}
        for image in sorted({turn for _, turn in accs}):
            held[image] = Register(f"g{mark}.{image}", lanes=lanes)
            value = Load(self.dy, (add(m, image), o), lanes, active)
            yield Let(held[image], value)
        for row in sorted({row for row, _ in accs}):
            w = Register(f"w{mark}.{row}", lanes=lanes)
            yield Let(w, Load(self.weight, (add(i, row), o), lanes, active))
            for image, g in held.items():
                acc = accs[row, image]
                yield Set(acc, fma(Get(g), Get(w), Get(acc)))


def linear_weight_gradient(
    name: str, x: Image, dy: Image, weight: Buffer, target: Target, wanted: int = 8
) -> Kernel:
    """dw[i, o] = sum over images of x[m, i] * dy[m, o].

    Arguments count and part; a part is a group of inputs, whose rows are written one
    behind the other.
    """
    inputs, outputs = weight.shape
    lanes = target.vector(outputs)
    vectors, active = divmod(outputs, lanes)
    wide = max(size for size in divisors(max(vectors, 1)) if size <= 4)
    deep = min(target.accumulators // wide, inputs)
    dealt = deal(inputs, deep, wanted)

    def rows(i: Expr, deep: int, mark: str) -> Made:
        body: list[Stmt] = []
        if vectors:
            o = mul(f"o{mark}", wide * lanes)
            tile = _outer(x, dy, weight, (i, deep), (o, wide, lanes, 0), f"{mark}w")
            body += loops(tile, (f"o{mark}", vectors // wide))
        if active:
            last = (Const(vectors * lanes), 1, lanes, active)
            body += _outer(x, dy, weight, (i, deep), last, f"{mark}e")
        return tuple(body)

    given = (count_of(dy), dealt.argument)
    buffers = (x.buffer, dy.buffer, weight)
    return Kernel(name, given, buffers, dealt.each(rows), tuple(dealt.tables))


def _outer(
    x: Image,
    dy: Image,
    weight: Buffer,
    inputs: tuple[Expr, int],
    columns: tuple[Expr, int, int, int],
    mark: str,
) -> Made:
    """Some inputs by some vectors of outputs, summed over the images."""
    (i, deep), (o, wide, lanes, active) = inputs, columns
    m = Var(f"m{mark}")
    accs = {
        (row, v): Register(f"a{mark}.{row}.{v}", lanes=lanes)
        for row in range(deep)
        for v in range(wide)
    }
    inside: list[Stmt] = []
    for v in range(wide):
        g = Register(f"g{mark}.{v}", lanes=lanes)
        value = Load(dy.vectors(), (m, add(o, v * lanes)), lanes, active)
        inside.append(Let(g, value))
    for (row, v), acc in accs.items():
        one = splat(load(x.vectors(), m, add(i, row)), lanes)
        g = Register(f"g{mark}.{v}", lanes=lanes)
        inside.append(Set(acc, fma(one, Get(g), Get(acc))))
    stores = tuple(
        Store(weight, (add(i, row), add(o, v * lanes)), Get(acc), active)
        for (row, v), acc in accs.items()
    )
    zeros = tuple(Let(acc, number(0.0, lanes)) for acc in accs.values())
    return (*zeros, For(m.name, Var("count"), tuple(inside)), *stores)


def linear_bias_gradient(
    name: str, dy: Image, bias: Buffer, target: Target, wanted: int = 1
) -> Kernel:
    """db[o] = sum over images of dy[m, o]. Arguments count and part."""
    return bias_gradient(name, dy, bias, target, wanted)


def transpose(
    name: str, weight: Buffer, across: Buffer, target: Target, wanted: int = 8
) -> Kernel:
    """w[i, o] into t[o, i], turned in registers block by block.

    Argument part: a group of blocks of rows.
    """
    inputs, outputs = weight.shape
    lanes = target.vector(min(inputs, outputs))
    dealt = deal(inputs, lanes, wanted)

    def block(i: Expr, o: Expr, rows: int, columns: int, mark: str) -> list[Stmt]:
        def row(lane: int) -> Load:
            return Load(weight, (add(i, lane), o), lanes, columns % lanes)

        def put(lane: int, value: Expr) -> Stmt:
            return Store(across, (add(o, lane), i), value, rows % lanes)

        return turned(row, put, lanes, rows, columns, mark)

    def strip(i: Expr, rows: int, mark: str) -> Made:
        high, cut = divmod(outputs, lanes)
        body: list[Stmt] = []
        if high:
            o = mul(f"o{mark}", lanes)
            inner = block(i, o, rows, lanes, f"{mark}w")
            body += loops(tuple(inner), (f"o{mark}", high))
        if cut:
            body += block(i, Const(high * lanes), rows, cut, f"{mark}e")
        return tuple(body)

    given, body = (dealt.argument,), dealt.each(strip)
    return Kernel(name, given, (weight, across), body, tuple(dealt.tables))
