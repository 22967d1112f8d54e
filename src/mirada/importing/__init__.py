"""Networks and weights that were made elsewhere, as descriptions and models."""
