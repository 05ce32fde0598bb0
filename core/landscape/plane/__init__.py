"""How a plane lies among the parameters."""
