"""What GPS phone apps and trackers say, each in a form of its own, read into the same fixes. Nothing here fails on
what it reads: what cannot be understood is counted as rejected."""
