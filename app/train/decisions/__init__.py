"""What the network answers over the plane of its inputs."""
