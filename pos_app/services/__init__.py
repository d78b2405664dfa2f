"""One asynchronous function for each thing a person can do; each owns its transaction."""
