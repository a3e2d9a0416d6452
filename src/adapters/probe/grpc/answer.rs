//! Judges what a server said of its health.

use std::time::Duration;

use tonic::metadata::MetadataMap;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;

use super::super::identity::Identity;
use super::exchange::Answer;
use super::{ExpectVersion, Settings};
use crate::domain::check::{Answered, Measurement, Reach, Timing};
use crate::domain::duration::Span;
use crate::domain::version::Version;

const SERVING: &str = "SERVING";

/// Holds an answer against the settings.
pub(super) fn judge(
    settings: &Settings,
    answer: Answer,
    took: Duration,
    expected: Option<&Version>,
) -> Measurement {
    let seen = match answer {
        Ok(answer) => {
            let identity = identity(settings, answer.metadata(), expected);
            let status = answer.get_ref().status;
            told(settings, status, took, &identity).answered_by(identity.answered)
        }
        Err(status) => refused(settings, &status, took),
    };
    seen.timed(vec![Timing::new("processing", took)])
}

/// Returns the measurement of a server that gave no answer in time.
pub(super) fn late(address: &str, timeout: Duration) -> Measurement {
    let time = Span::from(timeout);
    Measurement::unreached(Reach::Direct, format!("`{address}` gave no answer within `{time}`"))
}

fn identity(settings: &Settings, told: &MetadataMap, expected: Option<&Version>) -> Identity {
    let Some(ExpectVersion::Metadata(key)) = &settings.expect_version else {
        return Identity::unasked();
    };
    Identity::of(told.get(key.as_str()).and_then(|value| value.to_str().ok()), expected)
}

fn told(settings: &Settings, status: i32, took: Duration, identity: &Identity) -> Measurement {
    if let (Answered::Other(_), Some(complaint)) = (&identity.answered, &identity.complaint) {
        return Measurement::fail(complaint);
    }
    let name = match ServingStatus::try_from(status) {
        Ok(status) => status.as_str_name().to_owned(),
        Err(_) => format!("status {status}"),
    };
    if name != SERVING {
        return Measurement::fail(format!("{} answered {name}", subject(settings)))
            .judged(&name, SERVING);
    }
    if let Some(complaint) = &identity.complaint {
        return Measurement::fail(complaint);
    }
    let time = Span::millis(took.as_millis().max(1).try_into().unwrap_or(u64::MAX));
    Measurement::pass(format!("{SERVING} in {time}")).judged(SERVING, SERVING)
}

fn refused(settings: &Settings, status: &Status, took: Duration) -> Measurement {
    let subject = subject(settings);
    if let Some(cause) = cause_of(status) {
        return match status.code() {
            Code::Cancelled | Code::DeadlineExceeded => late(&settings.address.to_string(), took),
            _ => Measurement::fail(format!("{subject} did not answer in gRPC: {cause}")),
        };
    }
    let (code, said) = (format!("{:?}", status.code()), status.message());
    let complaint = match status.code() {
        Code::Unimplemented => format!("{subject} does not speak the health protocol: {said}"),
        Code::NotFound => format!("{subject} is not known there: {said}"),
        _ => format!("{subject} answered {code}: {said}"),
    };
    let complaint = complaint.strip_suffix(": ").unwrap_or(&complaint).to_owned();
    Measurement::fail(complaint).judged(&code, SERVING)
}

/// Returns why there was no status at all; a status that the server sent has no cause here.
fn cause_of(status: &Status) -> Option<String> {
    let mut deepest = std::error::Error::source(status)?;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    Some(deepest.to_string())
}

fn subject(settings: &Settings) -> String {
    let Settings { address, service, .. } = settings;
    if service.is_empty() { format!("`{address}`") } else { format!("`{service}` at `{address}`") }
}
