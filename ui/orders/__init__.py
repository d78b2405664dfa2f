"""Customer orders and past sales."""
