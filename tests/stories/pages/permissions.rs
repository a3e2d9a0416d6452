//! The page of permissions lists every endpoint that the tests' GitHub answers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::page;

/// A method and a route whose parameters have lost their names.
type Endpoint = (String, String);

fn endpoint(method: &str, route: &str) -> Endpoint {
    let mut parts = route.split(['{', '}']).enumerate();
    let shape = parts.by_ref().map(|(at, part)| if at % 2 == 0 { part } else { "{}" });
    (method.to_owned(), shape.collect())
}

fn on_the_page() -> BTreeSet<Endpoint> {
    let text = page("permissions.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.filter_map(|(cell, _)| cell.split_once(' '))
        .map(|(method, route)| endpoint(method, route))
        .collect()
}

fn of_the_fake() -> BTreeSet<Endpoint> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/github");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let python = files.filter(|file| file.extension().is_some_and(|end| end == "py"));
    let text: String = python.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let routes = text.lines().filter_map(|line| line.strip_prefix("@route(\""));
    let route = |told: &str| {
        let mut words = told.split('"');
        let (method, route) = (words.next().unwrap(), words.nth(1).unwrap());
        endpoint(method, &route.replace("{repo}", "{owner}/{name}"))
    };
    routes.map(route).collect()
}

#[test]
fn the_page_of_permissions_lists_every_endpoint_there_is() {
    let (page, fake) = (on_the_page(), of_the_fake());
    assert!(fake.len() > 10, "{fake:?}");
    let missing: Vec<_> = fake.difference(&page).collect();
    let idle: Vec<_> = page.difference(&fake).collect();
    assert!(missing.is_empty(), "docs/permissions.md does not list {missing:?}");
    assert!(idle.is_empty(), "docs/permissions.md lists what nothing asks: {idle:?}");
}
