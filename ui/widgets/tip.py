"""What is shown under the mouse."""

from html import escape


def plain_tip(*lines: str) -> str:
    """Give lines as a tool tip that shows them as they are: Qt would take a title that looks like HTML for that."""
    told = "<br>".join(escape(line) for line in lines if line)
    return f"<qt>{told}</qt>" if told else ""
