"""A trained network, or its description, as something that needs no mirada."""
