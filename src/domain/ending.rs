//! How a command ends: exit code, result, reason, and the next move.

use serde::Serialize;

/// The word for how a command ended; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Ok,
    /// It could not be done.
    Failed,
    /// Usage or configuration; nothing was touched.
    Invalid,
    /// The gate failed and nothing was undone.
    Unhealthy,
    /// The gate failed and the environment is back on a stable deployment.
    RolledBack,
    /// Something was changed and it did not end well.
    NeedsHelp,
    /// A rule stands against it.
    Refused,
    /// The gate could not tell.
    Inconclusive,
    /// The remote could not be read or written.
    Unreachable,
}

impl Outcome {
    /// Returns the process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Invalid => 2,
            Self::Unhealthy => 3,
            Self::RolledBack => 4,
            Self::NeedsHelp => 5,
            Self::Refused => 6,
            Self::Inconclusive => 7,
            Self::Unreachable => 8,
        }
    }

    /// Returns the word as JSON and outputs have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::Unhealthy => "unhealthy",
            Self::RolledBack => "rolled_back",
            Self::NeedsHelp => "needs_help",
            Self::Refused => "refused",
            Self::Inconclusive => "inconclusive",
            Self::Unreachable => "unreachable",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $outcome:ident, $meaning:literal, $next:literal;)*) => {
        /// Why a command ended as it did; the codes are a documented promise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* #[doc = $meaning] $name,)* }

        impl Reason {
            /// Every reason, in the order of the documentation's table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Returns how a command ends for this reason.
            pub fn outcome(self) -> Outcome {
                match self { $(Self::$name => Outcome::$outcome,)* }
            }

            /// Returns what it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// Returns what to do next.
            pub fn next(self) -> &'static str {
                match self { $(Self::$name => $next,)* }
            }
        }
    };
}

