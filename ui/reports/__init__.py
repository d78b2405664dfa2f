"""What the shop took."""
