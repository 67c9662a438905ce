"""What a pull request changes, for those who review it."""
