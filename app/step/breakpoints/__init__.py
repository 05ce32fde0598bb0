"""Where training shall hold."""
