"""Who works here and what they may do: Person, Organization (a tree), Grant (a role over a part of it), Actor."""
