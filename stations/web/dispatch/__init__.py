"""The dispatch board: the queue of help requests, the vehicles, and who goes where."""
