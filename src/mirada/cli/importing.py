"""`mirada import`: a network that was made elsewhere, to use as one of mirada's own."""

from pathlib import Path

from mirada.analysis import summarize
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import InputShape, NumberList
from mirada.cli.output import bytes_text, count_text, say, show, show_json
from mirada.cli.output_folder import make_folder
from mirada.data.gate import read_plain
from mirada.data.naming import shown_path
from mirada.errors import Phrase, UsageError
from mirada.importing import Imported, Normalization, imported_weights, read_onnx
from mirada.language import translate
from mirada.network import Shape
from mirada.network.layer import shape_text
from mirada.training import save_model

__all__ = ["command"]

SCHEMA = 1
_SUFFIX = ".safetensors"
_WEIGHTS = (_SUFFIX, ".pth", ".pt", ".bin", ".ckpt")
_MOST_BYTES = 1 << 20


@as_command(
    "import",
    details=Phrase(
        "The file that is written is used wherever a RUN is: summary, explain, "
        "predict, evaluate, look, export and the lab. A file that mirada exported "
        "gives back the network it was made of. Of any other the graph is read, node "
        "by node; a node that no layer stands for is named. Nothing in the file is "
        "executed, and no path in it is followed."
    ),
    examples=(
        "mirada import model.onnx",
        "mirada import model.onnx --out digits.safetensors --json",
        "mirada import other.onnx --classes cat,dog --mean 0.485,0.456,0.406 "
        "--std 0.229,0.224,0.225",
        "mirada import weights.safetensors --network mobilenet_v3_small "
        "--out small.safetensors",
        "mirada summary other.safetensors",
    ),
)
@argument(
    "model",
    Phrase("An ONNX file; with --network, a safetensors file of weights."),
    metavar="MODEL",
)
@option(
    "--network",
    metavar="NAME",
    about=Phrase("The known network whose weights the file has, as torchvision's."),
)
@option(
    "--out",
    metavar="FILE",
    about=Phrase("The file to write; MODEL.safetensors unless given."),
)
@option(
    "--classes",
    metavar="A,B|FILE",
    about=Phrase("The names of the classes, or a text file with one on each line."),
)
@option(
    "--mean",
    type=NumberList("--mean", 3, 0.0, 1.0),
    metavar="M,M,M",
    about=Phrase("What is taken from pixels of 0 to 1, if the file does not say."),
)
@option(
    "--std",
    type=NumberList("--std", 3, 0.001, 1000.0),
    metavar="S,S,S",
    about=Phrase("What they are then divided by."),
)
@option(
    "--input",
    "input_shape",
    type=InputShape(),
    metavar="CxHxW",
    about=Phrase("The size of images, where the file leaves it open."),
)
@json_option()
def command(
    model: str,
    network: str | None,
    out: str | None,
    classes: str | None,
    mean: tuple[float, ...] | None,
    std: tuple[float, ...] | None,
    input_shape: Shape | None,
    as_json: bool,
) -> None:
    """Reads the model and writes the file."""
    path = Path(f"{Path(model).stem}{_SUFFIX}" if out is None else out)
    if path.suffix != _SUFFIX:
        raise UsageError(
            "import-out",
            "--out must name a file that ends in {suffix}, as in digits{suffix}; got "
            "'{file}'.",
            suffix=_SUFFIX,
            file=shown_path(path),
        )
    names = None if classes is None else _names(classes)
    given = names, _normalization(mean, std), input_shape
    found = _read(model, network, *given)
    if path.exists() and path.samefile(model):
        raise UsageError(
            "import-over",
            "'{file}' is the file that was read, and would be written over. Name "
            "another one with --out.",
            file=shown_path(path),
        )
    make_folder(path.parent)
    save_model(path, found.model)
    for note in found.notes:
        say(note)
    if as_json:
        show_json(_plain(found, path))
    else:
        _show(found, path)


def _read(
    model: str,
    network: str | None,
    classes: tuple[str, ...] | None,
    normalization: Normalization | None,
    input: Shape | None,
) -> Imported:
    """The model of a graph, or of weights where it is said what they are of."""
    if network is not None:
        return imported_weights(
            model, network, classes=classes, normalization=normalization, input=input
        )
    if Path(model).suffix in _WEIGHTS:
        raise UsageError(
            "import-network",
            "'{file}' holds weights, which do not say what network they are of. Name a "
            "known one, as in --network resnet18; or give an ONNX file.",
            file=shown_path(model),
        )
    return read_onnx(model, classes=classes, normalization=normalization, input=input)


def _normalization(
    mean: tuple[float, ...] | None, std: tuple[float, ...] | None
) -> Normalization | None:
    if mean is None and std is None:
        return None
    return Normalization(mean or (0.0,), std or (1.0,))


def _names(text: str) -> tuple[str, ...]:
    """The names between commas, or those of a file's lines.

    One word with a suffix can only be a file, there or not.
    """
    path = Path(text)
    if not path.is_file() and ("," in text or not path.suffix):
        return tuple(name.strip() for name in text.split(","))
    lines = read_plain(text, _MOST_BYTES).decode("utf-8-sig", "replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def _plain(found: Imported, path: Path) -> dict[str, object]:
    network = found.model.network
    return {
        "schema": SCHEMA,
        "file": str(path),
        "bytes": path.stat().st_size,
        "network": network.name,
        "input": list(network.input),
        "layers": len(network.nodes),
        "parameters": summarize(network).totals.parameters,
        "classes": list(found.model.classes),
        "preprocessing": found.model.preprocessing.to_dict(),
        "producer": found.producer,
        "opset": found.opset,
        "notes": [str(note) for note in found.notes],
    }


def _show(found: Imported, path: Path) -> None:
    network = found.model.network
    text = translate(
        "{name}: {layers} layers, {parameters} parameters; images of {input}, "
        "{classes} classes."
    )
    show(
        text.format(
            name=network.name,
            layers=count_text(len(network.nodes)),
            parameters=count_text(summarize(network).totals.parameters),
            input=shape_text(network.input),
            classes=count_text(len(found.model.classes)),
        )
    )
    written = translate("Written to {file} ({bytes}).")
    size = bytes_text(path.stat().st_size)
    show(written.format(file=shown_path(path), bytes=size))
