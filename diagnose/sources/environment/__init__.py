"""What a run was made with: the packages, Python, the GPU, its driver, as far as files and console tell."""
