"""What is sent to whom, exactly once each."""
