//! Asks the clone what a branch holds, then the platform.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::moved::Between;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::error::Result;
use crate::ports::{Branch, Lineage};

/// Those who may know, the nearest first.
#[derive(Default)]
pub struct Witnesses(Vec<Arc<dyn Lineage>>);

/// Returns one who asks each of these in turn.
pub fn connect(witnesses: Vec<Arc<dyn Lineage>>) -> Witnesses {
    Witnesses(witnesses)
}

#[async_trait]
impl Lineage for Witnesses {
    /// A yes is a yes; of the rest the last clear word counts, since a clone can be behind.
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        let mut said =
            Descent::Unknown("there is neither a clone nor a platform to ask".to_owned());
        for witness in &self.0 {
            said = match (said, witness.descent(commit, branch).await) {
                (_, Descent::Part) => return Descent::Part,
                (_, Descent::Apart) | (Descent::Apart, Descent::Unknown(_)) => Descent::Apart,
                (_, Descent::Unknown(why)) => Descent::Unknown(why),
            };
        }
        said
    }

    async fn between(&self, after: &Commit, upto: &Commit) -> Result<Option<Between>> {
        for witness in &self.0 {
            if let Some(between) = witness.between(after, upto).await? {
                return Ok(Some(between));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Says(Descent);

    #[async_trait]
    impl Lineage for Says {
        async fn descent(&self, _: &Commit, _: &Branch) -> Descent {
            self.0.clone()
        }
    }

    #[tokio::test]
    async fn a_yes_is_a_yes_and_the_last_clear_word_counts() {
        use Descent::{Apart, Part};
        let unknown = || Descent::Unknown("it is shallow".to_owned());
        for (said, expected) in [
            (vec![Part, Apart], Part),
            (vec![Apart, Part], Part),
            (vec![Apart, unknown()], Apart),
            (vec![unknown(), Apart], Apart),
            (vec![unknown()], unknown()),
        ] {
            let each = said.into_iter().map(|one| Arc::new(Says(one)) as Arc<dyn Lineage>);
            let commit = Commit::new("a".repeat(40)).unwrap();
            let told = connect(each.collect()).descent(&commit, &Branch::Default).await;
            assert_eq!(told, expected);
        }
    }
}
