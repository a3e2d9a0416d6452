//! References to the environment, files that are no YAML, and foreign bytes.

use super::*;

#[test]
fn a_variable_that_is_not_set_is_told_at_its_reference() {
    insta::assert_snapshot!(report("version: 1
environments:
  production:
    url: \"https://${env:HOST}:${env:PORT}/\"
    services:
      api:
        driver: {command: {run: [sh, -c, 'echo ${HOME}']}}
"), @r#"
    the environment variable `PORT` is not set
     --> lastgood.yml:4:31
      |
    4 |     url: "https://${env:HOST}:${env:PORT}/"
      |                               ^^^^^^^^^^^
      |
      = help: set `PORT` where lastgood runs

    `${HOME}` is no reference to an environment variable
     --> lastgood.yml:7:48
      |
    7 |         driver: {command: {run: [sh, -c, 'echo ${HOME}']}}
      |                                                ^^^^^^^
      |
      = help: write `${env:HOME}`, or `$${HOME}` to keep it as it is

    2 mistakes in `lastgood.yml`
    "#);
}

#[test]
fn a_value_from_outside_that_does_not_fit_is_not_shown() {
    let report = report(
        "version: 1
environments:
  production:
    url: ${env:TOKEN}
    services: {api: {depends_on: ['${env:TOKEN}'], was: ['${env:TOKEN} ']}}
    verify:
      timeout: ${env:TOKEN}
      on: {fail: '${env:TOKEN}'}
      checks:
        - tcp: {address: '${env:TOKEN}'}
        - command: {run: \"${env:TOKEN} 'x\"}
",
    );
    assert!(!report.contains("hunter"), "{report}");
    insta::assert_snapshot!(report, @r#"
    the value that is put in here does not fit
     --> lastgood.yml:4:10
      |
    4 |     url: ${env:TOKEN}
      |          ^^^^^^^^^^^^
      |
      = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
     --> lastgood.yml:5:35
      |
    5 |     services: {api: {depends_on: ['${env:TOKEN}'], was: ['${env:TOKEN} ']}}
      |                                   ^^^^^^^^^^^^^^
      |
      = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
     --> lastgood.yml:5:58
      |
    5 |     services: {api: {depends_on: ['${env:TOKEN}'], was: ['${env:TOKEN} ']}}
      |                                                          ^^^^^^^^^^^^^^^
      |
      = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
     --> lastgood.yml:7:16
      |
    7 |       timeout: ${env:TOKEN}
      |                ^^^^^^^^^^^^
      |
      = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
     --> lastgood.yml:8:18
      |
    8 |       on: {fail: '${env:TOKEN}'}
      |                  ^^^^^^^^^^^^^^
      |
      = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
      --> lastgood.yml:10:26
       |
    10 |         - tcp: {address: '${env:TOKEN}'}
       |                          ^^^^^^^^^^^^^^
       |
       = help: it is not shown, since it may be a secret; look at the variable

    the value that is put in here does not fit
      --> lastgood.yml:11:26
       |
    11 |         - command: {run: "${env:TOKEN} 'x"}
       |                          ^^^^^^^^^^^^^^^^^
       |
       = help: it is not shown, since it may be a secret; look at the variable

    7 mistakes in `lastgood.yml`
    "#);
}

#[test]
fn a_name_from_outside_is_told_without_its_foreign_part() {
    let check = "{name: 'as ${env:TOKEN}', tcp: {address: 'a:1'}}";
    let text =
        format!("version: 1\nenvironments: {{p: {{verify: {{checks: [{check}, {check}]}}}}}}\n");
    let error = loaded(text).unwrap_err();
    assert_eq!(mistakes(&error)[0].message, "two checks are named `as …`");
    assert!(!error.message().contains("hunter2"));
}

#[test]
fn what_is_no_yaml_is_told_where_it_stops_being_it() {
    insta::assert_snapshot!(report("version: 1\nenvironments:\n\tproduction: {}\n"), @"
    it is no YAML: tabs disallowed within this context (block indentation)
     --> lastgood.yml:3:2
      |
    3 |  production: {}
      |  ^
      |
      = help: indent with spaces

    1 mistake in `lastgood.yml`
    ");
    insta::assert_snapshot!(report("version: 1\nenvironments: [\n"), @"
    it is no YAML: unclosed bracket '['
     --> lastgood.yml:2:15
      |
    2 | environments: [
      |               ^

    1 mistake in `lastgood.yml`
    ");
    insta::assert_snapshot!(report("version: 1\n---\nversion: 1\n"), @"
    a second document begins here
     --> lastgood.yml:3:1
      |
    3 | version: 1
      | ^
      |
      = help: keep one document; take the `---` away

    1 mistake in `lastgood.yml`
    ");
    insta::assert_snapshot!(report("version: 1\n? [a]\n: b\n"), @"
    there is no environment
     --> lastgood.yml:1:1
      |
    1 | version: 1
      | ^^^^^^^
      |
      = help: name one, such as `production: {}`

    a key is a text, and this is none
     --> lastgood.yml:2:3
      |
    2 | ? [a]
      |   ^

    2 mistakes in `lastgood.yml`
    ");
    insta::assert_snapshot!(report("# nothing\n"), @"
    the file says nothing
     --> lastgood.yml:2:1
      |
    2 |
      | ^
      |
      = help: `lastgood init` writes one to begin with

    1 mistake in `lastgood.yml`
    ");
    insta::assert_snapshot!(report("just words\n"), @"
    the text `just words` is written here, not a map of keys
     --> lastgood.yml:1:1
      |
    1 | just words
      | ^^^^^^^^^^

    1 mistake in `lastgood.yml`
    ");
}

#[test]
fn foreign_bytes_steer_no_terminal() {
    insta::assert_snapshot!(report(b"version: 1\nurl: caf\xe9\n"), @"
    this is no UTF-8
     --> lastgood.yml:2:9
      |
    2 | url: caf�
      |         ^
      |
      = help: save the file as UTF-8

    1 mistake in `lastgood.yml`
    ");
    let report =
        report("version: 1\n\"\u{202e}x\": \"\\e[31m\"\nenvironments: {a: {url: \"\u{2066}b\"}}\n");
    assert!(!report.contains(['\u{202e}', '\u{2066}', '\u{1b}']));
    insta::assert_snapshot!(report, @r#"
    the key `�x` is not known here
     --> lastgood.yml:2:1
      |
    2 | "???x": "\e[31m"
      | ^^^^^^
      |
      = help: known here: `version`, `environments`, `tags`, `comments`

    `�b` is no web address; write it like `https://shop.example`
     --> lastgood.yml:3:25
      |
    3 | environments: {a: {url: "???b"}}
      |                         ^^^^^^

    2 mistakes in `lastgood.yml`
    "#);
}

#[test]
fn files_that_would_grow_or_nest_without_end_are_refused() {
    insta::assert_snapshot!(report(vec![b' '; (1 << 20) + 1]), @"
    a configuration file holds at most 1 MiB, and this more
     --> lastgood.yml:1:1
      |
    1 |
      | ^

    1 mistake in `lastgood.yml`
    ");
    insta::assert_snapshot!(report(format!("a: {}", "[".repeat(9_000))), @"
    it nests too deep, or its aliases make it too large
     --> lastgood.yml:1:259
      |
    1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                          ^

    1 mistake in `lastgood.yml`
    ");
    let mut bomb = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned()];
    for at in 1..9 {
        let alias = format!("*a{}", at - 1);
        bomb.push(format!("a{at}: &a{at} [{}]\n", vec![alias; 9].join(", ")));
    }
    insta::assert_snapshot!(report(bomb.concat()), @"
    it nests too deep, or its aliases make it too large
     --> lastgood.yml:6:10
      |
    6 | a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
      |          ^^^

    1 mistake in `lastgood.yml`
    ");
}

#[test]
fn a_hundred_mistakes_are_enough() {
    let many: Vec<String> = (0..5_000).map(|at| format!("key{at}: 1\n")).collect();
    let error = loaded(many.concat()).unwrap_err();
    assert_eq!(mistakes(&error).len(), 100);
    assert!(error.message().ends_with("\n\nand 50 more"));
}

#[test]
fn windows_line_ends_change_no_place() {
    let report = |text: &str| {
        mistakes(&loaded(text).unwrap_err()).iter().map(|m| (m.line, m.column)).collect::<Vec<_>>()
    };
    let text = "version: 1\nenvironments:\n  ü: {url: x, keep: 5}\n  b: {c: d}\n";
    assert_eq!(report(text), [(3, 12), (3, 21), (4, 7)]);
    assert_eq!(report(&text.replace('\n', "\r\n")), [(3, 12), (3, 21), (4, 7)]);
}

#[test]
fn mistakes_are_data_for_json() {
    let error = loaded("version: 1\nenvironments: {a: {keeep: {}}}\n").unwrap_err();
    let mut mistakes = serde_json::to_value(mistakes(&error)).unwrap();
    mistakes[0]["file"] = "lastgood.yml".into();
    insta::assert_json_snapshot!(mistakes, @r#"
    [
      {
        "column": 20,
        "file": "lastgood.yml",
        "hint": "did you mean `keep`?",
        "line": 2,
        "message": "the key `keeep` is not known here"
      }
    ]
    "#);
}

#[test]
fn a_file_that_is_not_there_is_told_by_its_path() {
    let error = load(Path::new("/nowhere/lastgood.yml"), &variables).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert_eq!(error.message(), "could not read the configuration `/nowhere/lastgood.yml`");
    assert!(mistakes(&error).is_empty());
}
