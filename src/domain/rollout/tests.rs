//! The rollout rules, each with the numbers on both sides of it.

use serde_json::Value;

use crate::domain::vectors::{self, cases, load};

use super::*;

fn deployed(change: impl FnOnce(&mut Deployment)) -> Workload {
    let mut pods = Deployment {
        wanted: Some(3),
        replicas: 3,
        updated: 3,
        available: 3,
        ..Deployment::default()
    };
    change(&mut pods);
    workload(Rollout::Deployment(pods))
}

fn on_each_node(change: impl FnOnce(&mut DaemonSet)) -> Workload {
    let strategy = Strategy::RollingUpdate { partition: None };
    let mut pods = DaemonSet { strategy, wanted: 3, updated: 3, available: 3 };
    change(&mut pods);
    workload(Rollout::DaemonSet(pods))
}

fn with_state(change: impl FnOnce(&mut StatefulSet)) -> Workload {
    let mut pods = StatefulSet {
        strategy: Strategy::RollingUpdate { partition: None },
        wanted: Some(3),
        ready: 3,
        current: 3,
        updated: 3,
        current_revision: "shop-2".to_owned(),
        update_revision: "shop-2".to_owned(),
    };
    change(&mut pods);
    workload(Rollout::StatefulSet(pods))
}

fn workload(rollout: Rollout) -> Workload {
    Workload { name: "shop".to_owned(), generation: 2, observed: 2, rollout }
}

fn unobserved(mut workload: Workload) -> Workload {
    workload.generation = 3;
    workload
}

/// Returns one line: what it is, its words, and its count.
fn told(workload: &Workload) -> String {
    match workload.progress() {
        Progress::Done(message) => format!("done: {message}"),
        Progress::Failed(message) => format!("failed: {message}"),
        Progress::Untold(message) => format!("untold: {message}"),
        Progress::Waiting(message, None) => format!("waiting: {message}"),
        Progress::Waiting(message, Some(Count { have, want, what })) => {
            format!("waiting {have}/{want} {what}: {message}")
        }
    }
}

#[track_caller]
fn each(table: &[(Workload, &str)]) {
    for (workload, expected) in table {
        assert_eq!(told(workload), *expected);
    }
}

#[test]
fn a_deployment_is_done_when_all_are_new_and_available_and_nothing_old_is_left() {
    let to_finish = "Waiting for deployment \"shop\" rollout to finish";
    let wait = |count: &str, rest: &str| format!("waiting {count}: {to_finish}: {rest}");
    each(&[
        (deployed(|_| {}), "done: deployment \"shop\" successfully rolled out"),
        (
            deployed(|pods| pods.updated = 2),
            &wait("2/3 updated", "2 out of 3 new replicas have been updated..."),
        ),
        (
            deployed(|pods| pods.replicas = 4),
            &wait("3/4 updated", "1 old replicas are pending termination..."),
        ),
        (
            deployed(|pods| pods.available = 2),
            &wait("2/3 available", "2 of 3 updated replicas are available..."),
        ),
        (
            deployed(|pods| (pods.paused, pods.updated) = (true, 0)),
            &wait("0/3 updated", "0 out of 3 new replicas have been updated... (it is paused)"),
        ),
        (
            deployed(|pods| (pods.wanted, pods.updated) = (None, 0)),
            &wait("0/3 updated", "3 old replicas are pending termination..."),
        ),
    ]);
}

#[test]
fn a_deployment_that_exceeded_its_deadline_has_failed_whatever_its_pods_say() {
    let exceeded = "failed: deployment \"shop\" exceeded its progress deadline";
    each(&[
        (deployed(|pods| pods.stalled = true), exceeded),
        (deployed(|pods| (pods.stalled, pods.updated) = (true, 0)), exceeded),
    ]);
}

#[test]
fn what_the_controller_has_not_seen_tells_nothing_also_no_exceeded_deadline() {
    let waiting = |what| format!("waiting: Waiting for {what} spec update to be observed...");
    each(&[
        (unobserved(deployed(|pods| pods.stalled = true)), &waiting("deployment")),
        (unobserved(on_each_node(|_| {})), &waiting("daemon set")),
        (unobserved(with_state(|_| {})), &waiting("statefulset")),
    ]);
    let mut young = with_state(|_| {});
    (young.generation, young.observed) = (0, 0);
    assert_eq!(told(&young), waiting("statefulset"));
}

#[test]
fn a_daemon_set_is_done_when_each_node_has_a_new_one_that_is_available() {
    let to_finish = "Waiting for daemon set \"shop\" rollout to finish";
    let wait = |count: &str, rest: &str| format!("waiting {count}: {to_finish}: {rest}");
    each(&[
        (on_each_node(|_| {}), "done: daemon set \"shop\" successfully rolled out"),
        (
            on_each_node(|pods| pods.updated = 2),
            &wait("2/3 updated", "2 out of 3 new pods have been updated..."),
        ),
        (
            on_each_node(|pods| pods.available = 2),
            &wait("2/3 available", "2 of 3 updated pods are available..."),
        ),
    ]);
}

