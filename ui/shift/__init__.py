"""A shift's money: counting, closing, cash in and out."""
