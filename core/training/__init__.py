"""Taking training steps, measuring them, and going back."""
