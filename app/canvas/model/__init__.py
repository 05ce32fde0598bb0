"""What the canvas shows, worked out without a widget."""
