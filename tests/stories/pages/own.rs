//! The examples of own checks do what their page says.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::page;
use super::settings::blocks;

/// Writes each file that the page shows, by the name in its first remark.
fn write_down(folder: &Path, text: &str) {
    for block in ["yaml", "sh", "python"].iter().flat_map(|kind| blocks(text, kind)) {
        let remark = block.lines().take(2).find_map(|line| line.strip_prefix("# "));
        if let Some(name) = remark {
            std::fs::write(folder.join(name), block).unwrap();
            make_runnable(&folder.join(name));
        }
    }
}

#[cfg(unix)]
fn make_runnable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_runnable(_: &Path) {}

fn exit_code(folder: &Path, args: &[&str]) -> Option<i32> {
    let mut lastgood = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    lastgood.current_dir(folder).arg("check").args(args).output().unwrap().status.code()
}

#[test]
#[cfg(unix)]
fn the_condition_of_the_page_passes_fails_and_cannot_tell() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, text) = (folder.path(), page("own-checks.md"));
    write_down(folder, &text);
    let rows = text.lines().filter(|line| line.starts_with("| 1") || line.starts_with("| 3"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        std::fs::write(folder.join("age"), cells[1]).unwrap();
        assert_eq!(exit_code(folder, &["stock.yml"]), cells[3].parse().ok(), "{row}");
        count += 1;
    }
    assert_eq!(count, 3, "the page shows its cases in another way now");
}

#[test]
#[cfg(unix)]
fn the_command_of_the_page_judges_the_orders_and_the_version() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_down(folder, &page("own-checks.md"));
    std::fs::create_dir(folder.join("waiting")).unwrap();
    std::fs::write(folder.join("VERSION"), "1.4.2\n").unwrap();
    assert_eq!(exit_code(folder, &["orders.yml", "--version", "1.4.2"]), Some(0));
    assert_ne!(exit_code(folder, &["orders.yml", "--version", "1.5.0"]), Some(0));
    (0..6).for_each(|n| std::fs::write(folder.join(format!("waiting/{n}")), "").unwrap());
    assert_eq!(exit_code(folder, &["orders.yml", "--version", "1.4.2"]), Some(3));
}

fn policy(folder: &Path, document: &str) -> String {
    let mut policy = Command::new("python3");
    policy.current_dir(folder).arg("policy.py").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = policy.spawn().unwrap();
    child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
#[cfg(unix)]
fn the_policy_of_the_page_goes_back_only_for_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, text) = (folder.path(), page("own-checks.md"));
    write_down(folder, &text);
    let [document] = blocks(&text, "json")[..] else { panic!("the page shows one document") };
    assert_eq!(policy(folder, document), "rollback\n");
    let known =
        document.replace(r#""failed_before": []"#, r#""failed_before": ["checkout works"]"#);
    assert_eq!(policy(folder, &known), "hold\n");
    assert_eq!(policy(folder, &document.replace("unhealthy", "healthy")), "pass\n");
}
