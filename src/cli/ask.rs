//! Turns what was asked into a call of its flow.

use jiff::{SignedDuration, Timestamp};

use super::args::{DryArgs, InsistArgs, Verb, VersionArgs};
use super::moment::When;
use super::verbs::{
    ApproveArgs, BeginArgs, CancelArgs, DeployArgs, HistoryArgs, LockArgs, MarkArgs, MarkWord,
    PruneArgs, RecordArgs, ResumeArgs, RollbackArgs, ShowArgs, StrategyArg, SwitchArgs, UnlockArgs,
    VerifyArgs,
};
use super::versions;
use crate::adapters::git::leftovers;
use crate::domain::admission::Insistence;
use crate::domain::archive::Extent;
use crate::domain::decision::Recovery;
use crate::domain::ending::{Ending, Reason};
use crate::domain::event::{Act, LockScope, Locked, Trigger, Unity};
use crate::domain::ids::OperationId;
use crate::domain::names::{Commit, PointName, Service};
use crate::domain::outcome::Outcome;
use crate::domain::target::{Scope, Wanted};
use crate::domain::version::Versions;
use crate::error::{Error, Result};
use crate::flow::begin::BeginOrder;
use crate::flow::cancel::CancelOrder;
use crate::flow::clean::CleanOrder;
use crate::flow::halt::{Halt, Step};
use crate::flow::mark::Mark;
use crate::flow::order::{Blame, Dependents, RollbackOrder};
use crate::flow::read::{Depth, Detail};
use crate::flow::resume::Ways;
use crate::flow::switch::SwitchOrder;
use crate::flow::verify::VerifyOrder;
use crate::wire::Wired;

/// Does what was asked of an environment.
pub async fn ask(wired: &Wired, verb: Verb) -> Step<Outcome> {
    let desk = &wired.desk;
    match verb {
        Verb::Begin(args) => begin(wired, &args).await,
        Verb::Record(args) => record(wired, &args).await,
        Verb::Verify(args) => verify(wired, args).await,
        Verb::Deploy(args) => deploy(wired, &args).await,
        Verb::Rollback(args) => rollback(wired, args).await,
        Verb::Approve(args) => approve(wired, &args).await,
        Verb::Cancel(args) => cancel(wired, args).await,
        Verb::Switch(args) => Box::pin(switch(wired, args)).await,
        Verb::Resume(args) => resume(wired, &args).await,
        Verb::Status => desk.status().await,
        Verb::History(args) => history(wired, &args).await,
        Verb::Show(args) => show(wired, &args).await,
        Verb::Mark(args) => mark(wired, args).await,
        Verb::Lock(args) => lock(wired, args).await,
        Verb::Unlock(args) => unlock(wired, args).await,
        Verb::Prune(args) => prune(wired, &args).await,
        Verb::Check(_)
        | Verb::Comment(_)
        | Verb::Matrix
        | Verb::Init(_)
        | Verb::Doctor
        | Verb::Config(_)
        | Verb::Demo(_)
        | Verb::Completions(_)
        | Verb::Action(_) => Err(Error::failed("this verb is about no single environment").into()),
    }
}

async fn begin(wired: &Wired, args: &BeginArgs) -> Step<Outcome> {
    let order = begin_order(wired, &args.versions, &args.insist, Act::HandedOver).await?;
    if args.dry.dry_run {
        return wired.desk.plan_begin(&order).await;
    }
    wired.desk.begin(&order).await
}

async fn begin_order(
    wired: &Wired,
    args: &VersionArgs,
    insist: &InsistArgs,
    act: Act,
) -> Result<BeginOrder> {
    let insistence = insistence(insist)?;
    let commit = commit(wired, args.commit.as_deref()).await?;
    let versions = named(wired, args, commit.as_ref())?;
    if act == Act::Driven && versions.is_empty() {
        return Err(Error::invalid("no version was given")
            .hint("lastgood deploy --version V, or --service NAME=V"));
    }
    let reason = said(insist.reason.clone());
    let (strategy, unity) = (None, Unity::Each);
    Ok(BeginOrder { versions, commit, reason, insistence, act, strategy, unity })
}

