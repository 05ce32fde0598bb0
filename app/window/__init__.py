"""The window: its tabs, docks, perspectives, actions and dialogs."""
