//! The commits that went or came, listed and linked.

use super::super::words;
use super::markdown::{code, link, prose};
use crate::domain::moved::{Between, Moved, Way};

/// Returns a section about commits that moved in the repository whose page is given.
pub(super) fn section(moved: &Moved, repository: &str) -> String {
    let title = match moved.way {
        Way::Undone => "Undone",
        Way::Redone => "Live again",
    };
    let (after, upto) = (&moved.after, &moved.upto);
    let page = format!("{repository}/compare/{after}...{upto}");
    let Some(Between { commits, total }) = &moved.between else {
        let what = format!("all after {} up to {}", after.short(), upto.short());
        return format!("\n### {title}: {}\n", link(&what, &page));
    };
    if *total == 0 {
        return String::new();
    }
    let line = |(id, subject): &(String, String)| format!("- {} {}\n", code(id), prose(subject));
    let lines: String = commits.iter().map(line).collect();
    let more = match total.saturating_sub(commits.len()) {
        0 => String::new(),
        more => format!("- and {more} more\n"),
    };
    let count = link(&words::count(*total, "commit"), &page);
    format!("\n### {title}: {count}\n\n{lines}{more}")
}
