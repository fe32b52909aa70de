"""What a library says of one star or one concert in numbers: counted, kept, and counted anew."""
