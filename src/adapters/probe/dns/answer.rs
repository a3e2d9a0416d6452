//! Judges what a name server answered.

use std::time::Duration;

use hickory_proto::op::Message;

use super::exchange::Answer;
use super::record::Line;
use super::{Rcode, Settings};
use crate::domain::check::{Measurement, Timing};
use crate::domain::duration::Span;

/// Holds an answer against the settings.
pub(super) fn judge(settings: &Settings, answer: &Answer, took: Duration) -> Measurement {
    let Answer { server, message } = answer;
    let rcode = Rcode::name(message.metadata.response_code);
    let complaint = code(settings, server, message).or_else(|| sections(settings, message));
    let seen = complaint.unwrap_or_else(|| {
        let millis = took.as_millis().max(1).try_into().unwrap_or(u64::MAX);
        let (records, time) = (records(message), Span::millis(millis));
        Measurement::pass(format!("`{server}` answered {rcode}, {records}, in {time}"))
            .judged(&rcode, &demanded(settings))
    });
    seen.timed(vec![Timing::new("processing", took)])
}

fn code(settings: &Settings, server: &str, message: &Message) -> Option<Measurement> {
    let code = message.metadata.response_code;
    let wanted = settings.rcodes.iter().any(|rcode| rcode.get() == code);
    let (name, rcode, demanded) = (&settings.name, Rcode::name(code), demanded(settings));
    (!wanted).then(|| {
        Measurement::fail(format!("`{server}` answered {rcode} to `{name}`, not {demanded}"))
            .judged(&rcode, &demanded)
    })
}

fn sections(settings: &Settings, message: &Message) -> Option<Measurement> {
    let sections = [
        ("answer", &settings.answer, &message.answers),
        ("authority", &settings.authority, &message.authorities),
        ("additional", &settings.additional, &message.additionals),
    ];
    sections.into_iter().find_map(|(name, rules, records)| {
        let lines: Vec<_> = records.iter().map(Line::of).collect();
        let complaint = rules.complaint(&lines)?;
        let message = format!("the {name} section {}", complaint.message);
        Some(Measurement::fail(message).judged(&complaint.value, &complaint.limit))
    })
}

fn demanded(settings: &Settings) -> String {
    let codes: Vec<_> = settings.rcodes.iter().map(ToString::to_string).collect();
    codes.join(", ")
}

fn records(message: &Message) -> String {
    match message.answers.len() {
        1 => "1 record".to_owned(),
        count => format!("{count} records"),
    }
}
