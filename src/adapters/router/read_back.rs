//! Holds what a router says afterwards to what it was asked.

use crate::domain::slots::Shares;
use crate::error::{Error, Result};

/// How far a share may be off: weights are whole numbers.
const NEAR: u8 = 1;

/// Returns what was read back, where it is what was asked.
pub(super) fn agreed(router: &str, asked: &Shares, back: Shares) -> Result<Shares> {
    if back.is_near(asked, NEAR) {
        return Ok(back);
    }
    let message = format!("`{router}` did not share the traffic as it was asked");
    Err(Error::failed(message)
        .because(format!("asked for {asked}; read back {back}"))
        .hint("see whether somebody else changes it too, then do this again"))
}
