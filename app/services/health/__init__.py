"""What the doctor looks at: the machine, the database, and the way in from outside."""
