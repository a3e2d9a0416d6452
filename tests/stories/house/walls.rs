//! Holds who may know whom.

use super::paths::{Named, Root, named};
use super::source::Source;

/// What any adapter may use beside its own folder.
const SHARED_ADAPTERS: [&str; 6] = ["docker", "http", "kubernetes", "process", "secret", "tls"];

/// Returns each import that falls the wrong way.
pub(super) fn broken(source: &Source) -> Vec<String> {
    if !source.is_product() {
        return Vec::new();
    }
    let inside = |found: &Named| found.root == Root::House && !found.path.is_empty();
    let all = named(source).into_iter().filter(inside);
    let wrong = all.filter(|found| !may_import(source, found));
    wrong.map(|found| source.complain(found.line, &found.path.join("::"))).collect()
}

fn may_import(source: &Source, found: &Named) -> bool {
    let to = found.path.as_slice();
    let room = to[0].as_str();
    match source.room() {
        "domain" => room == "domain",
        "error" => room == "error",
        "ports" => matches!(room, "ports" | "domain" | "error"),
        "report" => matches!(room, "report" | "domain" | "error"),
        "flow" => matches!(room, "flow" | "ports" | "domain" | "error"),
        "adapters" => adapter_may(&source.module, to),
        "config" => {
            matches!(room, "config" | "domain" | "error")
                || is_settings(to)
                || (room == "adapters"
                    && found.called.as_ref().is_some_and(|name| leads_to_settings(source, name)))
        }
        "rollback" => matches!(room, "rollback" | "ports" | "domain" | "error"),
        "blue_green" => matches!(room, "blue_green" | "rollback" | "ports" | "domain" | "error"),
        "wire" => !matches!(room, "cli" | "main"),
        "cli" | "main" => true,
        // The library's root only opens the rooms, and a room that is not on the plan is none.
        _ => false,
    }
}

fn adapter_may(module: &[String], to: &[String]) -> bool {
    match (to[0].as_str(), to.get(1), module.get(1)) {
        ("ports" | "domain" | "error", _, _) => true,
        ("adapters", Some(other), own) => {
            own.is_none_or(|own| own == other) || SHARED_ADAPTERS.contains(&other.as_str())
        }
        _ => false,
    }
}

/// An adapter's settings, by their name, or the secret that is one of them.
fn is_settings(to: &[String]) -> bool {
    let named = |part: &String| part.ends_with("Settings") || part == "settings";
    let secret = to.get(1).is_some_and(|part| part == "secret");
    to[0] == "adapters" && (secret || to.iter().any(named))
}

/// Whether an adapter's module, by its name in this file, is only used to name settings.
fn leads_to_settings(source: &Source, name: &str) -> bool {
    if name.starts_with(char::is_uppercase) {
        return false;
    }
    let all = &source.tokens;
    let is = |at: usize, text: &str| all.get(at).is_some_and(|token| token.is(text));
    let head = |at: &usize| {
        let before = at.checked_sub(1).map_or("", |before| all[before].text.as_str());
        all[*at].is(name) && !matches!(before, "." | "::" | "fn")
    };
    (0..all.len()).filter(head).all(|at| {
        let path = all[at..].chunks(2).take_while(|pair| pair.get(1).is_some_and(|t| t.is("::")));
        let last = at + 2 * path.count();
        let names = last > at;
        !is(at + 1, "(")
            && (!names || is_in_use(source, at) || all[last].text.ends_with("Settings"))
    })
}

/// Whether a place lies in a `use`, whose branches are looked at by themselves.
fn is_in_use(source: &Source, at: usize) -> bool {
    let before = source.tokens[..at].iter().rev();
    before.take_while(|token| !token.is(";")).any(|token| token.is("use"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str, text: &str) -> bool {
        !broken(&Source::new(path, text)).is_empty()
    }

    #[test]
    fn a_room_that_imports_upwards_is_refused() {
        for (path, text) in [
            ("src/domain/a.rs", "use crate::ports::Clock;"),
            ("src/domain/a.rs", "use super::super::error::Error;"),
            ("src/error.rs", "use crate::domain::text;"),
            ("src/ports.rs", "use crate::flow::desk::Desk;"),
            ("src/report/text.rs", "use crate::ports::Clock;"),
            ("src/flow/verify.rs", "fn f(_: &crate::adapters::clock::SystemClock) {}"),
            ("src/flow/observe/crew.rs", "use super::super::super::config::Config;"),
            ("src/adapters/git/push.rs", "use crate::config::Config;"),
            ("src/adapters/git/push.rs", "use super::super::probe::tcp::Tcp;"),
            ("src/adapters/http.rs", "use super::git::Store;"),
            ("src/config/service.rs", "use crate::adapters::probe::http::HttpProbe;"),
            (
                "src/config/service.rs",
                "use crate::adapters::probe::http; fn f() { http::connect() }",
            ),
            ("src/config/service.rs", "use crate::adapters::probe::connect; fn f() { connect() }"),
            ("src/config/service.rs", "use crate::flow::desk::Desk;"),
            ("src/wire.rs", "use crate::cli::args::Args;"),
            ("src/rollback/book.rs", "use crate::flow::desk::Desk;"),
            ("src/rollback.rs", "use crate::blue_green::Environment;"),
            ("src/blue_green/act.rs", "use crate::adapters::clock::SystemClock;"),
            ("src/lib.rs", "pub use crate::cli::run;"),
            ("src/leftover.rs", "use crate::domain::text;"),
        ] {
            assert!(refused(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn a_room_that_imports_what_it_may_is_left_in_peace() {
        for (path, text) in [
            ("src/domain/a.rs", "use super::text; use crate::domain::ids::LineId;"),
            ("src/flow/verify.rs", "use super::desk::Desk; use crate::ports::Ports;"),
            ("src/adapters/git/push.rs", "use super::refs; use crate::adapters::process::Run;"),
            ("src/config/service.rs", "use crate::adapters::probe::http::Settings;"),
            (
                "src/config/service.rs",
                "use crate::adapters::probe::{http as web}; struct A { web: web::Settings }",
            ),
            ("src/cli/run.rs", "use crate::wire; use crate::adapters::clock::SystemClock;"),
            ("src/rollback/asynchronous.rs", "use super::told; use crate::ports::Driver;"),
            ("src/blue_green/health.rs", "use crate::rollback::ask::ask;"),
            ("src/domain/a.rs", "#[cfg(test)] mod tests { use crate::flow::desk::Desk; }"),
            ("src/domain/a.rs", "// crate::flow::desk\nconst A: &str = \"crate::flow\";"),
        ] {
            assert!(!refused(path, text), "{path}: {text}");
        }
    }
}
