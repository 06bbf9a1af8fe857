"""What if? Days that never were, and days that were, with other choices, on the product's rules."""
