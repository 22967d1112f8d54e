"""What holds for the whole repository: exports, errors, messages, floors, sizes."""
