"""The optimizer's update of one number, and of two as arrows."""
