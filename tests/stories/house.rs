//! Holds the rules of the house with the ordinary test command.

mod doors;
mod functions;
mod headers;
mod inputs;
mod manifest;
mod paths;
mod repository;
mod shape;
mod source;
mod tokens;
mod walls;
mod words;

use source::{Source, sources};

/// Shows everything that is wrong at once; a rule is mended in one go or not at all.
#[track_caller]
fn holds(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}\n", broken.join("\n  "));
}

fn everywhere(check: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    sources().iter().flat_map(check).collect()
}

#[test]
fn imports_fall_one_way() {
    holds("a room imports what stands above or beside it", &everywhere(walls::broken));
}

#[test]
fn each_outside_part_has_its_door() {
    holds("an outside part is used where it has no business", &everywhere(doors::broken));
}

#[test]
fn the_domain_and_the_flows_ask_no_clock() {
    holds("time and chance are passed in, not fetched", &everywhere(doors::clocks));
}

#[test]
fn the_domain_does_not_wait() {
    holds("the ground has no async", &everywhere(doors::waits));
}

#[test]
fn files_are_short() {
    let long = everywhere(shape::too_long);
    let worth_a_look = everywhere(shape::worth_a_look).join(", ");
    holds(&format!("a file is too long (over 250 and worth a look: {worth_a_look})"), &long);
}

#[test]
fn functions_are_short_or_one_flat_match() {
    holds("a function is too long", &everywhere(functions::too_long));
}

#[test]
fn the_first_line_says_why_the_file_exists() {
    holds("a file begins with `//!` and one short sentence", &everywhere(headers::broken));
}

#[test]
fn only_the_command_line_prints_and_exits_and_nothing_panics() {
    holds("a library neither prints nor ends the process", &everywhere(words::loud));
}

#[test]
fn nothing_is_unsafe() {
    holds("there is no unsafe code", &everywhere(words::not_safe));
}

#[test]
fn no_file_is_named_for_leftovers() {
    holds("a file is named for the idea in it", &everywhere(words::leftovers));
}

#[test]
fn no_work_is_left_as_a_remark() {
    holds("it is done, or it is an issue", &everywhere(words::remarks));
}

#[test]
fn no_module_comes_in_by_a_side_door() {
    holds("a module lies where its name says", &everywhere(words::side_doors));
}

#[test]
fn the_repository_names_no_folder_of_one_machine() {
    holds("a path is somebody's own", &repository::machine_paths());
}

#[test]
fn every_input_of_the_action_reaches_the_binary_one_for_one() {
    let action = include_str!("../../action.yml");
    let named = |input: String| (input.clone(), inputs::variable(&input));
    let expected: Vec<_> = inputs::declared(action).into_iter().map(named).collect();
    for step in inputs::handed_over(action) {
        assert_eq!(step, expected);
    }
    assert_eq!(inputs::handed_over(action).len(), 2);
}

#[test]
fn every_flag_has_its_variable_but_force() {
    for (flag, variable) in lastgood::cli::flags() {
        let expected = (flag != "force").then(|| inputs::variable(&flag));
        assert_eq!(variable, expected, "--{flag}");
    }
}

#[test]
fn every_input_of_the_action_is_a_flag_or_belongs_to_the_bootstrap() {
    let action = include_str!("../../action.yml");
    let flags: Vec<String> = lastgood::cli::flags().into_iter().map(|(flag, _)| flag).collect();
    let unknown: Vec<String> =
        inputs::declared(action).into_iter().filter(|input| !flags.contains(input)).collect();
    assert_eq!(unknown, ["binary-path", "download-base-url"]);
}

#[test]
fn every_dependency_is_used() {
    holds("a crate is in the manifest and in no file", &manifest::unused());
}
