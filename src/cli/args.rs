//! What can be asked, as the command line spells it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::secret::Hidden;
use super::verbs::{
    ActionArgs, ApproveArgs, BeginArgs, CancelArgs, CheckArgs, CommentArgs, CompletionsArgs,
    ConfigVerb, DemoArgs, DeployArgs, HistoryArgs, InitArgs, LockArgs, MarkArgs, PruneArgs,
    RecordArgs, ResumeArgs, RollbackArgs, ShowArgs, SwitchArgs, UnlockArgs, VerifyArgs,
};
use crate::domain::duration::Span;

/// Records deployments in git, verifies them, and goes back to the last good one.
#[derive(Debug, Parser)]
#[command(name = "lastgood", version, max_term_width = 100)]
#[command(after_help = concat!(
    "Exit codes and reasons: ",
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/endings.md"
))]
pub struct Cli {
    /// What goes for every verb.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What goes for every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The repository [default: the one around the current folder]
    #[arg(long, global = true, value_name = "PATH", env = "LASTGOOD_IN_REPO")]
    pub repo: Option<PathBuf>,
    /// The remote that holds the ledger, by name or URL [default: origin, or the only one]
    #[arg(long, global = true, value_name = "NAME|URL", env = "LASTGOOD_IN_REMOTE")]
    pub remote: Option<String>,
    /// The configuration [default: lastgood.yml, .lastgood.yml or .github/lastgood.yml]
    #[arg(long, global = true, value_name = "FILE", env = "LASTGOOD_IN_CONFIG")]
    pub config: Option<PathBuf>,
    /// The environment [default: the only one that is configured]
    #[arg(short, long, global = true, value_name = "NAME", env = "LASTGOOD_IN_ENVIRONMENT")]
    pub environment: Option<String>,
    /// Also writes the checks of the gate to this file, as JUnit XML
    #[arg(long, global = true, value_name = "FILE", env = "LASTGOOD_IN_JUNIT")]
    pub junit: Option<PathBuf>,
    /// How the result is told
    #[arg(long, global = true, value_enum, default_value = "text", env = "LASTGOOD_IN_FORMAT")]
    pub format: Format,
    /// How it is told meanwhile, on stderr: for people, or as one JSON object a line
    #[arg(long, global = true, value_enum, default_value = "text", env = "LASTGOOD_IN_PROGRESS")]
    pub progress: Format,
    /// Says only the result
    #[arg(short, long, global = true, env = "LASTGOOD_IN_QUIET")]
    pub quiet: bool,
    /// Says more; twice says everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "LASTGOOD_IN_VERBOSE")]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", env = "LASTGOOD_IN_COLOR")]
    pub color: When,
    /// How long a write to the ledger is tried again
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        default_value = "5m",
        env = "LASTGOOD_IN_PATIENCE"
    )]
    pub patience: Span,
    /// Who does it [default: the CI's or git's user]
    #[arg(long, global = true, value_name = "NAME", env = "LASTGOOD_IN_ACTOR")]
    pub actor: Option<String>,
    /// The token for the remote; by environment only
    #[arg(long, global = true, hide = true, env = "LASTGOOD_IN_TOKEN", hide_env_values = true)]
    pub token: Option<Hidden>,
    /// A token that may make tags where `token` may not; by environment only
    #[arg(long, global = true, hide = true, env = "LASTGOOD_IN_TAG_TOKEN", hide_env_values = true)]
    pub tag_token: Option<Hidden>,
    /// A token that reads the members of teams, for comments; by environment only
    #[arg(
        long,
        global = true,
        hide = true,
        env = "LASTGOOD_IN_TEAM_TOKEN",
        hide_env_values = true
    )]
    pub team_token: Option<Hidden>,
}

