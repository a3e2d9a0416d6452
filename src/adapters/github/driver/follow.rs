//! Follows a run to its end, or cancels it when late.

use std::time::Duration;

use super::Driving;
use super::runs::Run;
use crate::domain::text;
use crate::error::{Error, Kind, Result};
use crate::ports::Driven;

/// The first pause between two looks at a run; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a cancelled run is given to end.
const GRACE: Duration = Duration::from_secs(60);

/// How often in a row GitHub may refuse to show a run.
const REFUSALS: usize = 5;

/// Why a run is no longer followed.
enum Stopped {
    Ended(Run),
    TooLate,
    Refused(Error),
}

/// What became of a run.
pub(super) enum Fate {
    /// It has done what it was to do.
    Done(Driven),
    /// It is over and has not.
    Failed(Error),
    /// It may still be at it.
    Unknown(Error),
}

impl Driving<'_> {
    /// Follows the run to its end.
    pub(super) async fn follow(&self, run: u64) -> Fate {
        self.tell(&format!("follows {}", self.page(run)));
        match self.watch(run, self.driver.settings.timeout.get()).await {
            Stopped::Ended(ended) => self.concluded(&ended),
            Stopped::TooLate => self.give_up(run).await,
            Stopped::Refused(error) => Fate::Unknown(self.lost_sight(run, &error)),
        }
    }

    async fn watch(&self, run: u64, time: Duration) -> Stopped {
        let clock = &self.driver.around.clock;
        let until = clock.monotonic() + time;
        let (mut pause, mut refusals, mut told) = (FIRST_PAUSE, 0, false);
        loop {
            self.pause(run, pause.min(until.saturating_sub(clock.monotonic()))).await;
            match self.look(run).await {
                Ok(seen) if seen.conclusion().is_some() => return Stopped::Ended(seen),
                Ok(seen) => {
                    refusals = 0;
                    if seen.is_waiting() && !told {
                        self.tell("the run waits for a person to approve it");
                        told = true;
                    }
                }
                // GitHub may come back before the time is up.
                Err(error) if error.kind() == Kind::Unreachable => {}
                Err(error) if refusals + 1 == REFUSALS => return Stopped::Refused(error),
                Err(_) => refusals += 1,
            }
            if clock.monotonic() >= until {
                return Stopped::TooLate;
            }
            pause = LONGEST_PAUSE.min(pause.mul_f64(1.5));
        }
    }

    /// Waits, unless lastgood is stopped: then the run is cancelled, and this never ends.
    async fn pause(&self, run: u64, pause: Duration) {
        let mut stopped = self.driver.around.stopped.clone();
        let told = tokio::select! {
            biased;
            told = stopped.wait_for(|stopped| *stopped) => told.is_ok(),
            () = self.driver.around.clock.sleep(pause) => false,
        };
        if told {
            let ended = match self.cancel(run).await {
                Ok(()) => "asked GitHub to cancel".to_owned(),
                Err(error) => format!("{error}:"),
            };
            self.tell(&format!("{ended} {}", self.page(run)));
            std::future::pending::<()>().await;
        }
    }

    fn concluded(&self, run: &Run) -> Fate {
        let page = self.page(run.id);
        match run.conclusion().unwrap_or_default() {
            "success" => Fate::Done(Driven { message: format!("done by {page}") }),
            other => {
                let ended = text::clean(other, super::WORD);
                let why = format!("its run ended as `{ended}`");
                Fate::Failed(self.failed().because(why).hint(format!("see {page}")))
            }
        }
    }

    /// A run that ends well before the cancelling reaches it has done what was asked.
    async fn give_up(&self, run: u64) -> Fate {
        let time = self.driver.settings.timeout;
        let late = self.failed().hint("give the driver a longer `timeout`");
        let unknown = |late: Error, why: String| {
            let late = late.because(format!("it did not end within `{time}`, and {why}"));
            Fate::Unknown(late.hint(format!("it may still run: see {}", self.page(run))))
        };
        if let Err(error) = self.cancel(run).await {
            return unknown(late, error.whole());
        }
        match self.watch(run, GRACE).await {
            Stopped::Ended(ended) if ended.conclusion() == Some("success") => {
                self.concluded(&ended)
            }
            Stopped::Ended(_) => Fate::Failed(
                late.because(format!("it did not end within `{time}` and was cancelled")),
            ),
            Stopped::TooLate => unknown(late, "goes on though it was cancelled".to_owned()),
            Stopped::Refused(error) => unknown(late, error.whole()),
        }
    }

    async fn cancel(&self, run: u64) -> Result<()> {
        self.github.allow_one_more();
        let path = format!("actions/runs/{run}/cancel");
        self.github.post_for_any("cancel the run", &path, None::<&()>).await.map(|_| ())
    }

    fn lost_sight(&self, run: u64, error: &Error) -> Error {
        let lost = self.failed().because(error.whole());
        let lost = error.hints().iter().fold(lost, |lost, hint| lost.hint(hint.as_str()));
        lost.hint(format!("it may still run: see {}", self.page(run)))
    }
}
