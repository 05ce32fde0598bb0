"""What in a picture is ink: frames, shadows and printed lines are not."""
