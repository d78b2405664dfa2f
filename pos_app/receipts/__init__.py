"""A document as paper: lines, amounts and number, then text."""
