"""What each learning platform's exporter writes: whose a file is, under which number, and whether it was late."""
