"""What a kind of model is: one folder per domain. Machinery below and beside names none of them."""
