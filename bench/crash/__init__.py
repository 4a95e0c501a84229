"""The crash soak: real programs are killed at random; three books must agree."""
