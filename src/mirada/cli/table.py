"""The commands, each with the sentence that `mirada --help` prints for it.

A command is the object `command` of a module, imported only when it is called.
"""

from mirada.errors import Phrase

__all__ = ["COMMANDS", "module_of"]

COMMANDS = {
    "summary": Phrase("Show every layer of a network with its arithmetic."),
    "explain": Phrase("Explain each layer: what it does, what it learns, and why."),
    "size": Phrase("Compute the output size of one window, with the substitution."),
    "convolve": Phrase("Slide a kernel over a photo or numbers, every step shown."),
    "quiz": Phrase("Set exercises and correct the answers step by step."),
    "check": Phrase("Correct a table of sizes and parameters, and name the mistakes."),
    "train": Phrase("Train a network on images and keep the run in a folder."),
    "data": Phrase("Look at images before training: what is there, what is wrong."),
    "tune": Phrase("Search for better values: many runs, the best of them go on."),
    "evaluate": Phrase("Measure a trained network on images it has not seen."),
    "predict": Phrase("Say what a trained network sees in images."),
    "look": Phrase("Look inside a trained network: numbers, maps, reasons, mistakes."),
    "export": Phrase("Take a trained network away: PyTorch, ONNX, C, a web page."),
    "import": Phrase("Read a network of others with its weights, to use as a run."),
    "lab": Phrase("Build, train and look into networks in the browser."),
    "compile": Phrase("Show what the compiler makes of a network, down to its code."),
    "bench": Phrase("Measure each layer of a network on this computer."),
    "runs": Phrase("List the runs of a folder, best first."),
    "doctor": Phrase("Check this computer and print what mirada finds."),
}


_MODULES = {"import": "importing"}
"""Where a command's name is a word of Python's own."""


def module_of(name: str) -> str:
    """The module that a command is in.

    >>> module_of("train"), module_of("import")
    ('mirada.cli.train', 'mirada.cli.importing')
    """
    return f"mirada.cli.{_MODULES.get(name, name)}"
