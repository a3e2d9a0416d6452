//! The settings that the pages show are settings.

use std::path::Path;
use std::process::{Command, Output};

use super::{all, page};

/// What stands for a secret or an address that a page takes from a variable.
const FOREIGN: &str = "postgres://shop@db.example/shop";

/// Returns the blocks of a kind, without what marks them.
pub(super) fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let mark = format!("```{kind}\n");
    let blocks = text.match_indices(&mark).map(|(at, mark)| &text[at + mark.len()..]);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

/// Returns a whole configuration around a block, where it is of lastgood at all.
fn configuration(block: &str) -> Option<String> {
    let first = block.lines().find(|line| !line.starts_with('#'))?;
    let within = |above: &str, by: usize| {
        let indented = block.lines().map(|line| format!("{}{line}\n", " ".repeat(by)));
        Some(format!(
            "version: 1\nenvironments:\n  production:\n    verify:\n{above}{}",
            indented.collect::<String>()
        ))
    };
    match first {
        "version: 1" => Some(block.to_owned()),
        "checks:" => within("", 6),
        check if check.starts_with("- ") => within("      checks:\n", 8),
        _ => None,
    }
}

fn checked(folder: &Path, configuration: &str) -> Output {
    std::fs::write(folder.join("lastgood.yml"), configuration).unwrap();
    let mut lastgood = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    let names = configuration.split("${env:").skip(1).filter_map(|rest| rest.split('}').next());
    lastgood.envs(names.map(|name| (name, FOREIGN)));
    lastgood.current_dir(folder).args(["config", "check"]).output().unwrap()
}

#[test]
fn every_setting_that_the_pages_of_checks_show_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let pages = all().into_iter().filter(|name| name.contains("checks") || name.contains("verif"));
    let mut count = 0;
    for name in pages {
        let text = page(&name);
        for configuration in blocks(&text, "yaml").into_iter().filter_map(configuration) {
            let told = checked(folder.path(), &configuration);
            let said = String::from_utf8_lossy(&told.stdout).into_owned();
            assert!(told.status.success(), "{name} shows\n{configuration}\n{said}");
            count += 1;
        }
    }
    assert!(count > 20, "the pages show settings in another way now");
}

#[test]
fn a_setting_that_is_none_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let check = configuration("- http: {url: https://shop.example/, statuses: [200]}\n").unwrap();
    assert_eq!(checked(folder.path(), &check).status.code(), Some(2));
}
