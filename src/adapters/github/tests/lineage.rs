//! What a branch holds and what lies between commits, by GitHub's comparison.

use serde_json::json;

use super::fake::Fake;
use crate::domain::names::Commit;
use crate::domain::vouch::Descent;
use crate::ports::{Branch, Lineage as _};

fn commit(digit: char) -> Commit {
    Commit::new(digit.to_string().repeat(40)).unwrap()
}

/// A repository in which `a` is old, `b` is the tip, `c` is a side branch's and `e` is of another history.
async fn repository() -> Fake {
    let fake = Fake::start();
    let compared = |digit: char, status: &str| (commit(digit).to_string(), json!(status));
    let of_main: serde_json::Map<_, _> = [
        compared('a', "behind"),
        compared('b', "identical"),
        compared('c', "diverged"),
        compared('d', "ahead"),
        compared('e', "unrelated"),
    ]
    .into_iter()
    .collect();
    let branches = json!({"trunk": of_main, "release/1.x": {(commit('c').to_string()): "behind"}});
    fake.remember(json!({"default_branch": "trunk", "compared": branches})).await;
    fake
}

#[tokio::test]
async fn what_is_behind_a_branch_or_its_tip_is_part_of_it() {
    let fake = repository().await;
    let github = fake.connect();
    for (digit, expected) in [
        ('a', Descent::Part),
        ('b', Descent::Part),
        ('c', Descent::Apart),
        ('d', Descent::Apart),
        ('e', Descent::Apart),
        ('f', Descent::Unknown("GitHub shows no such branch or commit".into())),
    ] {
        assert_eq!(github.descent(&commit(digit), &Branch::Default).await, expected, "{digit}");
    }
}

#[tokio::test]
async fn a_branch_is_asked_for_by_its_name_whatever_is_in_it() {
    let fake = repository().await;
    let branch = Branch::Named("release/1.x".into());
    assert_eq!(fake.connect().descent(&commit('c'), &branch).await, Descent::Part);
    let asked = fake.asked().await;
    let path = format!("GET /repos/octo/shop/compare/release%2F1.x...{}", commit('c'));
    assert_eq!(asked, [path]);
}

#[tokio::test]
async fn a_github_that_is_away_or_says_no_could_not_tell() {
    for kind in ["403", "500"] {
        let fake = repository().await;
        fake.fail(kind, "compare", 9).await;
        let told = fake.connect().descent(&commit('a'), &Branch::Named("trunk".into())).await;
        assert!(matches!(told, Descent::Unknown(_)), "{told:?}");
    }
}

#[tokio::test]
async fn at_most_twenty_commits_are_listed_and_all_are_counted() {
    let fake = repository().await;
    let [old, new] = ['a', 'b'].map(commit);
    let commits: Vec<_> =
        (0..30).map(|n| json!([format!("{n:040x}"), format!("Change {n}\n\nwhy")])).collect();
    let key = format!("{old}...{new}");
    fake.remember(json!({"comparisons": {key: {"status": "ahead", "commits": commits}}})).await;
    let between = fake.connect().between(&old, &new).await.unwrap().unwrap();
    assert_eq!((between.commits.len(), between.total), (20, 30));
    assert_eq!(between.commits[1], ("0000000000".to_owned(), "Change 1".to_owned()));
}