fn named(wired: &Wired, args: &VersionArgs, commit: Option<&Commit>) -> Result<Versions> {
    versions::read(args, commit, &wired.folder, &wired.services)
}

/// Returns the commit given, else `HEAD` where there is a repository.
async fn commit(wired: &Wired, given: Option<&str>) -> Result<Option<Commit>> {
    match (given, &wired.source) {
        (Some(revision), Some(source)) => match source.commit(revision).await? {
            Some(commit) => Ok(Some(commit)),
            None => full_id(revision).map(Some),
        },
        (Some(revision), None) => full_id(revision).map(Some),
        (None, Some(source)) => source.commit("HEAD").await,
        (None, None) => Ok(None),
    }
}

fn full_id(revision: &str) -> Result<Commit> {
    Commit::new(revision).map_err(|why| {
        Error::invalid(format!("could not find the commit of --commit: {why}"))
            .hint("give the full id of a commit that is not in this clone")
    })
}

fn insistence(args: &InsistArgs) -> Result<Insistence> {
    match (args.force, said(args.reason.clone())) {
        (false, _) => Ok(Insistence::None),
        (true, Some(_)) => Ok(Insistence::Forced),
        (true, None) => Err(Error::invalid("--force needs --reason").hint("--reason TEXT")),
    }
}

async fn record(wired: &Wired, args: &RecordArgs) -> Step<Outcome> {
    let forced = insistence(&args.insist)? == Insistence::Forced;
    let commit = commit(wired, args.versions.commit.as_deref()).await?;
    let versions = named(wired, &args.versions, commit.as_ref())?;
    let mut order = wired.desk.record_order(versions, commit);
    order.reason = said(args.insist.reason.clone());
    order.forced = forced;
    order.closes = args.operation.as_deref().map(operation).transpose()?;
    if args.dry.dry_run {
        return wired.desk.plan_record(&order).await;
    }
    wired.desk.record(&order).await
}

fn operation(text: &str) -> Result<OperationId> {
    text.parse().map_err(|_| {
        let shown = crate::domain::text::clean(text, 40);
        Error::invalid(format!("--operation `{shown}` is no operation's id"))
            .hint("`begin` and `rollback --handover` tell it as `id`")
    })
}

fn scope(services: &[String]) -> Result<Scope> {
    if services.is_empty() {
        return Ok(Scope::All);
    }
    let named: Result<_, _> = services.iter().map(|name| Service::new(name.as_str())).collect();
    Ok(Scope::Only(named.map_err(|why| Error::invalid(why.to_string()))?))
}

async fn verify(wired: &Wired, args: VerifyArgs) -> Step<Outcome> {
    if wired.desk.ports.checks.is_empty() {
        return Err(no_check().into());
    }
    if args.rehearse {
        return wired.desk.rehearse().await;
    }
    let order = VerifyOrder {
        deployment: args.deployment,
        scope: scope(&args.service)?,
        recovery: if args.auto_rollback { Recovery::Automatic } else { Recovery::Report },
        watch: args.watch.map(Into::into),
        reason: said(args.reason),
    };
    if args.dry.dry_run {
        return wired.desk.plan_verify(&order).await;
    }
    wired.desk.verify(&order).await
}

fn no_check() -> Error {
    Error::invalid("there is no check that could fail")
        .hint("lastgood verify --http URL")
        .hint("or configure `checks` in lastgood.yml: lastgood init writes one")
}

