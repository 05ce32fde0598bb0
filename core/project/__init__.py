"""Projects: everything that a person has made in a window, in one file. See docs/FORMAT.md."""
