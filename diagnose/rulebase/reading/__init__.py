"""From the files of a rule base to checked, frozen values. Loads pydantic, so nothing that runs later imports this."""