async fn deploy(wired: &Wired, args: &DeployArgs) -> Step<Outcome> {
    let order = begin_order(wired, &args.versions, &args.insist, Act::Driven).await?;
    let order = BeginOrder { strategy: args.moves.strategy(), unity: args.moves.unity(), ..order };
    if args.dry.dry_run {
        return wired.desk.plan_deploy(&order).await;
    }
    Box::pin(wired.desk.deploy(&order)).await
}

async fn switch(wired: &Wired, args: SwitchArgs) -> Step<Outcome> {
    if args.cleanup {
        let order = CleanOrder { reason: said(args.insist.reason) };
        if args.dry.dry_run {
            return wired.desk.plan_clean(&order).await;
        }
        return wired.desk.clean(&order).await;
    }
    let order = SwitchOrder {
        insistence: insistence(&args.insist)?,
        reason: said(args.insist.reason),
        strategy: args.strategy.map(StrategyArg::meant),
    };
    if args.dry.dry_run {
        return wired.desk.plan_switch(&order).await;
    }
    wired.desk.switch(&order).await
}

async fn rollback(wired: &Wired, args: RollbackArgs) -> Step<Outcome> {
    let order = RollbackOrder {
        wanted: args.to.map_or(Wanted::LastStable, Wanted::Named),
        scope: scope(&args.service)?,
        trigger: Trigger::Manual,
        insistence: insistence(&args.insist)?,
        reason: Some(reason(args.insist.reason, args.dry)?),
        act: if args.handover { Act::HandedOver } else { Act::Driven },
        blame: Blame::All,
        strategy: args.moves.strategy(),
        unity: args.moves.unity(),
        dependents: if args.with_dependents { Dependents::Include } else { Dependents::Refuse },
    };
    let later = args.at.map(|when| moment(wired, &when)).transpose()?;
    match later {
        _ if args.dry.dry_run => wired.desk.plan_rollback(&order).await,
        Some(time) => wired.desk.request(&order, 0, Some(time)).await,
        None => wired.desk.rollback(&order).await,
    }
}

/// Returns the moment that is meant; one that has passed is a mistake.
fn moment(wired: &Wired, when: &When) -> Result<Timestamp> {
    let now = wired.desk.now();
    let time = when
        .after(now)
        .map_err(|cause| Error::invalid("--at is further away than can be told").because(cause))?;
    if time <= now {
        return Err(Error::invalid(format!("--at {time} has passed")).hint("leave --at away"));
    }
    Ok(time)
}

async fn approve(wired: &Wired, args: &ApproveArgs) -> Step<Outcome> {
    let id = request(&args.request)?;
    if args.dry.dry_run {
        return wired.desk.plan_approve(id).await;
    }
    wired.desk.approve(id).await
}

fn request(text: &str) -> Result<OperationId> {
    text.trim().parse().map_err(|_| {
        let shown = crate::domain::text::clean(text, 40);
        Error::invalid(format!("`{shown}` is no request's id"))
            .hint("`lastgood status` tells each request with its id")
    })
}

/// Returns a reason as it may be kept; a blank one is none.
fn said(given: Option<String>) -> Option<String> {
    let given = given.filter(|reason| !reason.trim().is_empty());
    given.map(|reason| crate::domain::text::message(&reason))
}

/// A reason is required wherever a person overrides or undoes.
fn reason(given: Option<String>, dry: DryArgs) -> Result<String> {
    match said(given) {
        Some(reason) => Ok(reason),
        None if dry.dry_run => Ok(String::new()),
        None => Err(Error::invalid("it must be said why").hint("--reason TEXT")),
    }
}

async fn cancel(wired: &Wired, args: CancelArgs) -> Step<Outcome> {
    let insistence = insistence(&args.insist)?;
    let why = reason(args.insist.reason, args.dry)?;
    let order = CancelOrder { reason: Some(why.clone()), insistence };
    match args.request.as_deref().map(request).transpose()? {
        Some(id) if args.dry.dry_run => wired.desk.plan_withdraw(id).await,
        Some(id) => wired.desk.withdraw(id, Some(why)).await,
        None if args.dry.dry_run => wired.desk.plan_cancel(&order).await,
        None => wired.desk.cancel(&order).await,
    }
}

