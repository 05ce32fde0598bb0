"""Read-only pictures of snapshots, one a file."""
