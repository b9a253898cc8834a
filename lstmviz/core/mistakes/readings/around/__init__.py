"""What stands around it: layers, losses, loaders, and what is done with its result."""
