"""Plots of lines over an axis, with their ticks, crosshair and pens."""
