"""What live recognition is measured on: clips, two recipes side by side, several cameras."""
