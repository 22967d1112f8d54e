"""Command lines whose every word of answer is kept: 120 and more, in two languages.

Chosen so that the answer is the same on every computer: help, arithmetic, refusals.
They are called in the folder of `stage.example_folder`, with a few bad files in it.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.cli.calling import Called, Caller

__all__ = ["CASES", "prepared", "transcript"]

CASES: Mapping[str, tuple[str, ...]] = {
    "mirada": (
        "",
        "--help",
        "--version",
        "--lang fr",
        "trian digits",
        "--quiet",
        "sumary lenet5",
        "--colour",
    ),
    "summary": (
        "summary --help",
        "summary",
        "summary lenet5",
        "summary lenet5_lecture",
        "summary lenet5_lecture --explain",
        "summary digits --classes 3",
        "summary lenet5 --input 3x32x32",
        "summary lenet5 input=1x40x40 classes=2",
        "summary lenet5 --input 1x4x4",
        "summary lenet5 --input 28x28x",
        "summary lenet5 --classes 0",
        "summary lenet7",
        "summary nowhere.toml",
        "summary bad.toml",
        "summary broken.toml",
        "summary cycle.json",
        "summary lenet5 --json",
        "summary unet --input 1x572x572",
        "summary lenet5 vgg11",
        "summary lenet5 --lenght 3",
        "summary 784-300-100-10",
        "summary image.png",
        "summary .",
    ),
    "explain": (
        "explain --help",
        "explain",
        "explain lenet5_lecture",
        "explain lenet5 conv2",
        "explain 3-4-2",
        "explain unet up4",
        "explain resnet18 layer2_0_add",
        "explain lenet5 linear1 --json",
        "explain lenet5 conv9",
        "explain lenet5 input",
        "explain lenet7",
        "explain 3-0-2",
        "explain 3-4-2 --classes 5",
        "explain bad.toml",
    ),
    "size": (
        "size --help",
        "size",
        "size 5 --kernel 3",
        "size 28 --kernel 5 --padding 2",
        "size 28 kernel=5 stride=2",
        "size 7 --kernel 3 --stride 2 --padding 1 0",
        "size 10 --kernel 3 --dilation 2",
        "size 10 --kernel 3 --stride 2 --ceil",
        "size 2 --kernel 5",
        "size 0 --kernel 1",
        "size five --kernel 3",
        "size 5 --kernel 0",
        "size 5 --kernel 3 --stride 0",
        "size 5 --kernel 3 --padding -1",
        "size 5 --kernel 3 --json",
        "size 224 --kernel 7 --stride 2 --padding 3",
        "size 5 kernal=3",
        "size 99999999999 --kernel 3",
        "size 6 --kernel 4 --stride 4",
        "size 32 --kernel 2 --stride 2",
        "size 224 --kernel 7 --stride 2 --padding same",
        "size 4 --kernel 1 --stride 2 --same",
        "size 280x320 --kernel 1x2",
        "size 280x320 --kernel 1x2 --json",
        "size 28 --kernel 2 --pool",
        "size 9 --kernel 3 --pool --padding 2",
        "size 7 --kernel 3 --stride 2 --padding 1 --output-padding 1 --transposed",
        "size 14 --kernel 2 --stride 2 --transposed --json",
        "size 1 --kernel 2 --padding 1 --transposed",
        "size 5 --kernel 3 --transposed --ceil",
        "size 5 --kernel 3 --output-padding 1",
        "size 28 --want 14",
        "size 28 --want 14 --kernel 3..5 --stride 2 --json",
        "size 28 --want 9 --pool",
        "size 14 --want 28 --transposed",
        "size 100 --want 70",
        "size 14 --want 28",
        "size 5 --kernel 3..4",
        "size 5x6 --want 3",
        "size 5 --want 3 --kernel 5..3",
    ),
    "convolve": (
        "convolve --help",
        "convolve",
        "convolve 11100;01110;00111;00110;01100 --kernel '1 0 1; 0 1 0; 1 0 1'",
        "convolve 110;011;001 --kernel edges --step",
        "convolve 110;011;001 --kernel sobel-x --convolution --padding 1",
        "convolve '12;34|56;78' --kernel 11 --kernel 12 --bias -9 --activation relu",
        "convolve 1124;5678;3210 --pool max --kernel 2 --stride 1 --step 0 1",
        "convolve 12;34 --kernel '1/2 -1' --json",
        "convolve 12;34 --kernel blur",
        "convolve 12;34 --kernel gauss",
        "convolve 12;34 --kernel '1 2; 3'",
        "convolve 12;34 --kernel '1 b'",
        "convolve nowhere.png --kernel blur",
        "convolve bad.toml --kernel blur",
        "convolve 12;34 --kernel 1 --animate",
        "convolve 12;34 --pool max --kernel 2 --bias 3",
        "convolve image.png --kernel emboss",
    ),
    "quiz": (
        "quiz --help",
        "quiz --seed 1 --count 8 --json",
        "quiz --seed 1 --level 2 --count 8 --json",
        "quiz --seed 1 --level 3 --count 8 --json",
        "quiz --seed 1 --count 1 --topic size --versions 2 --json",
        "quiz --seed 1 --sheet a.html --solutions b.html",
        "quiz --sheet a.html --solutions a.html",
        "quiz --topic sizes",
        "quiz --topic size,pooling,kernels",
        "quiz --count 0",
        "quiz --count ten",
        "quiz --level 4",
        "quiz --seed -1",
        "quiz --versions 2",
        "quiz --versions 27",
        "quiz levle=2",
        "quiz lenet5",
    ),
    "check": (
        "check --help",
        "check",
        "check --template --network lenet5_lecture",
        "check --template table.csv --network lenet5",
        "check table.csv --network lenet5_lecture",
        "check table.csv --network lenet5_lecture --json",
        "check tabla.csv --network lenet5_lecture",
        "check class --network lenet5_lecture",
        "check class --network lenet5_lecture --json",
        "check table.csv --network lenet5_lecture --out grades.csv",
        "check columns.csv --network lenet5",
        "check rows.csv --network lenet5",
        "check nowhere.csv --network lenet5",
        "check table.csv --network lenet7",
        "check empty --network lenet5",
        "check image.png --network lenet5",
    ),
    "train": (
        "train --help",
        "train",
        "train digits digits digits",
        "train nowhere",
        "train lenet5 nowhere",
        "train lenet7 digits",
        "train digits --epochs 0",
        "train digits --epochs many",
        "train digits epochs=0",
        "train digits --batch 0",
        "train digits --lr -1",
        "train digits --lr fast",
        "train digits --optimizer 'adam 0.1'",
        "train digits --schedule never",
        "train digits --clip -1",
        "train digits --ema 1",
        "train digits --seed -1",
        "train digits --seed 4294967296",
        "train digits --threads 0",
        "train digits --engine quick",
        "train digits --isa i386",
        "train digits --precision float16",
        "train digits --patience -1",
        "train digits --size 0",
        "train digits --augment 'spin 3'",
        "train digits --augment 'rotate 9999'",
        "train digits --smoothing 1",
        "train digits --class-weights 1,2",
        "train digits --class-weights some",
        "train digits --time soon",
        "train digits --folds 1",
        "train digits --folds 5 --fold 6",
        "train digits --fold 1",
        "train digits --group-by '('",
        "train digits --validation 1.5",
        "train digits --test 1",
        "train digits --split nowhere.json",
        "train digits --log paper",
        "train digits --seeds 1",
        "train digits --force",
        "train --resume",
        "train --resume --out nowhere",
        "train empty",
        "train image.png",
        "train only",
        "train bad.toml digits",
        "train digits --threads 1 --out photos",
        "train digits --learning-curve --folds 3",
        "train digits --dry-run --find-lr",
        "train digits --epoch 3",
        "train digits colour=1",
    ),
    "evaluate": (
        "evaluate --help",
        "evaluate",
        "evaluate nowhere digits",
        "evaluate photos digits",
        "evaluate image.png digits",
    ),
    "predict": (
        "predict --help",
        "predict",
        "predict nowhere image.png",
        "predict image.png image.png",
    ),
    "look": (
        "look --help",
        "look",
        "look nowhere",
        "look photos",
        "look image.png",
        "look photos --at 1 2 3",
        "look photos --image image.png --at 1 2 3",
        "look photos --image image.png --layer conv1 --at one",
        "look photos --cam rise",
        "look photos --image image.png --cam eyes",
        "look photos --image image.png --layer conv1 --at 0 0 0 --cam rise",
        "look photos --image image.png --class dark",
        "look photos --image image.png image.png",
    ),
    "compile": (
        "compile --help",
        "compile lenet7",
        "compile lenet5 --mode fly",
        "compile lenet5 --isa x86-64-v3 --layer conv9",
        "compile lenet5 --isa z80",
    ),
    "bench": ("bench --help", "bench lenet7", "bench lenet5 --batch 0"),
    "runs": (
        "runs --help",
        "runs",
        "runs nowhere",
        "runs image.png",
        "runs photos",
        "runs compare",
        "runs diff nowhere",
        "runs list photos --out a.csv",
        "runs export photos --out table.txt",
        "runs compare photos",
    ),
    "doctor": ("doctor --help", "doctor now"),
    "data": (
        "data --help",
        "data",
        "data nowhere",
        "data empty --no-files",
        "data only --no-files",
        "data image.png --no-files",
        "data array.npy --no-files",
        "data photos --out photos",
        "data photos --size 8",
        "data photos --preview --no-files",
        "data photos --preview --augment 'crop 99'",
    ),
    "tune": (
        "tune --help",
        "tune",
        "tune lenet5 digits --search colour=1..2",
        "tune lenet5 digits --search lr",
        "tune lenet5 digits --search lr=0.1..0.01",
        "tune lenet5 digits --search lr=0.1..1 --search lr=0.1..1",
        "tune digits --storage sqlite:///x.db",
        "tune digits --trials 0",
        "tune digits --sampler luck",
        "tune --resume --out nowhere",
    ),
}
"""By command; the words after `mirada`, as a shell takes them."""


def prepared(folder: Path) -> None:
    """Adds what some cases are about: descriptions and folders that are wrong."""
    (folder / "bad.toml").write_text(
        'input = "1x28x28"\nlayers = [\n  "conv 6 5x5",\n  "convv 16 5x5",\n]\n'
    )
    (folder / "broken.toml").write_text('input = "1x28x28\n')
    (folder / "cycle.json").write_text(
        '{"input": "1x8x8", "layers": ["add later", "relu as later"]}'
    )
    _tables(folder)
    (folder / "empty").mkdir()
    (folder / "only" / "cat").mkdir(parents=True)
    (folder / "only" / "cat" / "notes.png").write_text("no image")
    np.save(folder / "array.npy", np.zeros(3))


def _tables(folder: Path) -> None:
    """Tables of sizes and parameters, with mistakes, and a class of three."""
    (folder / "table.csv").write_text(
        "layer,size,parameters\n"
        "CONV1,28x28x6,156\nPOOL1,14x14x6,30\nCONV2,12x12x16,\nPOOL2,6x6x16,0\n"
        'FC3,120,"48,001"\nFC4,64x84,\nSoftmax,10,850\nTotal,,many\n'
    )
    (folder / "tabla.csv").write_text(
        "capa;tamaño;parámetros\nCapa convolucional 1;(28, 28, 6);(5*5*3+1)*6\n"
        "pooling 1;28;12\nTotal;;62.006\n",
        encoding="latin-1",
    )
    (folder / "columns.csv").write_text("layr,size\nconv1,28\n")
    (folder / "rows.csv").write_text("layer,size\nconv1,28\nconv7,28\n")
    (folder / "class").mkdir()
    for name in ("table.csv", "tabla.csv", "rows.csv"):
        (folder / "class" / name).write_bytes((folder / name).read_bytes())


def transcript(call: Caller, command: str) -> str:
    """What each case of a command answers, one after the other."""
    pieces = []
    for words in CASES[command]:
        found = call(*shlex.split(words))
        pieces.append(f"$ mirada {words}\n{_shown(found)}")
    return "\n".join(pieces)


def _shown(called: Called) -> str:
    parts = [f"exit {called.code}"]
    for name, text in (("stdout", called.out), ("stderr", called.err)):
        if text:
            parts += [f"-- {name}", text.rstrip("\n")]
    return "\n".join(parts) + "\n"
