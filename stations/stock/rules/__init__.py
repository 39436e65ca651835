"""The rules of stock: pure functions and frozen orders."""
