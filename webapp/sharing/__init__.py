"""Links with which somebody without an account sees one thing that its owner chose."""
