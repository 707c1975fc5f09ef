"""A queue emptied by machines elsewhere: what is sent, where it is done, how it comes home."""