/// How the result is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document on stdout, and nothing else there
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Opens a deployment that other steps will make
    Begin(BeginArgs),
    /// Writes down a deployment that other steps made
    Record(RecordArgs),
    /// Runs the gate and marks stable, or goes back
    Verify(VerifyArgs),
    /// Drives a deployment, records it and verifies it
    Deploy(DeployArgs),
    /// Runs the gate of a file, with no ledger and no environment
    Check(CheckArgs),
    /// Returns to the last stable deployment, or to the one named
    Rollback(RollbackArgs),
    /// Approves what another asked for, and carries it out when nothing is missing any more
    Approve(ApproveArgs),
    /// Undoes the last rollback
    Cancel(CancelArgs),
    /// Moves the traffic to the other slot, which must be ready
    Switch(SwitchArgs),
    /// Finishes or undoes what an interrupted run left
    Resume(ResumeArgs),
    /// Tells what is good now and how we know
    Status,
    /// Lists the deployments, newest first
    History(HistoryArgs),
    /// Tells one deployment, or what changed between two
    Show(ShowArgs),
    /// Says of a deployment that it is good or bad, or names it
    Mark(MarkArgs),
    /// Keeps others out of an environment
    Lock(LockArgs),
    /// Lets others in again
    Unlock(UnlockArgs),
    /// Moves old events to the archive and removes old tags
    Prune(PruneArgs),
    /// Does what a comment on a pull request or issue asks for
    Comment(CommentArgs),
    /// Lists environments and services as a job matrix
    Matrix,
    /// Writes a configuration and a workflow for this repository
    Init(InitArgs),
    /// Finds out what is wrong
    Doctor,
    /// Checks, shows and describes the configuration
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Shows the whole story in a temporary folder
    Demo(DemoArgs),
    /// Prints completions for a shell
    Completions(CompletionsArgs),
    /// Does what a step of the Action asks for
    #[command(hide = true)]
    Action(ActionArgs),
}

/// The versions that a deployment brings.
#[derive(Debug, Clone, Default, Args)]
pub struct VersionArgs {
    /// A service and its version; can be repeated
    #[arg(long, value_name = "NAME=VERSION", env = "LASTGOOD_IN_SERVICES", value_delimiter = '\n')]
    #[arg(visible_alias = "service")]
    pub services: Vec<String>,
    /// The version, of an environment with one service
    #[arg(long, value_name = "V", env = "LASTGOOD_IN_VERSION")]
    pub version: Option<String>,
    /// The commit it was built from [default: HEAD]
    #[arg(long, value_name = "REV", env = "LASTGOOD_IN_COMMIT")]
    pub commit: Option<String>,
    /// The image; `NAME=IMAGE` where there are several services
    #[arg(long, value_name = "IMAGE", env = "LASTGOOD_IN_IMAGE", value_delimiter = '\n')]
    pub image: Vec<String>,
    /// The replicas; `NAME=COUNT` where there are several services
    #[arg(long, value_name = "COUNT", env = "LASTGOOD_IN_REPLICAS", value_delimiter = '\n')]
    pub replicas: Vec<String>,
    /// The file it is configured by, of which path and sha256 are kept; `NAME=FILE` for several
    #[arg(long, value_name = "FILE", env = "LASTGOOD_IN_CONFIG_FILE", value_delimiter = '\n')]
    pub config_file: Vec<String>,
}

/// Why, and whether a person insists.
#[derive(Debug, Clone, Default, Args)]
pub struct InsistArgs {
    /// Why
    #[arg(long, value_name = "TEXT", env = "LASTGOOD_IN_REASON")]
    pub reason: Option<String>,
    /// Goes on where a rule stands against it; needs --reason
    #[arg(long)]
    pub force: bool,
}

/// Checks given on the command line, and the command that drives.
#[derive(Debug, Clone, Default, Args)]
pub struct OnceArgs {
    /// A URL that must answer well; can be repeated
    #[arg(long, value_name = "URL", env = "LASTGOOD_IN_HTTP", value_delimiter = '\n')]
    pub http: Vec<String>,
    /// Where the answer to --http names its version, such as `.version`
    #[arg(long, value_name = "JSON-PATH", env = "LASTGOOD_IN_EXPECT_VERSION")]
    pub expect_version: Option<String>,
    /// An address that must accept a connection; can be repeated
    #[arg(long, value_name = "HOST:PORT", env = "LASTGOOD_IN_TCP", value_delimiter = '\n')]
    pub tcp: Vec<String>,
    /// How long --http and --tcp wait until it is healthy [default: 2m]
    #[arg(long, value_name = "DURATION", env = "LASTGOOD_IN_DEADLINE")]
    pub deadline: Option<Span>,
    /// A file of more checks, for this once
    #[arg(long = "check", value_name = "FILE", env = "LASTGOOD_IN_CHECK")]
    pub check_file: Option<PathBuf>,
    /// The command that brings a service to a version, for this once
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Whether a change is only shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct DryArgs {
    /// Shows what would be done and does nothing
    #[arg(long, env = "LASTGOOD_IN_DRY_RUN")]
    pub dry_run: bool,
}
