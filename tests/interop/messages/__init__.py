"""What a user meets in files, one module for each family of cases; `test_messages.py` runs them."""
