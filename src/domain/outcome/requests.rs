//! What was asked for and is not done yet, told.

use jiff::Timestamp;
use serde::Serialize;

use super::super::ids::OperationId;
use super::super::names::Service;
use super::PlanLine;

/// A rollback that somebody asked for.
#[derive(Debug, Clone, Serialize)]
pub struct RequestTold {
    /// Its identity, by which it is approved or withdrawn.
    pub id: OperationId,
    /// How it stands.
    pub standing: RequestStanding,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The deployment that is to be left; the request is void once another is current.
    pub from: Option<u64>,
    /// The deployment that is to be returned to.
    pub to: Option<u64>,
    /// The services that were named; empty where all are meant.
    pub services: Vec<Service>,
    /// How many others must approve.
    pub approvals: usize,
    /// Who has.
    pub approved_by: Vec<String>,
    /// Not before this moment.
    pub not_before: Option<Timestamp>,
    /// Not after this moment.
    pub expires: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// What is to be run, in order.
    pub plan: Vec<PlanLine>,
}

/// How a request stands that can still be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestStanding {
    /// Others must approve.
    NeedsApproval,
    /// Its time has not come.
    Waiting,
    /// The next `verify` carries it out.
    Due,
}
