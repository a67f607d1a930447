"""Pages of the first line: form -> action or query -> template. One file per step of the walk."""
