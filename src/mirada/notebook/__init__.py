"""Networks, windows, maps and curves in a notebook, as the lab shows them.

    from mirada import notebook

    notebook.window()                                  # a kernel slides over an image
    notebook.summary(network)                          # every layer with its numbers
    notebook.feature_maps("runs/first", "photo.png")   # what each layer makes of it
    notebook.curves("runs/first")                      # loss and accuracy by epoch

Each gives a `Shown`, which a notebook draws: as a widget where anywidget is installed
(`pip install 'mirada[notebook]'`), else, and where a notebook is only read, as a table
or a picture. The language is that of `mirada.language`.
"""

from mirada.notebook.enabling import enable
from mirada.notebook.looking import feature_maps
from mirada.notebook.shown import Shown
from mirada.notebook.sliding import window
from mirada.notebook.tables import summary
from mirada.notebook.training import curves

__all__ = ["Shown", "curves", "enable", "feature_maps", "summary", "window"]
