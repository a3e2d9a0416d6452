//! What each verb can be asked.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{DryArgs, InsistArgs, OnceArgs, VersionArgs};
use super::moment::When;
use crate::domain::duration::Span;
use crate::domain::event::Unity;
use crate::domain::policy::Strategy;

/// `begin`.
#[derive(Debug, Args)]
pub struct BeginArgs {
    /// The versions it will bring, where they are known.
    #[command(flatten)]
    pub versions: VersionArgs,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The versions it brought.
    #[command(flatten)]
    pub versions: VersionArgs,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// The operation that `begin` or `rollback --handover` opened [default: this CI run's]
    #[arg(long, value_name = "ID", env = "LASTGOOD_IN_OPERATION")]
    pub operation: Option<String>,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Goes back to the last stable deployment where the gate fails
    #[arg(long, env = "LASTGOOD_IN_AUTO_ROLLBACK")]
    pub auto_rollback: bool,
    /// Only asks the gate of what runs now; nothing is written, marked or undone
    #[arg(long, env = "LASTGOOD_IN_REHEARSE", conflicts_with_all = ["auto_rollback", "watch", "deployment", "service"])]
    pub rehearse: bool,
    /// Keeps looking for this long
    #[arg(long, value_name = "DURATION", env = "LASTGOOD_IN_WATCH")]
    pub watch: Option<Span>,
    /// The deployment to look at [default: this CI run's, else the current one]
    #[arg(long, value_name = "N", env = "LASTGOOD_IN_DEPLOYMENT")]
    pub deployment: Option<u64>,
    /// Judges this service only; can be repeated
    #[arg(long, value_name = "NAME", env = "LASTGOOD_IN_SERVICE")]
    pub service: Vec<String>,
    /// Why, for what is written
    #[arg(long, value_name = "TEXT", env = "LASTGOOD_IN_REASON")]
    pub reason: Option<String>,
    /// What is given for this once.
    #[command(flatten)]
    pub once: OnceArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// The versions it brings.
    #[command(flatten)]
    pub versions: VersionArgs,
    /// How the services are moved.
    #[command(flatten)]
    pub moves: MoveArgs,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// What is given for this once.
    #[command(flatten)]
    pub once: OnceArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// How services are moved.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// How the services are moved [default: as configured, else immediate]
    #[arg(long, value_enum, value_name = "STRATEGY", env = "LASTGOOD_IN_STRATEGY")]
    pub strategy: Option<StrategyArg>,
    /// Puts back what was moved where one service cannot be
    #[arg(long, env = "LASTGOOD_IN_ALL_OR_NOTHING")]
    pub all_or_nothing: bool,
}

/// A strategy, as the command line spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StrategyArg {
    /// Level by level of what depends on what, those of one level at the same time
    Immediate,
    /// Traffic in stages, from one slot to the other
    Gradual,
    /// In the order of what they depend on, one at a time, each one's checks before the next
    ServiceByService,
}

impl StrategyArg {
    /// Returns the strategy.
    pub fn meant(self) -> Strategy {
        match self {
            Self::Immediate => Strategy::Immediate,
            Self::Gradual => Strategy::Gradual,
            Self::ServiceByService => Strategy::ServiceByService,
        }
    }
}

impl MoveArgs {
    /// Returns the strategy, where one was named.
    pub fn strategy(&self) -> Option<Strategy> {
        self.strategy.map(StrategyArg::meant)
    }

    /// Returns what becomes of services that were moved when another could not be.
    pub fn unity(&self) -> Unity {
        if self.all_or_nothing { Unity::AllOrNothing } else { Unity::Each }
    }
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The file: `checks: […]`, as in the configuration
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The version that should answer
    #[arg(long, value_name = "V", env = "LASTGOOD_IN_VERSION")]
    pub version: Option<String>,
}

/// `rollback`.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Where to: a number, tag, restore point or version [default: the last stable deployment]
    #[arg(long, value_name = "TARGET", env = "LASTGOOD_IN_TO")]
    pub to: Option<String>,
    /// Returns this service only; can be repeated
    #[arg(long, value_name = "NAME", env = "LASTGOOD_IN_SERVICE")]
    pub service: Vec<String>,
    /// With --service: those go along that would be left beside a version that they cannot use
    #[arg(long, requires = "service", env = "LASTGOOD_IN_WITH_DEPENDENTS")]
    pub with_dependents: bool,
    /// How the services are moved.
    #[command(flatten)]
    pub moves: MoveArgs,
    /// Writes the intent and leaves the act to the next steps, which `record` closes
    #[arg(long, env = "LASTGOOD_IN_HANDOVER", conflicts_with = "command")]
    pub handover: bool,
    /// Writes it down for later; the first `verify` after this time carries it out
    #[arg(long, value_name = "TIME", env = "LASTGOOD_IN_AT", conflicts_with_all = ["command", "handover"])]
    pub at: Option<When>,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// What is given for this once.
    #[command(flatten)]
    pub once: OnceArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The request's id
    #[arg(value_name = "ID")]
    pub request: String,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `cancel`.
