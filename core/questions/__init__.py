"""A person works a number out: what is asked, what they typed, and which known slip it shows."""
