"""A gallery as HTML: values in, pages out. Nothing here reads or writes a person's file."""
