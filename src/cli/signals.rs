//! Stops at a signal, and tells what is open then.

use std::pin::Pin;

use crate::domain::ending::{Ending, Reason};
use crate::domain::gate;
use crate::domain::outcome::Outcome;
use crate::error::Result;
use crate::flow::halt::{Halt, Step};
use crate::wire::Wired;

/// Does it, and stops at the first signal: what is open then is told and left for `resume`.
pub(super) async fn attended(
    wired: &Wired,
    mut asked: Pin<Box<impl Future<Output = Step<Outcome>>>>,
) -> Result<Outcome> {
    tokio::select! {
        done = &mut asked => return settled(done),
        () = signal() => wired.desk.halt.stop(),
    }
    // A gate that looks ends by itself now; a driver is killed when it is not done by then.
    let patience = std::time::Duration::from_secs(5);
    match tokio::time::timeout(patience, asked).await {
        Ok(done) => settled(done).map(|outcome| cut_short(wired, outcome)),
        Err(_) => Ok(Outcome::ended(interrupted(wired))),
    }
}

fn settled(done: Step<Outcome>) -> Result<Outcome> {
    match done {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Ended(ending)) => Ok(Outcome::ended(ending)),
        Err(Halt::Broke(error)) => Err(error),
    }
}

/// A gate that was stopped by a signal has found nothing of what was restored, unless it had found it sick by then.
fn cut_short(wired: &Wired, mut outcome: Outcome) -> Outcome {
    let verification = outcome.rollback.as_ref().and_then(|told| told.verification.as_ref());
    let failed = verification
        .is_some_and(|it| it.checks.iter().any(|check| check.outcome == gate::Ending::Fail));
    let unproven = [Reason::RollbackUnproven, Reason::RollForwardSick];
    if unproven.contains(&outcome.ending.reason) && !failed {
        let message = format!("{}: a signal stopped it", outcome.ending.message);
        let verify =
            format!("lastgood verify -e {}", shell_words::quote(wired.desk.environment.as_str()));
        outcome.ending = Ending::new(Reason::Interrupted, message).next(verify);
    }
    outcome
}

fn interrupted(wired: &Wired) -> Ending {
    let environment = &wired.desk.environment;
    let message = format!("stopped by a signal; an operation of `{environment}` may be open");
    Ending::new(Reason::Interrupted, message)
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
