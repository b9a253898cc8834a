"""The program: how it starts, its window and parts, what its menus do, and what it keeps."""
