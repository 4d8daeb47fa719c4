"""A large inventory, drawn from a seed: planned in memory, then written by COPY."""
