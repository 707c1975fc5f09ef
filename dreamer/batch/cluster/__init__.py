"""A queue emptied by machines that are not here: what is sent, where it is done, how it comes home."""
