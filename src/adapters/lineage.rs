//! Asks the clone what a branch holds, then the platform.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};

use crate::domain::moved::Between;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::error::Result;
use crate::ports::{Branch, Clock, Lineage};

/// How long a witness is waited for whose silence keeps nobody from going back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those who may know, the nearest first.
pub struct Witnesses {
    all: Vec<Witness>,
    clock: Arc<dyn Clock>,
}

struct Witness {
    asked: Arc<dyn Lineage>,
    /// It was waited for in vain, and is not asked again.
    is_silent: AtomicBool,
}

/// Returns one who asks each of these in turn.
pub fn connect(witnesses: Vec<Arc<dyn Lineage>>, clock: Arc<dyn Clock>) -> Witnesses {
    let all = witnesses.into_iter();
    let all = all.map(|asked| Witness { asked, is_silent: AtomicBool::new(false) }).collect();
    Witnesses { all, clock }
}

#[async_trait]
impl Lineage for Witnesses {
    /// A yes is a yes; of the rest the last clear word counts, since a clone can be behind.
    async fn descent(&self, commit: &Commit, branch: &Branch) -> Descent {
        let mut said =
            Descent::Unknown("there is neither a clone nor a platform to ask".to_owned());
        for witness in &self.all {
            said = match (said, self.word_of(witness, commit, branch).await) {
                (_, Descent::Part) => return Descent::Part,
                (_, Descent::Apart) | (Descent::Apart, Descent::Unknown(_)) => Descent::Apart,
                (_, Descent::Unknown(why)) => Descent::Unknown(why),
            };
        }
        said
    }

    async fn between(&self, after: &Commit, upto: &Commit) -> Result<Option<Between>> {
        for witness in &self.all {
            if let Some(between) = witness.asked.between(after, upto).await? {
                return Ok(Some(between));
            }
        }
        Ok(None)
    }
}

impl Witnesses {
    /// A branch that the team has named must be asked, however long that takes; of the usual one it is
    /// only told that nobody knew, and what is sick does not wait for that.
    async fn word_of(&self, witness: &Witness, commit: &Commit, branch: &Branch) -> Descent {
        let asked = witness.asked.descent(commit, branch);
        if let Branch::Named(_) = branch {
            return asked.await;
        }
        if !witness.is_silent.load(Ordering::SeqCst) {
            match select(pin!(asked), self.clock.sleep(PATIENCE)).await {
                Either::Left((said, _)) => return said,
                Either::Right(_) => witness.is_silent.store(true, Ordering::SeqCst),
            }
        }
        Descent::Unknown(format!("no answer within {} seconds", PATIENCE.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::adapters::clock::hurried::Hurried;

    /// One who never answers, and counts how often it was asked.
    #[derive(Default)]
    struct Hangs(AtomicUsize);

    #[async_trait]
    impl Lineage for Hangs {
        async fn descent(&self, _: &Commit, _: &Branch) -> Descent {
            self.0.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
    }

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
            let told = connect(each.collect(), Arc::new(Hurried::default()))
                .descent(&commit, &Branch::Default)
                .await;
            assert_eq!(told, expected);
        }
    }

    #[tokio::test]
    async fn a_platform_that_hangs_is_waited_for_once_and_hides_no_word_of_the_clone() {
        let commit = Commit::new("a".repeat(40)).unwrap();
        for (clone, expected) in [
            (Descent::Apart, Descent::Apart),
            (
                Descent::Unknown("it is shallow".to_owned()),
                Descent::Unknown("no answer within 5 seconds".to_owned()),
            ),
        ] {
            let platform = Arc::new(Hangs::default());
            let all: Vec<Arc<dyn Lineage>> = vec![Arc::new(Says(clone)), platform.clone()];
            let witnesses = connect(all, Arc::new(Hurried::default()));
            for _ in 0..2 {
                assert_eq!(witnesses.descent(&commit, &Branch::Default).await, expected);
            }
            assert_eq!(platform.0.load(Ordering::SeqCst), 1);
        }
    }
}
