"""Why a number is what it is: its paths, its parts, or the updates that made it."""
