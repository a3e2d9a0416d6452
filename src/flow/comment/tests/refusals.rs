//! Each rule by itself keeps a comment out.

use super::*;

#[test]
fn what_is_not_for_us_asks_nobody_anything() {
    for body in
        ["hello", "/lgtm", "/rollback staging", "/rollback", "/approve cancel", "/status prod now"]
    {
        let scene = scene(body);
        assert_eq!(scene.hears(), (Reason::Ignored, Vec::new()), "{body}");
    }
}

#[test]
fn a_strangers_comment_gets_a_reaction_and_no_word() {
    for role in [Role::None, Role::Read, Role::Triage] {
        for body in [
            "/rollback production",
            "/status production",
            "/lastgood help",
            "/rollback production to",
        ] {
            let scene = scene(body);
            scene.talk.roles.lock().unwrap().insert("octocat".to_owned(), role);
            let told = scene.is_refused(Reason::NotPermitted);
            assert_eq!(told, ["Seen", "reads it again", "role of octocat", "NotDone"], "{body}");
        }
    }
}

#[test]
fn a_role_that_is_not_enough_is_a_no() {
    let mut scene = scene("/rollback production");
    let demand = Demand { role: Role::Maintain, approvals: 0, teams: Vec::new() };
    scene.demand(Deed::Rollback, demand);
    scene.is_refused(Reason::NotPermitted);
}

#[test]
fn a_question_that_cannot_be_asked_is_a_no() {
    for word in ["again", "role"] {
        let scene = scene("/rollback production");
        scene.talk.broken.lock().unwrap().push(word);
        scene.is_refused(Reason::NotPermitted);
    }
    let scene = scene("/rollback production");
    scene.talk.broken.lock().unwrap().push("file");
    assert_eq!(scene.hears().0, Reason::NotPermitted);
    assert_eq!(scene.stage.runs(), "app=2.0");
}

#[test]
fn a_comment_that_is_not_what_it_was_is_refused() {
    let remark = |author: &str, body: &str| {
        Some(Remark { id: 42, author: Login::new(author), body: body.to_owned() })
    };
    for now in [
        None,
        remark("octocat", "/rollback production to 1"),
        remark("octocat", "/rollback production "),
        remark("hubot", "/rollback production"),
        remark("github-actions[bot]", "/rollback production"),
    ] {
        let scene = scene("/rollback production");
        *scene.talk.now.lock().unwrap() = now;
        let told = scene.is_refused(Reason::CommentChanged);
        assert_eq!(told, ["Seen", "reads it again", "NotDone"]);
    }
}

#[test]
fn whoever_runs_it_again_must_be_allowed_too() {
    let mut scene = scene("/rollback production");
    scene.rules.attempt = Attempt::Again(Some(login("mallory")));
    let told = scene.is_refused(Reason::NotPermitted);
    assert!(told.contains(&"role of mallory".to_owned()));
    scene.rules.attempt = Attempt::Again(None);
    scene.is_refused(Reason::NotPermitted);
    scene.talk.roles.lock().unwrap().insert("octocat".to_owned(), Role::Read);
    scene.talk.roles.lock().unwrap().insert("hubot".to_owned(), Role::Admin);
    scene.rules.attempt = Attempt::Again(Some(login("hubot")));
    scene.is_refused(Reason::NotPermitted);
    scene.talk.roles.lock().unwrap().insert("octocat".to_owned(), Role::Write);
    assert_eq!(scene.hears().0, Reason::Returned);
}

#[test]
fn a_team_is_asked_for_all_who_stand_behind_it() {
    let teams = ["octo/ops", "octo/release"].map(|name| Team::read(name).unwrap()).to_vec();
    let mut scene = scene("/rollback production");
    scene.demand(Deed::Rollback, Demand { role: Role::Write, approvals: 0, teams });
    let told = scene.is_refused(Reason::NotPermitted);
    assert_eq!(told[3..5], ["is octocat in octo/ops", "is octocat in octo/release"]);
    scene.talk.team.lock().unwrap().push("octocat".to_owned());
    scene.talk.broken.lock().unwrap().push("team");
    scene.is_refused(Reason::NotPermitted);
    scene.talk.broken.lock().unwrap().clear();
    scene.talk.roles.lock().unwrap().insert("hubot".to_owned(), Role::Admin);
    scene.rules.attempt = Attempt::Again(Some(login("hubot")));
    scene.is_refused(Reason::NotPermitted);
    scene.talk.team.lock().unwrap().push("hubot".to_owned());
    assert_eq!(scene.hears().0, Reason::Returned);
}

#[test]
fn only_what_the_default_branch_says_counts() {
    let foreign = |change: &dyn Fn(&mut Scene)| {
        let mut scene = scene("/rollback production");
        change(&mut scene);
        let before = scene.stage.state();
        let (reason, told) = scene.hears();
        assert_eq!(reason, Reason::NotDefaultBranch, "{told:#?}");
        assert_eq!(scene.stage.state(), before);
        assert!(told.contains(&"says: not_default_branch ".to_owned()), "{told:#?}");
    };
    foreign(&|scene| *scene.talk.file.lock().unwrap() = Some(b"version: 1 ".to_vec()));
    foreign(&|scene| *scene.talk.file.lock().unwrap() = None);
    foreign(&|scene| scene.rules.checkout.file = None);
    foreign(&|scene| scene.rules.checkout.head = None);
    foreign(&|scene| scene.rules.checkout.head = Some(commit('d')));
    foreign(&|scene| scene.rules.checkout.told = None);
    foreign(&|scene| {
        scene.rules.checkout.told = None;
        scene.talk.broken.lock().unwrap().push("branch");
    });
    let mut newer = scene("/rollback production");
    newer.rules.checkout.head = Some(commit('d'));
    newer.talk.on_branch.lock().unwrap().push(commit('d'));
    assert_eq!(newer.hears().0, Reason::Returned);
}

#[test]
fn a_mistake_is_answered_to_whoever_may_command() {
    let (reason, told) = scene("/rollback production to 1 2").hears();
    assert_eq!(reason, Reason::BadCommand);
    let why = "a target is one word after `to`, and a reason comes after `because`";
    assert_eq!(told[3..], [format!("says: mistake: {why}"), "NotDone".to_owned()]);
}
