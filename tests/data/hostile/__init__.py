"""Image files made to harm a decoder, format by format."""
