"""What a shop decides, each section a module."""
