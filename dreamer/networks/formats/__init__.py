"""Weight files of every format their authors published, read without running anything in them."""
