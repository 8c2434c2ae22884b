"""What people ask of the marts: one function for each question, typed rows out."""
