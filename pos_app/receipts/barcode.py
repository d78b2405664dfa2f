"""Barcodes as bars, drawn by whatever shows a paper."""

import zxingcpp


def code128(text: str) -> tuple[bool, ...]:
    """Give the bars and gaps of a Code 128 barcode, one module each, with its quiet zones; True is a bar."""
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=1)
    drawn = memoryview(image)  # type: ignore[arg-type] # it is a buffer, though its stub does not say so
    width = drawn.shape[1] if drawn.shape is not None else 0
    return tuple(drawn[0, column] == 0 for column in range(width))
