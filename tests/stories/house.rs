//! The house rules, held.
