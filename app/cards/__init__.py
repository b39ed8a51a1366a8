"""Contact cards as values: what a card holds, how files spell it, how we spell it."""
