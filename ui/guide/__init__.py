"""The user guide inside the program, without any network."""
