"""What the book's build adds to Sphinx."""
