"""The description: limits, windows, graph, remedies, text and files."""
