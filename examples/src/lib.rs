//! Programs that use the libraries as a user would: see `src/bin`.
