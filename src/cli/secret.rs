//! A command-line value that is never shown again.

use crate::adapters::secret::Secret;

/// A secret as clap takes it.
#[derive(Clone)]
pub struct Hidden(pub Secret);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("***")
    }
}

impl std::str::FromStr for Hidden {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Secret::new(text)))
    }
}
