//! Reads every file of the repository for what only one machine knows.

use std::path::Path;
use std::process::Command;

/// Returns each line that names a folder of somebody's machine.
pub(super) fn machine_paths() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |path: &String| {
        let bytes = std::fs::read(root.join(path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        complaints(path, &text)
    };
    files(root).iter().flat_map(of).collect()
}

/// What git tracks, and what it would.
fn files(root: &Path) -> Vec<String> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let told = Command::new("git").arg("-C").arg(root).args(list).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let names = String::from_utf8(told.stdout).unwrap();
    names.split_terminator('\0').map(ToOwned::to_owned).collect()
}

fn complaints(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate().filter(|(_, line)| names_a_machine(line));
    lines.map(|(at, line)| format!("{path}:{}: {}", at + 1, line.trim())).collect()
}

fn names_a_machine(line: &str) -> bool {
    // Put together here, so that this file does not hold what it looks for.
    let homes =
        [["/ho", "me/"], ["/Us", "ers/"], ["/ro", "ot/"], ["/wo", "rk/"], ["\\Us", "ers\\"]];
    homes.iter().any(|home| starts_a_path(line, &home.concat()))
}

/// Whether the folder is where a path begins, and not in the middle of an address.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '*'))
    })
}

#[test]
fn a_path_of_one_machine_is_named_and_an_address_is_not() {
    let home = ["/ho", "me/ann/x"].concat();
    assert_eq!(complaints("docs/a.md", &format!("ok\ncd {home}\n")).len(), 1);
    assert_eq!(complaints("docs/a.md", &format!("https://example.org{home}")).len(), 0);
    assert_eq!(complaints("docs/a.md", ".github/workflows/ci.yml").len(), 0);
}
