"""What we do: the rooms of the business. No cloud, no clock, no randomness in here."""
