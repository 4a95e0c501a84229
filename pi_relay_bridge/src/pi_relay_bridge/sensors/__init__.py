"""Current sensors behind one small interface."""
