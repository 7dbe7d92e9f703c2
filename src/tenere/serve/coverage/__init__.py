"""The coverage layer of the page: what the sensors of the running picture see at a height, and what one more would."""
