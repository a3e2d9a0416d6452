//! Where words go: results to stdout, progress to stderr.

use std::io::Write as _;
use std::sync::Arc;

use super::args::{Format, Global, When};
use super::events::Events;
use super::live::Live;
use crate::adapters::driver::Sink;
use crate::config::Mistake;
use crate::domain::outcome::{Context, Outcome};
use crate::domain::text;
use crate::error::Error;
use crate::ports::Progress;
use crate::report;
use crate::report::text::Detail;

/// How much is said, and how.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    format: Format,
    progress: Format,
    color: When,
    quiet: bool,
    detail: Detail,
}

/// The longest line of progress.
pub(super) const LONGEST: usize = 500;

struct Stderr {
    quiet: bool,
}

impl Progress for Stderr {
    fn tell(&self, line: &str) {
        if !self.quiet {
            say(&text::clean(line, LONGEST));
        }
    }
}

/// Nobody is left to tell where stderr is gone.
pub(super) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

impl Voice {
    /// Takes how the command line wants to be spoken to.
    pub fn new(global: &Global) -> Self {
        let detail = if global.verbose > 0 { Detail::Full } else { Detail::Short };
        let progress = global.progress;
        Self { format: global.format, progress, color: global.color, quiet: global.quiet, detail }
    }

    /// Returns who is told of progress.
    pub fn progress(self) -> Arc<dyn Progress> {
        // A CI system's log may pass for a terminal, and keeps every line that is drawn over.
        let is_log = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        if self.progress == Format::Json {
            return Arc::new(Events);
        }
        match Live::on_stderr() {
            Some(live) if !self.quiet && !is_log => Arc::new(live),
            Some(_) | None => Arc::new(Stderr { quiet: self.quiet }),
        }
    }

    /// Returns where the output of drivers goes, line by line and harmless.
    pub fn sink(self) -> Sink {
        let (quiet, json) = (self.quiet, self.progress == Format::Json);
        Arc::new(move |line: &str| {
            if json {
                Events::say(&serde_json::json!({"event": "output", "line": line}));
            } else if !quiet {
                let _ = writeln!(anstream::stderr(), "{line}");
            }
        })
    }

    /// Prints a JSON document.
    pub fn document(document: &serde_json::Value) {
        print(&report::json::render(document));
    }

    /// Writes a workflow command, which has been escaped and must arrive as it is.
    pub fn annotate(line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Tells how a command ended.
    pub fn outcome(self, context: &Context, outcome: &Outcome) {
        let told = match self.format {
            Format::Json => report::json::render(&report::json::document(context, outcome)),
            Format::Text => report::text::outcome(context, outcome, &self.screen()),
        };
        print(&told);
    }

    /// Tells that something broke.
    pub fn error(self, context: &Context, error: &Error) {
        match self.format {
            Format::Json => {
                print(&report::json::render(&report::json::error_document(context, error)));
            }
            Format::Text => {
                let told = report::text::error(error, self.palette());
                let _ = write!(anstream::stderr(), "{told}");
            }
        }
    }

    /// Tells all mistakes of a configuration and returns the exit code.
    pub fn mistakes(self, context: &Context, error: &Error, mistakes: &[Mistake]) -> u8 {
        match self.format {
            Format::Text => self.error(context, error),
            Format::Json => {
                let mut document = report::json::error_document(context, error);
                document["mistakes"] = serde_json::to_value(mistakes).unwrap_or_default();
                print(&report::json::render(&document));
            }
        }
        super::run::exit_code(error.kind())
    }

    /// Prints a document that is no outcome: a schema, completions.
    pub fn plain(text: &str) {
        print(text);
    }

    fn screen(self) -> report::text::Screen<'static> {
        let now = jiff::Timestamp::now();
        report::text::Screen { palette: self.palette(), width: width(), now, detail: self.detail }
    }

    fn palette(self) -> &'static report::text::Palette {
        match self.color {
            When::Never => &report::text::PLAIN,
            // anstream takes the colours away again where nobody can see them.
            When::Auto | When::Always => &report::text::COLOURED,
        }
    }

    /// Sets whether colours are kept for what is no terminal.
    pub fn choose_color(self) {
        let choice = match self.color {
            When::Auto => anstream::ColorChoice::Auto,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

fn print(told: &str) {
    // A reader that went away, such as `head`, is no failure of ours.
    let mut out = anstream::stdout();
    let _ = out.write_all(told.as_bytes()).and_then(|()| out.flush());
}

fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100)
}