#[test]
fn a_stateful_set_is_done_when_all_are_ready_and_of_one_revision() {
    each(&[
        (
            with_state(|_| {}),
            "done: statefulset rolling update complete 3 pods at revision shop-2...",
        ),
        (with_state(|pods| pods.ready = 1), "waiting 1/3 ready: Waiting for 2 pods to be ready..."),
        (
            with_state(|pods| (pods.current_revision, pods.updated) = ("shop-1".to_owned(), 2)),
            "waiting 2/3 updated: \
             waiting for statefulset rolling update to complete 2 pods at revision shop-2...",
        ),
    ]);
}

#[test]
fn a_partition_asks_only_for_those_above_it() {
    let partitioned = |partition, updated| {
        with_state(|pods| {
            pods.strategy = Strategy::RollingUpdate { partition: Some(partition) };
            pods.updated = updated;
            pods.current_revision = "shop-1".to_owned();
        })
    };
    let done =
        |count| format!("partitioned roll out complete: {count} new pods have been updated...");
    let finish = "Waiting for partitioned roll out to finish:";
    each(&[
        (partitioned(2, 1), &format!("done: {}", done(1))),
        (partitioned(0, 3), &format!("done: {}", done(3))),
        (partitioned(5, 0), &format!("done: {}", done(0))),
        (
            partitioned(1, 1),
            &format!("waiting 1/2 updated: {finish} 1 out of 2 new pods have been updated..."),
        ),
    ]);
}

#[test]
fn a_strategy_without_a_rollout_is_told_before_anything_else() {
    let untold = "untold: rollout status is only available for RollingUpdate strategy type, \
                  and this is `OnDelete`";
    let other = || Strategy::Other("OnDelete".to_owned());
    each(&[
        (unobserved(on_each_node(|pods| pods.strategy = other())), untold),
        (unobserved(with_state(|pods| (pods.strategy, pods.ready) = (other(), 0))), untold),
    ]);
}

#[test]
fn the_fields_own_cases_come_out_as_in_kubectl() {
    let Some(file) = load("kubernetes_rollout.json") else { return };
    let mut count = vectors::Count::default();
    for (id, case) in cases(&file, "cases") {
        let expected = &case["expected"];
        let (done, error, message) = match read(case).progress() {
            Progress::Done(message) => (true, false, message),
            Progress::Waiting(message, _) => (false, false, message),
            Progress::Failed(message) | Progress::Untold(message) => (false, true, message),
        };
        assert_eq!(error, expected["error"], "{id}");
        if !error {
            assert_eq!(done, expected["done"], "{id}");
        }
        // Where the words are left open, any will do.
        if let Some(words) = expected["message"].as_str().filter(|words| !words.is_empty()) {
            assert_eq!(message, words, "{id}");
        }
        count.held();
    }
    count.of("kubernetes_rollout", cases(&file, "cases").count());
}

fn read(case: &Value) -> Workload {
    let count = |of: &str, key: &str| case[of][key].as_u64().map(|n| u32::try_from(n).unwrap());
    let status = |key: &str| count("status", key).unwrap_or_default();
    let text = |key: &str| case["status"][key].as_str().unwrap_or_default().to_owned();
    let strategy = match case["spec"]["updateStrategy"].as_str() {
        None | Some("RollingUpdate") => {
            Strategy::RollingUpdate { partition: count("spec", "partition") }
        }
        Some(other) => Strategy::Other(other.to_owned()),
    };
    let stalled = case["status"]["conditions"].as_array().into_iter().flatten().any(|condition| {
        condition["type"] == "Progressing" && condition["reason"] == "ProgressDeadlineExceeded"
    });
    let wanted = count("spec", "replicas");
    let (updated, available) = (status("updatedReplicas"), status("availableReplicas"));
    let rollout = match case["kind"].as_str().unwrap() {
        "Deployment" => Rollout::Deployment(Deployment {
            wanted,
            replicas: status("replicas"),
            updated,
            available,
            stalled,
            paused: false,
        }),
        "DaemonSet" => Rollout::DaemonSet(DaemonSet {
            strategy,
            wanted: status("desiredNumberScheduled"),
            updated: status("updatedNumberScheduled"),
            available: status("numberAvailable"),
        }),
        "StatefulSet" => Rollout::StatefulSet(StatefulSet {
            strategy,
            wanted,
            ready: status("readyReplicas"),
            current: status("currentReplicas"),
            updated,
            current_revision: text("currentRevision"),
            update_revision: text("updateRevision"),
        }),
        other => panic!("`{other}` is not in these cases"),
    };
    Workload {
        name: case["name"].as_str().unwrap().to_owned(),
        generation: case["generation"].as_u64().unwrap(),
        observed: case["status"]["observedGeneration"].as_u64().unwrap_or_default(),
        rollout,
    }
}