reasons! {
    Done = "done", Ok, "It was done.", "Nothing.";
    Recorded = "recorded", Ok, "The deployment is in the ledger.", "Verify it: `lastgood verify`.";
    Begun = "begun", Ok, "The number is given and the intent is written.", "Deploy, then close it with `lastgood record`.";
    HandedOver = "handed_over", Ok, "The intent is written, and the act is left to the next steps.", "Bring the services to the versions given, then `lastgood record`.";
    Healthy = "healthy", Ok, "The gate found it healthy and it is stable.", "Nothing.";
    Soaking = "soaking", Ok, "The gate found it healthy, and it is too young to be marked stable.", "Run `lastgood verify` again once it is old enough.";
    NotMarked = "not_marked", Ok, "The gate found it healthy, and something bars it from being stable by itself.", "See `lastgood show`; a person may say `lastgood mark N good`.";
    Returned = "returned", Ok, "It was rolled back because that was asked, and the gate found it healthy.", "Nothing.";
    Unproven = "unproven", Ok, "The services were moved and there is no check that could prove it.", "Add a check, so that the next one can be proven.";
    AlreadyThere = "already_there", Ok, "The services already run these versions, or the slot holds nothing already; nothing was written.", "Nothing.";
    Planned = "planned", Ok, "The plan was shown and nothing was done.", "Run it without `--dry-run`.";
    Scheduled = "scheduled", Ok, "The rollback is written down for later.", "A `lastgood verify` after that time carries it out; `lastgood cancel --request ID` withdraws it.";
    Approved = "approved", Ok, "The approval is written down, and the request is not carried out yet.", "See `lastgood status`.";
    Withdrawn = "withdrawn", Ok, "The request was withdrawn.", "Nothing.";
    Ready = "ready", Ok, "The idle slot holds the deployment and the gate found it healthy; the traffic waits for a person.", "Move the traffic: `lastgood switch`.";
    Switched = "switched", Ok, "The traffic is at the other slot, and no check is configured that could prove it.", "Add a check, so that the next one can be proven.";
    NothingToResume = "nothing_to_resume", Ok, "No operation is open.", "Nothing.";
    Ignored = "ignored", Ok, "The event is no comment that asks lastgood for something; nothing was done.", "Nothing.";
    ActedOn = "acted_on", Ok, "The comment was acted on before; nothing was done twice.", "Write a new comment to have it done again.";
    Failed = "failed", Failed, "It could not be done.", "See the message.";
    NothingRecorded = "nothing_recorded", Failed, "The environment has no deployment yet.", "Record one: `lastgood record`.";
    CommitGone = "commit_gone", Failed, "The commit to bring back is no longer in the repository.", "Name another target with `--to`.";
    Invalid = "invalid", Invalid, "Usage or configuration is wrong; nothing was touched.", "Mend what the message lists.";
    NoSlots = "no_slots", Refused, "The environment has no two slots to move traffic between.", "Configure a `router`.";
    NotReady = "not_ready", Refused, "The other slot holds nothing that the gate found healthy.", "Deploy something there: `lastgood deploy`.";
    MayServe = "may_serve", Refused, "The router gives traffic to the slot that was to be changed or emptied, or could not be asked.", "See how it shares the traffic: `lastgood status`.";
    NoCleanup = "no_cleanup", Refused, "A driver cannot stop what it started at the slot.", "Give the driver a way to stop it, or leave the slot as it is.";
    DependencyConflict = "dependency_conflict", Refused, "A service would run beside a version of another that it does not work with.", "Move both: `--with-dependents`, or another target with `--to`.";
    ArtifactMissing = "artifact_missing", Refused, "What would be brought is not there any more.", "Put it back where the driver looks for it, or name another target with `--to`.";
    TargetUnknown = "target_unknown", Refused, "No deployment, tag, restore point or version bears that name.", "Choose one from `lastgood history`.";
    Ambiguous = "ambiguous", Refused, "Two deployments bear one number, so that the number alone names neither.", "Name the version or the tag, or deploy once to go on counting.";
    NotSwitched = "not_switched", Unhealthy, "What was brought to the idle slot is not good; all traffic is where it was.", "See the checks, mend it and deploy again.";
    NotAsked = "not_asked", Unhealthy, "The gate failed, and nobody asked for a rollback.", "Roll back with `lastgood rollback --reason TEXT`.";
    NoTarget = "no_target", Unhealthy, "The gate failed, and there is no stable deployment to go back to.", "Deploy a repair, or name a target: `lastgood rollback --to N`.";
    OutsideWindow = "outside_window", Unhealthy, "The gate failed, and the deployment is older than `rollback.within`.", "Look for another cause; roll back by hand if it is the version.";
    Flapping = "flapping", Unhealthy, "The gate failed, and `rollback.limit` automatic rollbacks were made already.", "Find out why before rolling back by hand.";
    Cooldown = "cooldown", Unhealthy, "The gate failed, and the last automatic rollback is younger than `rollback.cooldown`.", "Find out why before rolling back by hand.";
    Held = "held", Unhealthy, "The gate failed, and the configuration says to hold.", "Roll back with `lastgood rollback --reason TEXT`.";
    LockedRollback = "locked", Unhealthy, "The gate failed, and a person keeps lastgood from rolling back.", "Ask who holds the lock, or roll back by hand.";
    Unchanged = "unchanged", Unhealthy, "The gate failed, and the deployment changed no version: the version is not what broke.", "Look at what the services depend on.";
    FailedBefore = "failed_before", Unhealthy, "The gate failed, by checks alone that failed before the deployment too.", "Mend what they look at; roll back by hand if it is the version.";
    NoDriver = "no_driver", Unhealthy, "The gate failed, and nothing says how to bring a version back.", "Configure a driver, or give one: `lastgood rollback --reason TEXT -- COMMAND`.";
    QuarantinedTarget = "quarantined_target", Unhealthy, "The gate failed, and every stable deployment holds a quarantined version.", "Lift one with `lastgood mark N good`, or deploy a repair.";
    UnreachableTarget = "target_not_reachable", Unhealthy, "The gate failed, and the last stable deployment is not part of the branches of `safety.target`.", "Look at who recorded it; deploy a repair, or go back by hand.";
    UntaggedTarget = "target_not_tagged", Unhealthy, "The gate failed, and the `deploy` tag of the last stable deployment is missing or says something else.", "Look at who recorded it; deploy a repair, or go back by hand.";
    RolledBack = "rolled_back", RolledBack, "The gate failed, and the environment is back on a stable deployment.", "Find out what was wrong with the version that was fled.";
    RollbackFailed = "rollback_failed", NeedsHelp, "The rollback moved nothing.", "Mend the driver, then `lastgood rollback` again.";
    RouterFailed = "router_failed", NeedsHelp, "The router did not share the traffic as it was told.", "See how it shares it: `lastgood status`; mend it, then try again.";
    PutBack = "put_back", NeedsHelp, "One service could not be moved, so all were put back to what they ran before.", "Mend the driver, then do again what was asked.";
    NotEmptied = "not_emptied", NeedsHelp, "A service at the slot could not be stopped, so that it is not known what the slot holds.", "Mend the driver, then `lastgood switch --cleanup` again, or deploy over it.";
    RollbackPartial = "rollback_partial", NeedsHelp, "Some services were rolled back and some were not.", "Mend the driver, then `lastgood resume` moves what is left.";
    RollbackUnproven = "rollback_unproven", NeedsHelp, "The services were moved, and the gate did not find them healthy.", "Look at the services; `lastgood rollback --to N` goes further back, `lastgood cancel` to what was fled.";
    RolledBackSick = "rolled_back_sick", NeedsHelp, "A deployment that a rollback made is sick; lastgood never rolls back a rollback by itself.", "Go further back by hand: `lastgood rollback --to N --reason TEXT`.";
    DeployFailed = "deploy_failed", NeedsHelp, "The driver failed, and what it had done was not undone.", "Mend the driver and deploy again, or `lastgood rollback --reason TEXT`.";
    RollForwardSick = "roll_forward_sick", NeedsHelp, "What was rolled forward is sick.", "Go back by hand: `lastgood rollback --reason TEXT`.";
    Overtaken = "overtaken", NeedsHelp, "Another run took over, or something newer was deployed.", "See `lastgood status`.";
    NotPermitted = "not_permitted", Refused, "Whoever asked may not.", "Ask someone who may.";
    NeedsApproval = "needs_approval", Refused, "Somebody else must approve.", "Ask for the approval.";
    CommentChanged = "comment_changed", Refused, "The comment is gone, or no longer says what it said when it was written.", "Write a new comment.";
    NotDefaultBranch = "not_default_branch", Refused, "What is checked out, or its configuration, is not the default branch's.", "Check out the default branch in the job that handles comments, then write a new comment.";
    BadCommand = "bad_command", Refused, "The comment is nearly a command, and none.", "Write it as the reply shows.";
    RequestUnknown = "request_unknown", Refused, "Nobody asked for anything by that id.", "See the requests in `lastgood status`.";
    RequestOver = "request_over", Refused, "The request was carried out, withdrawn, or nobody approved it in time.", "Ask again, if it is still wanted.";
    RequestVoid = "request_void", Refused, "The environment has moved since it was asked for, so that another plan would be carried out.", "Ask again, if it is still wanted.";
    Locked = "locked", Refused, "A person keeps others out of the environment.", "Ask who holds the lock, or `lastgood unlock`.";
    RefusedBusy = "busy", Refused, "Another operation of the environment is open.", "Wait for it to end, or `lastgood resume` if its run is gone.";
    RefusedInterrupted = "interrupted", Refused, "An operation of the environment was left in the middle.", "Finish it: `lastgood resume`.";
    Quarantined = "quarantined", Refused, "That version was rolled back from in this environment.", "Deploy a repair, lift it with `lastgood mark N good`, or `--force --reason`.";
    RefusedSuperseded = "superseded", Refused, "A newer deployment stands; this run is an old one.", "Start a new run.";
    TargetNotStable = "target_not_stable", Refused, "The target was never found good, or is good no longer.", "Choose a stable one from `lastgood history`, or `--force --reason`.";
    TargetNotReachable = "target_not_reachable", Refused, "A commit of the target is not part of the branches of `safety.target`, or nobody could tell.", "Look at who recorded it; choose another target, or `--force --reason`.";
    TargetNotTagged = "target_not_tagged", Refused, "The target's `deploy` tag is missing or says something else than the ledger.", "Look at who recorded it with `lastgood doctor`; choose another target, or `--force --reason`.";
    NoStableTarget = "no_target", Refused, "There is no stable deployment to go back to.", "Name a target: `lastgood rollback --to N`.";
    ServiceGone = "service_gone", Refused, "The configuration no longer has a service of the target.", "Say what it is called now with `was: [old-name]`.";
    UncertainState = "uncertain_state", Refused, "It is not known what some service runs.", "Deploy or roll back that service by hand.";
    NotCurrent = "not_current", Refused, "The rollback is not the current deployment any more.", "Deploy the version that is wanted.";
    HeldBack = "held", Inconclusive, "The policy of `verify.decide` says to hold; nothing was marked or undone.", "Ask whoever answers for the policy, or `lastgood mark N good`.";
    NoData = "no_data", Inconclusive, "The gate looked and could not tell.", "Run it again, or look at the checks.";
    ChecksBroken = "checks_broken", Inconclusive, "The instruments are broken.", "Mend the checks.";
    Superseded = "superseded", Inconclusive, "A service no longer runs the version that was judged; nothing was marked or undone.", "Verify what runs now.";
    Busy = "busy", Inconclusive, "Another operation of the environment is open; nothing was judged.", "Run it again when that is over.";
    Interrupted = "interrupted", Inconclusive, "An operation was left in the middle; nothing was judged.", "Finish it: `lastgood resume`.";
    Drift = "drift", Inconclusive, "Another version answers than the ledger says; nothing was undone.", "Record what runs, or deploy what should.";
    Unsettled = "unsettled", Inconclusive, "Two histories met, or a service's version is unknown; nothing was undone.", "See `lastgood status`, then deploy or roll back by hand.";
    Unreachable = "unreachable", Unreachable, "The remote could not be read or written; nothing was done.", "Run it again when the remote is back.";
    NotRecorded = "not_recorded", Unreachable, "It was done, and could not be written down; the result lies in the file that is named.", "Run `lastgood resume` when the remote is back.";
}

