"""What measures the contact list: an organisation of 200 colleagues, and undisturbed time."""
