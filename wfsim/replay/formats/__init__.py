"""One module for each shape in which histories are kept; all are told apart by content."""