async fn resume(wired: &Wired, args: &ResumeArgs) -> Step<Outcome> {
    let ways = if args.undo { Ways::Undo } else { Ways::Finish };
    if args.dry.dry_run {
        return wired.desk.plan_resume(ways).await;
    }
    Box::pin(wired.desk.resume(ways)).await
}

async fn history(wired: &Wired, args: &HistoryArgs) -> Step<Outcome> {
    let depth = if args.all { Depth::All } else { Depth::Newest(args.limit) };
    let detail = if args.events { Detail::Events } else { Detail::Deployments };
    wired.desk.history(depth, detail).await
}

async fn show(wired: &Wired, args: &ShowArgs) -> Step<Outcome> {
    match &args.other {
        None => wired.desk.show(&args.one).await,
        Some(other) => wired.desk.between(&args.one, other).await,
    }
}

async fn mark(wired: &Wired, args: MarkArgs) -> Step<Outcome> {
    let n = args.deployment;
    let (mark, why) = match (args.mark, args.name) {
        (MarkWord::Good, None) => (Mark::Good, Some(reason(args.reason, args.dry)?)),
        (MarkWord::Bad, None) => (Mark::Bad, Some(reason(args.reason, args.dry)?)),
        (MarkWord::Name, Some(name)) => {
            let name = PointName::new(name).map_err(|why| Error::invalid(why.to_string()))?;
            (Mark::Name(name), said(args.reason))
        }
        (MarkWord::Name, None) => return Err(Error::invalid("which name?").into()),
        (MarkWord::Good | MarkWord::Bad, Some(_)) => {
            return Err(Error::invalid("a name goes with `mark N name NAME`").into());
        }
    };
    if args.dry.dry_run {
        return wired.desk.plan_mark(n, &mark).await;
    }
    wired.desk.mark(n, &mark, why).await
}

async fn lock(wired: &Wired, args: LockArgs) -> Step<Outcome> {
    let until = args.span.map(|span| {
        let time = SignedDuration::try_from(std::time::Duration::from(span));
        wired.desk.now().saturating_add(time.unwrap_or(SignedDuration::MAX))
    });
    let until = until.transpose().map_err(|cause| {
        Halt::Broke(Error::invalid("--for is longer than can be told").because(cause))
    })?;
    let scope = lock_scope(args.only_rollback);
    let reason = Some(reason(args.reason, args.dry)?);
    if args.dry.dry_run {
        return Ok(planned_lock(wired, "locked"));
    }
    wired.desk.lock(Locked { scope, reason, until }).await
}

fn planned_lock(wired: &Wired, what: &str) -> Outcome {
    let message = format!("`{}` would be {what}", wired.desk.environment);
    Outcome::ended(Ending::new(Reason::Planned, message))
}

fn lock_scope(only_rollback: bool) -> LockScope {
    if only_rollback { LockScope::Rollback } else { LockScope::All }
}

async fn unlock(wired: &Wired, args: UnlockArgs) -> Step<Outcome> {
    if args.dry.dry_run {
        return Ok(planned_lock(wired, "opened again"));
    }
    wired.desk.unlock(lock_scope(args.only_rollback), said(args.reason)).await
}

async fn prune(wired: &Wired, args: &PruneArgs) -> Step<Outcome> {
    let keep = Extent::Keep(wired.desk.policy.keep.deployments);
    let extent = if args.retire { Extent::Retire } else { keep };
    if args.dry.dry_run {
        return wired.desk.plan_prune(extent).await;
    }
    let pruned = wired.desk.prune(extent).await;
    let swept = leftovers::sweep();
    if swept > 0 {
        wired.desk.tell(format!("removed {swept} temporary folders of runs that were killed"));
    }
    pruned
}
