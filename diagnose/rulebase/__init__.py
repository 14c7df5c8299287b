"""Rules and knowledge: loaded from data, checked as a whole, never judged here."""
