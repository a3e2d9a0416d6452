//! Random histories, and what holds in all of them.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Deploy,
    Look(bool),
    Switch,
    Back,
    All(bool),
    Clean,
    Break(&'static str),
    TakeUp,
}

fn step() -> impl Strategy<Value = Step> {
    let breaks =
        ["fail deploy", "fail route", "fail clean", "panic deploy", "panic route", "check"];
    prop_oneof![
        3 => Just(Step::Deploy),
        3 => any::<bool>().prop_map(Step::Look),
        3 => Just(Step::Switch),
        3 => Just(Step::Back),
        2 => any::<bool>().prop_map(Step::All),
        2 => Just(Step::Clean),
        3 => prop::sample::select(breaks.to_vec()).prop_map(Step::Break),
        1 => Just(Step::TakeUp),
    ]
}

fn take(deployer: &mut Deployer, stage: &Stage, step: Step) {
    let act = |deployer: &mut Deployer| match step {
        Step::Deploy => drop(deployer.deploy("2.0", "", 1)),
        Step::Look(well) => {
            stage.finds(&[well]);
            drop(deployer.health_check());
        }
        Step::Switch => drop(deployer.switch()),
        Step::Back => drop(deployer.rollback()),
        Step::All(well) => {
            stage.finds(&[well]);
            drop(deployer.deploy_and_switch("3.0", "", 1));
        }
        Step::Clean => drop(deployer.cleanup_staging()),
        Step::Break("check") => stage.with(|world| world.panics = true),
        Step::Break(what) => stage.with(|world| world.breaks = Some(what)),
        Step::TakeUp => {
            let saved = deployer.saved().clone();
            let again = Deployer::restore(stage.clone(), deployer.config().clone(), saved);
            *deployer = again.unwrap().with_platform(stage.clone());
        }
    };
    let _ = catch_unwind(AssertUnwindSafe(|| act(deployer)));
}

/// Where the traffic really is, by what the platform was told last.
fn routed(told: &str) -> Option<&'static str> {
    let last = told.split(", ").filter_map(|word| word.strip_prefix("route ")).last()?;
    Some(if last == "green" { "green" } else { "blue" })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn one_slot_is_live_and_the_account_is_true(steps in prop::collection::vec(step(), 1..40)) {
        let stage = Stage::default();
        let mut deployer = stage.deployer(0);
        let mut really = "blue";
        for step in steps {
            let (live, records) = (deployer.live_environment(), deployer.history().to_vec());
            take(&mut deployer, &stage, step);
            let states = [Blue, Green].map(|slot| deployer.environment_state(slot));
            prop_assert_eq!(states.iter().filter(|state| **state == Live).count(), 1);
            let lives = deployer.history().iter().filter(|r| r.status == DeploymentStatus::Live);
            prop_assert!(lives.count() <= 1);
            let now = deployer.live_environment();
            let told = stage.told();
            really = routed(&told).unwrap_or(really);
            if now != live {
                prop_assert_eq!(now.as_str(), really, "the traffic is where the account says");
                prop_assert!(matches!(step, Step::Switch | Step::All(_) | Step::Back));
                let passed = deployer.deployment_info(now).is_none_or(|i| i.health_check_passed);
                prop_assert!(passed, "no traffic without a passed gate");
            }
            if told.contains("deploy") || told.contains("clean") {
                let touched = ["deploy", "clean"].map(|what| format!("{what} {live}"));
                prop_assert!(!touched.iter().any(|word| told.contains(word)));
            }
            let kept = deployer.history().iter().zip(&records).all(|(now, was)| now.id == was.id);
            prop_assert!(kept && deployer.history().len() >= records.len());
        }
        stage.with(|world| *world = World::default());
        deployer.cleanup_staging().unwrap();
        prop_assert!(deployer.deploy_and_switch("4.0", "", 1).is_ok(), "there is always a way on");
    }
}
