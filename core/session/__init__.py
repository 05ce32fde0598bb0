"""One experiment alive: its engine, its session, what it does for a person."""
