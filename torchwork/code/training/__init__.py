"""Training as a document describes it, written out as a loop."""
