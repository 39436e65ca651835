"""Files that other programs fetch again and again."""
