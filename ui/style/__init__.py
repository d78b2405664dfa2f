"""How the windows look: tokens, theme, icons, fonts."""
