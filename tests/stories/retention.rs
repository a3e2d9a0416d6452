//! What is old moves to the archive and stays within reach.
