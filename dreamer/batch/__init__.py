"""Many recipes: a queue in a file, and the processes that empty it."""
