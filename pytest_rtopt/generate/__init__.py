"""What a user copies into a home-manager repository."""