/// How a command ended, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Why.
    pub reason: Reason,
    /// One sentence about this very case.
    pub message: String,
    /// What to type next.
    pub next: String,
}

impl Ending {
    /// Returns an ending whose next move is the reason's own.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), next: reason.next().to_owned() }
    }

    /// Replaces the next move by one for this very case.
    #[must_use]
    pub fn next(self, next: impl Into<String>) -> Self {
        Self { next: next.into(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_stands_once_for_each_way_to_end() {
        let codes: BTreeSet<_> = Reason::ALL
            .iter()
            .map(|reason| (reason.outcome().exit_code(), reason.code()))
            .collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }

    #[test]
    fn each_outcome_has_its_exit_code_and_its_word() {
        use Outcome::{
            Failed, Inconclusive, Invalid, NeedsHelp, Ok, Refused, RolledBack, Unhealthy,
            Unreachable,
        };
        let all = [
            (Ok, 0, "ok"),
            (Failed, 1, "failed"),
            (Invalid, 2, "invalid"),
            (Unhealthy, 3, "unhealthy"),
            (RolledBack, 4, "rolled_back"),
            (NeedsHelp, 5, "needs_help"),
            (Refused, 6, "refused"),
            (Inconclusive, 7, "inconclusive"),
            (Unreachable, 8, "unreachable"),
        ];
        for (outcome, code, word) in all {
            assert_eq!((outcome.exit_code(), outcome.as_str()), (code, word));
            assert_eq!(serde_json::to_value(outcome).unwrap(), word, "JSON has the same word");
        }
    }
}
