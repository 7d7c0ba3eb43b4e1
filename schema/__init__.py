"""What clients may ask. Declarations only: no reading, no deciding."""
