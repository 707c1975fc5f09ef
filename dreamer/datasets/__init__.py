"""Pictures to learn from: gathered from lists of addresses, and looked over."""
