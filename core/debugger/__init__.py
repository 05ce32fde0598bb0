"""Steps recorded number by number: the tape, the cursor in it, its formulas, and the proof."""
