"""Networks as widgets of a notebook."""
