"""From a network to machine code; `docs/design/compiler.md` tells how."""
