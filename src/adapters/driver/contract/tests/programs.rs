//! What is written down of the calls of a driver.

use super::super::programs::Stand;

#[test]
fn calls_made_side_by_side_are_written_down_whole() {
    let folder = tempfile::tempdir().unwrap();
    let stand = Stand::recorder(folder.path(), "true");
    let words: Vec<String> = (0..40).map(|word| format!("word {word}\n")).collect();
    let start = |_| std::process::Command::new(&stand.path).args(&words).spawn().unwrap();
    let running: Vec<_> = (0..24).map(start).collect();
    for mut one in running {
        assert!(one.wait().unwrap().success());
    }
    let calls = stand.calls();
    let whole = calls.iter().filter(|call| **call == words).count();
    assert_eq!((calls.len(), whole), (24, 24));
}
