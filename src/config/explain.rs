//! Shows mistakes as a person reads them: line, mark, meaning.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::mistake::{Finding, Mistake, Mistakes};
use super::{place, veil};
use crate::domain::text::is_unprintable;
use crate::error::Error;

/// Reports are read in logs that do not wrap.
const WIDTH: usize = 120;
/// Past so many the rest is counted.
const MOST: usize = 50;

/// Makes one error of all that was found in a file, and shows nothing of the secrets in it.
pub(super) fn error(
    file: &str,
    text: &str,
    mut findings: Vec<Finding>,
    secrets: &[Range<usize>],
) -> Error {
    findings.sort_by_key(|finding| (finding.place.start, finding.place.end));
    findings.dedup();
    let seen = veil::over(text, secrets);
    let shown = findings.iter().take(MOST).map(|finding| report(file, &seen, finding));
    let mut report = shown.collect::<Vec<_>>().join("\n\n");
    if findings.len() > MOST {
        // Writing to a text cannot fail.
        let _ = write!(report, "\n\nand {} more", findings.len() - MOST);
    }
    let mistakes = findings.into_iter().map(|finding| mistake(file, text, finding)).collect();
    Error::invalid(report).because(Mistakes(mistakes))
}

fn mistake(file: &str, text: &str, finding: Finding) -> Mistake {
    let (line, column) = place::line_column(text, finding.place.start);
    Mistake { file: file.to_owned(), line, column, message: finding.message, hint: finding.hint }
}

fn report(file: &str, text: &str, finding: &Finding) -> String {
    let excerpt = Excerpt::of(text, &finding.place);
    let snippet = Snippet::source(excerpt.text)
        .path(file)
        .line_start(excerpt.line)
        .annotation(AnnotationKind::Primary.span(excerpt.mark));
    let mut group =
        Group::with_title(Level::ERROR.no_name().primary_title(&finding.message)).element(snippet);
    if let Some(hint) = &finding.hint {
        group = group.element(Level::HELP.message(hint));
    }
    let renderer = Renderer::plain().decor_style(DecorStyle::Ascii).term_width(WIDTH);
    renderer.render(&[group])
}

/// The line of a mistake, with the part of it that is marked.
struct Excerpt {
    text: String,
    line: usize,
    mark: Range<usize>,
}

impl Excerpt {
    fn of(text: &str, place: &Range<usize>) -> Self {
        let place = place::within(text, place.clone());
        let start = text[..place.start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[place.start..].find('\n').map_or(text.len(), |end| place.start + end);
        let end = start + text[start..end].trim_end().len();
        let (line, _) = place::line_column(text, place.start);
        let mark =
            place.start.min(end) - start..place.end.min(end).max(place.start.min(end)) - start;
        Self { text: harmless(&text[start..end]), line, mark }
    }
}

/// Replaces what could steer a terminal, byte for byte, so that marks stay where they are.
fn harmless(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => out.push(' '),
            c if is_unprintable(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}
