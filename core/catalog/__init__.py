"""Every choice a learner has, a registry a file."""
