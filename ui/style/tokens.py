"""Design tokens: the names and values of the mock-ups' style sheet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme."""

    canvas: str
    surface: str
    surface_2: str
    line: str
    line_strong: str
    ink: str
    ink_2: str
    ink_3: str
    accent: str
    accent_ink: str
    accent_soft: str
    focus: str
    danger: str
    danger_soft: str
    warn: str
    warn_soft: str
    info: str
    info_soft: str
    dark: bool


LIGHT = Tokens(
    canvas="#F4F5F2",
    surface="#FFFFFF",
    surface_2="#FAFAF8",
    line="#E3E5E0",
    line_strong="#868E87",
    ink="#17201B",
    ink_2="#55605A",
    ink_3="#626D67",
    accent="#1B6B4F",
    accent_ink="#FFFFFF",
    accent_soft="#E3F0EA",
    focus="#2F7DE1",
    danger="#B3261E",
    danger_soft="#FBE9E7",
    warn="#8A5A00",
    warn_soft="#FFF3D6",
    info="#1F5FA8",
    info_soft="#E5EFFA",
    dark=False,
)
DARK = Tokens(
    canvas="#121614",
    surface="#1B211E",
    surface_2="#202723",
    line="#2D3631",
    line_strong="#6C776F",
    ink="#EDF1EE",
    ink_2="#B3BDB7",
    ink_3="#94A099",
    accent="#57B894",
    accent_ink="#0B1F17",
    accent_soft="#1E3A2F",
    focus="#7DB4FF",
    danger="#FF8A80",
    danger_soft="#3B1F1D",
    warn="#F2C14E",
    warn_soft="#3A2F12",
    info="#8DBDF2",
    info_soft="#1B2C3F",
    dark=True,
)
# For eyes that need it: black on white, every edge drawn, text at least 7:1 on every ground.
CONTRAST = Tokens(
    canvas="#FFFFFF",
    surface="#FFFFFF",
    surface_2="#FFFFFF",
    line="#4A4A4A",
    line_strong="#000000",
    ink="#000000",
    ink_2="#1A1A1A",
    ink_3="#404040",
    accent="#004D33",
    accent_ink="#FFFFFF",
    accent_soft="#D6F2E4",
    focus="#0033B3",
    danger="#8A0000",
    danger_soft="#FFE3E0",
    warn="#593800",
    warn_soft="#FFEFC7",
    info="#00376F",
    info_soft="#DDECFF",
    dark=False,
)

RADIUS_CONTROL = 6
RADIUS_PANEL = 10
