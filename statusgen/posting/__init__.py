"""What people post: the texts, where they go, and the forms and commands that make them."""
