//! What each verb does, told once, on ports alone.

pub mod observe;
