//! Outcomes for the tests of the report.
