//! What a user's command writes, made harmless line by line.

use std::sync::Arc;

use crate::adapters::process::{Channel, Finished, Listener};
use crate::adapters::secret::{Secret, masked};
use crate::domain::names::Service;
use crate::domain::text;

/// Told every line of a command's output, cleaned and with its service in front.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// The longest line that is told whole.
const LINE: usize = 2000;

/// The deepest indentation that is kept.
const INDENT: usize = 40;

/// Makes a command's output harmless.
#[derive(Clone)]
pub(super) struct Output {
    prefix: String,
    secrets: Vec<Secret>,
    sink: Sink,
}

impl Output {
    pub(super) fn new(service: &Service, secrets: Vec<Secret>, sink: Sink) -> Self {
        Self { prefix: text::clean(service.as_str(), LINE), secrets, sink }
    }

    /// Returns what the process runner tells lines to.
    ///
    /// With the service in front no line begins like a runner's command.
    pub(super) fn listener(&self) -> Listener {
        let output = self.clone();
        Arc::new(move |_: Channel, line: &str| {
            let line = format!("{} | {}", output.prefix, output.cleaned(line));
            (output.sink)(line.trim_end());
        })
    }

    /// Returns the last line that says anything: mostly it says why.
    pub(super) fn last_line(&self, finished: &Finished) -> Option<String> {
        let last = |text: String| {
            let line = text.lines().rev().map(|line| self.cleaned(line));
            line.map(|line| text::message(&line)).find(|line| !line.is_empty())
        };
        last(finished.stderr.text()).or_else(|| last(finished.stdout.text()))
    }

    fn cleaned(&self, line: &str) -> String {
        let plain = anstream::adapter::strip_str(line).to_string();
        // Of a progress display that overwrites itself, the last state is what a terminal shows.
        let shown = plain.trim_end().rsplit('\r').next().unwrap_or_default();
        let indent = shown.chars().take_while(|c| *c == ' ').count().min(INDENT);
        let masked = masked(shown, &self.secrets);
        format!("{}{}", " ".repeat(indent), text::clean(&masked, LINE))
    }
}
