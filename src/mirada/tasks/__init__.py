"""What puts a network, its images, a run and an engine together, whoever asks."""
