"""A new shop's first start."""
