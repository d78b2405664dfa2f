"""What a basket's line says that sells a line of a quote, at the price that was offered."""

_PART = "quote "


def quote_part(line_id: int) -> str:
    """The line's part."""
    return f"{_PART}{line_id}"


def line_of_quote(key: str) -> int | None:
    """The line of a quote that a basket's line sells, by that line's key or part."""
    part = key.partition(":")[2] or key
    return int(part.removeprefix(_PART)) if part.startswith(_PART) else None
