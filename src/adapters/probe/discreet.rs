//! Tells what a probe found without what variables put into its question.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::adapters::secret::Secret;
use crate::domain::check::{Measurement, Reach};
use crate::domain::version::Version;
use crate::ports::Probe;

/// A shorter text could be found in any word.
const SHORTEST: usize = 4;

/// Makes a probe tell nothing of what variables put into its question.
pub fn discreet(probe: Arc<dyn Probe>, filled: &[Secret]) -> Arc<dyn Probe> {
    let long = |one: &&Secret| one.reveal().chars().count() >= SHORTEST;
    let filled: Vec<Secret> = filled.iter().filter(long).cloned().collect();
    if filled.is_empty() { probe } else { Arc::new(Discreet { probe, filled }) }
}

struct Discreet {
    probe: Arc<dyn Probe>,
    filled: Vec<Secret>,
}

#[async_trait]
impl Probe for Discreet {
    fn kind(&self) -> &'static str {
        self.probe.kind()
    }

    fn reach(&self) -> Reach {
        self.probe.reach()
    }

    async fn measure(&self, expected: Option<&Version>, timeout: Duration) -> Measurement {
        let found = self.probe.measure(expected, timeout).await;
        let (value, limit) = (found.value.as_deref(), found.limit.as_deref());
        Measurement {
            message: self.told(&found.message),
            value: value.map(|value| self.told(value)),
            limit: limit.map(|limit| self.told(limit)),
            ..found
        }
    }
}

impl Discreet {
    fn told(&self, text: &str) -> String {
        let filled = self.filled.iter().map(Secret::reveal);
        filled
            .fold(text.to_owned(), |text, part| without_beginning(&text.replace(part, "***"), part))
    }
}

/// Takes out the beginning of a text where the rest of it was cut off.
fn without_beginning(text: &str, part: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut pieces = text.split('…').peekable();
    while let Some(piece) = pieces.next() {
        let Some(_) = pieces.peek() else { return told + piece };
        let ends = part.char_indices().map(|(at, _)| at).rev();
        let begun = ends.filter(|at| part[..*at].chars().count() >= SHORTEST);
        let found = begun.map(|at| &part[..at]).find(|begun| piece.ends_with(begun));
        let kept = found.map_or(piece, |begun| &piece[..piece.len() - begun.len()]);
        told.push_str(kept);
        told.push_str(if found.is_some() { "***…" } else { "…" });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Says(Measurement);

    #[async_trait]
    impl Probe for Says {
        fn kind(&self) -> &'static str {
            "tcp"
        }

        fn reach(&self) -> Reach {
            Reach::Direct
        }

        async fn measure(&self, _: Option<&Version>, _: Duration) -> Measurement {
            self.0.clone()
        }
    }

    async fn told(said: &str, filled: &str) -> Measurement {
        let said = Measurement::fail(said).judged(said, said);
        let probe = discreet(Arc::new(Says(said)), &[Secret::new(filled)]);
        probe.measure(None, Duration::from_secs(1)).await
    }

    #[tokio::test]
    async fn what_a_variable_put_in_is_in_no_word_of_a_measurement() {
        let found = told("did not say `AUTH hunter2`, but `hunter`", "hunter2").await;
        let expected = "did not say `AUTH ***`, but `hunter`";
        assert_eq!(found.message, expected);
        assert_eq!([found.value, found.limit], [Some(expected.into()), Some(expected.into())]);
    }

    #[tokio::test]
    async fn what_was_cut_off_shows_no_beginning_of_it() {
        assert_eq!(
            told("no `AUTH hunt…` in `a…`", "hunter2").await.message,
            "no `AUTH ***…` in `a…`"
        );
        assert_eq!(told("no `AUTH hun…`", "hunter2").await.message, "no `AUTH hun…`");
    }

    #[tokio::test]
    async fn what_could_be_part_of_any_word_is_left_alone() {
        assert_eq!(told("7 of 17", "7").await.message, "7 of 17");
    }
}
