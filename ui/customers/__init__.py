"""Customers: found, added and attached to a sale."""
