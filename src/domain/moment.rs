//! Moments in the form in which people read them.

use jiff::Timestamp;

/// Returns a moment to the second, UTC.
pub fn told(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
