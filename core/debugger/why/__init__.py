"""Why a number is what it is: the paths of a gradient, a weight's updates, a sum's parts."""
