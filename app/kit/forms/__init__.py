"""Forms, drawn from the description's own fields."""
