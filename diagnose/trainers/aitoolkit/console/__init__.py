"""The captured console of ai-toolkit."""
