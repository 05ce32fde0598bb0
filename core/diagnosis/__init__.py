"""Why nothing is learned: evidence of a run, illnesses told by it, and what to try."""