#[derive(Debug, Args)]
pub struct CancelArgs {
    /// Withdraws a request instead: what was asked for is never carried out
    #[arg(long, value_name = "ID", env = "LASTGOOD_IN_REQUEST", conflicts_with = "command")]
    pub request: Option<String>,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// What is given for this once.
    #[command(flatten)]
    pub once: OnceArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `switch`.
#[derive(Debug, Args)]
pub struct SwitchArgs {
    /// Empties the slot that does not serve instead: what runs there is stopped, and no traffic moves
    #[arg(long, env = "LASTGOOD_IN_CLEANUP", conflicts_with_all = ["strategy", "force"])]
    pub cleanup: bool,
    /// How the traffic is moved [default: as configured for deployments, else immediate]
    #[arg(long, value_enum, value_name = "STRATEGY", env = "LASTGOOD_IN_STRATEGY")]
    pub strategy: Option<StrategyArg>,
    /// Why, and whether a person insists.
    #[command(flatten)]
    pub insist: InsistArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Puts back what was moved instead
    #[arg(long, env = "LASTGOOD_IN_UNDO")]
    pub undo: bool,
    /// What is given for this once.
    #[command(flatten)]
    pub once: OnceArgs,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The events of each deployment too
    #[arg(long, env = "LASTGOOD_IN_EVENTS")]
    pub events: bool,
    /// How many
    #[arg(long, value_name = "COUNT", default_value_t = 20, env = "LASTGOOD_IN_LIMIT")]
    pub limit: usize,
    /// All, the archive included
    #[arg(long, env = "LASTGOOD_IN_ALL")]
    pub all: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The deployment: a number, tag, restore point or version
    #[arg(value_name = "N")]
    pub one: String,
    /// Another, to compare it with
    #[arg(value_name = "M")]
    pub other: Option<String>,
}

/// `mark`.
#[derive(Debug, Args)]
pub struct MarkArgs {
    /// The deployment's number
    #[arg(value_name = "N")]
    pub deployment: u64,
    /// What to say of it
    #[arg(value_enum)]
    pub mark: MarkWord,
    /// The name, after `name`
    #[arg(value_name = "NAME", required_if_eq("mark", "name"))]
    pub name: Option<String>,
    /// Why; needed for `good` and `bad`
    #[arg(long, value_name = "TEXT", env = "LASTGOOD_IN_REASON")]
    pub reason: Option<String>,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// What to say of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MarkWord {
    /// It is good; this lifts a quarantine
    Good,
    /// It is bad; this sets one
    Bad,
    /// Its restore point has a name
    Name,
}

/// `lock`.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// For how long [default: until `unlock`]
    #[arg(long = "for", value_name = "DURATION", env = "LASTGOOD_IN_FOR")]
    pub span: Option<Span>,
    /// Just keeps lastgood from rolling back by itself
    #[arg(long, env = "LASTGOOD_IN_ONLY_ROLLBACK")]
    pub only_rollback: bool,
    /// Why
    #[arg(long, value_name = "TEXT", env = "LASTGOOD_IN_REASON")]
    pub reason: Option<String>,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `unlock`.
#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// Lets lastgood roll back by itself again
    #[arg(long, env = "LASTGOOD_IN_ONLY_ROLLBACK")]
    pub only_rollback: bool,
    /// Why
    #[arg(long, value_name = "TEXT", env = "LASTGOOD_IN_REASON")]
    pub reason: Option<String>,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Closes the environment for good: everything moves, and its tags go
    #[arg(long, env = "LASTGOOD_IN_RETIRE")]
    pub retire: bool,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `comment`.
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// The event's payload [default: the one that set this workflow off]
    #[arg(long, value_name = "FILE", env = "LASTGOOD_IN_EVENT")]
    pub event: Option<PathBuf>,
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The health URL of the service
    #[arg(long, value_name = "URL", env = "LASTGOOD_IN_URL")]
    pub url: Option<String>,
    /// Whether it is only shown.
    #[command(flatten)]
    pub dry: DryArgs,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Finds all mistakes
    Check,
    /// Shows it as it is meant, with every default
    Show,
    /// Prints the JSON schema
    Schema,
}

/// `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leaves the folder and the service to play with
    #[arg(long, env = "LASTGOOD_IN_KEEP")]
    pub keep: bool,
    /// Serves the demo's web service from a folder, for the demo itself
    #[arg(long, hide = true, value_name = "FOLDER", env = "LASTGOOD_IN_SERVE")]
    pub serve: Option<PathBuf>,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `action`.
#[derive(Debug, Args)]
pub struct ActionArgs {
    /// The verb, or `auto`
    #[arg(long, value_name = "VERB", default_value = "auto", env = "LASTGOOD_IN_COMMAND")]
    pub command: String,
}
