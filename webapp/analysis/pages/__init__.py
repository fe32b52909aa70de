"""What pages of photos and people show, before it is laid out."""
