"""What must be true of a rule beyond its shape: one module per kind of fault, each lint a function of one rule."""
