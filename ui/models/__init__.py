"""Item models and delegates that several pages use."""
