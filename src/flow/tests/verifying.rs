//! Looking at a deployment, marking it, or going back.

use super::super::verify::VerifyOrder;
use crate::domain::decision::Recovery;
use crate::domain::target::Scope;

/// An order to look and to tell.
pub(super) fn look() -> VerifyOrder {
    VerifyOrder {
        deployment: None,
        scope: Scope::All,
        recovery: Recovery::Report,
        watch: None,
        reason: None,
    }
}

/// An order to look and to go back where that is right.
pub(super) fn guard() -> VerifyOrder {
    VerifyOrder { recovery: Recovery::Automatic, ..look() }
}
