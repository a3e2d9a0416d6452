//! Measures files.

use super::source::Source;

const MOST: usize = 400;
const WORTH_A_LOOK: usize = 250;

/// Complains of a file that is too long, its tests left aside.
pub(super) fn too_long(source: &Source) -> Vec<String> {
    longer_than(source, MOST)
}

/// Names a file that may soon be too long.
pub(super) fn worth_a_look(source: &Source) -> Vec<String> {
    longer_than(source, WORTH_A_LOOK)
}

fn longer_than(source: &Source, most: usize) -> Vec<String> {
    let told = format!("{} has {} lines", source.path, source.lines);
    (source.lines > most).then_some(told).into_iter().collect()
}

#[test]
fn a_file_of_401_lines_is_too_long_and_its_tests_do_not_count() {
    let lines = |count: usize| "fn f();\n".repeat(count);
    let of = |text: &str| too_long(&Source::new("src/flow/a.rs", text)).len();
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines(500));
    assert_eq!(of(&lines(MOST + 1)), 1);
    assert_eq!(of(&(lines(MOST) + &tests)), 0);
    assert_eq!(worth_a_look(&Source::new("src/flow/a.rs", &lines(WORTH_A_LOOK + 1))).len(), 1);
}
