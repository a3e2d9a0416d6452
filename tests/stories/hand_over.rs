//! Steps of others between begin and record, and people's words.
